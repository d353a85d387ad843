/**
 * Checks whether a history of overlapping operations could have happened one after another, each at
 * some instant between its call and its return.
 *
 * The algorithm of Wing and Gong with Lowe's memoization: try each operation that may come next, go
 * back when none is left, and never look twice at the same set of done operations with the same
 * state. Operations whose outcome is unknown need not happen: they are tried last, only where they
 * change the state, and a state that was reached with fewer of them stands for all that need more.
 * Source: G. Lowe, "Testing for linearizability" (2017)
 */

export interface Operation<Input, Output> {
  readonly input: Input;
  /** What it answered; undefined if that is not known. */
  readonly output: Output | undefined;
  readonly calledAt: number;
  /** Infinity: it may take effect at any later time, or never. */
  readonly returnedAt: number;
}

export interface Model<State, Input, Output> {
  readonly initial: State;
  apply(state: State, input: Input): { readonly state: State; readonly output: Output };
  /** The same text for states that are the same. */
  key(state: State): string;
  same(a: Output, b: Output): boolean;
}

export function isLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): boolean {
  return new Search(model, history).run();
}

/** What has been done so far, and what may come next. */
interface Step<State> {
  readonly state: State;
  /** Of the operations that have returned, in order of their calls: all before this one are done. */
  readonly low: number;
  /** Those done behind it. */
  readonly ahead: ReadonlySet<number>;
  /** Those done whose outcome is unknown, a bit each. */
  readonly lost: bigint;
}

class Search<State, Input, Output> {
  private readonly returned: readonly Operation<Input, Output>[];
  private readonly lost: readonly Operation<Input, Output>[];
  /** By what is done and the state: the sets of lost operations with which it was reached. */
  private readonly seen = new Map<string, bigint[]>();

  constructor(
    private readonly model: Model<State, Input, Output>,
    history: readonly Operation<Input, Output>[],
  ) {
    const byCall = [...history].sort((a, b) => a.calledAt - b.calledAt);
    this.returned = byCall.filter(({ returnedAt }) => returnedAt !== Infinity);
    this.lost = byCall.filter(({ returnedAt }) => returnedAt === Infinity);
  }

  run(): boolean {
    const first = { state: this.model.initial, low: 0, ahead: new Set<number>(), lost: 0n };
    const path = [this.next(first)];
    for (;;) {
      const steps = path.at(-1);
      if (steps === undefined) return false;
      const { value: step, done } = steps.next();
      if (done === true) path.pop();
      else if (step.low === this.returned.length) return true;
      else if (!this.isSeen(step)) path.push(this.next(step));
    }
  }

  private *next(step: Step<State>): Generator<Step<State>, undefined> {
    const { model, returned } = this;
    const { state, low, ahead } = step;
    const open: number[] = [];
    let firstReturn = Infinity;
    for (let at = low; at < returned.length; at++) {
      if (ahead.has(at)) continue;
      if (returned[at]!.calledAt > firstReturn) break;
      firstReturn = Math.min(firstReturn, returned[at]!.returnedAt);
      open.push(at);
    }
    for (const at of open) {
      const { calledAt, input, output } = returned[at]!;
      if (calledAt > firstReturn) continue;
      const result = model.apply(state, input);
      if (output !== undefined && !model.same(result.output, output)) continue;
      yield { ...this.doneWith(step, at), state: result.state, lost: step.lost };
    }
    const key = model.key(state);
    for (const [at, { calledAt, input }] of this.lost.entries()) {
      const bit = 1n << BigInt(at);
      if (calledAt > firstReturn) break;
      if ((step.lost & bit) !== 0n) continue;
      const result = model.apply(state, input);
      if (model.key(result.state) === key) continue;
      yield { ...step, state: result.state, lost: step.lost | bit };
    }
    return undefined;
  }

  private doneWith({ low, ahead }: Step<State>, at: number): Pick<Step<State>, 'low' | 'ahead'> {
    const after = new Set(ahead).add(at);
    while (after.delete(low)) low++;
    return { low, ahead: after };
  }

  private isSeen({ state, low, ahead, lost }: Step<State>): boolean {
    const done = [...ahead].sort((a, b) => a - b).join();
    const key = `${low}:${done}:${this.model.key(state)}`;
    const sets = this.seen.get(key) ?? [];
    if (sets.some((fewer) => (lost & fewer) === fewer)) return true;
    this.seen.set(key, [...sets.filter((more) => (more & lost) !== lost), lost]);
    return false;
  }
}
