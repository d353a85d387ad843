/**
 * Checks whether a history of overlapping operations could have happened one after another, each at
 * some instant between its call and its return.
 *
 * The algorithm of Wing and Gong with Lowe's memoization: walk along calls and returns in order of
 * time, try each operation that has been called as the next one, go back when an operation returns
 * that was not tried, and never look twice at the same set of done operations with the same state.
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

interface Entry {
  readonly id: number;
  readonly isCall: boolean;
  match: Entry | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

export function isLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): boolean {
  const head = linkEntries(history);
  const done = new Uint8Array(history.length);
  const seen = new Set<string>();
  const path: { entry: Entry; state: State }[] = [];
  let state = model.initial;
  // Operations whose outcome is unknown need not happen.
  let mustHappen = history.filter((operation) => operation.returnedAt !== Infinity).length;
  let entry = head.next;
  while (mustHappen > 0) {
    if (entry?.isCall === true) {
      const operation = history[entry.id]!;
      const result = model.apply(state, operation.input);
      const fits = operation.output === undefined || model.same(result.output, operation.output);
      done[entry.id] = 1;
      if (fits && !seen.has(stateKey(done, model.key(result.state)))) {
        seen.add(stateKey(done, model.key(result.state)));
        path.push({ entry, state });
        state = result.state;
        if (operation.returnedAt !== Infinity) mustHappen--;
        unlink(entry);
        entry = head.next;
      } else {
        done[entry.id] = 0;
        entry = entry.next;
      }
      continue;
    }
    // An operation has returned that was not done, or nothing is left to try: go back.
    const last = path.pop();
    if (last === undefined) return false;
    state = last.state;
    done[last.entry.id] = 0;
    if (history[last.entry.id]!.returnedAt !== Infinity) mustHappen++;
    relink(last.entry);
    entry = last.entry.next;
  }
  return true;
}

function stateKey(done: Uint8Array, state: string): string {
  return Buffer.from(done).latin1Slice() + state;
}

/** Calls and returns as a list in order of time, behind a head that is neither. */
function linkEntries(history: readonly Operation<unknown, unknown>[]): Entry {
  const events: { at: number; order: number; entry: Entry }[] = [];
  history.forEach(({ calledAt, returnedAt }, id) => {
    const call: Entry = {
      id,
      isCall: true,
      match: undefined,
      previous: undefined,
      next: undefined,
    };
    events.push({ at: calledAt, order: 0, entry: call });
    if (returnedAt === Infinity) return;
    const end: Entry = {
      id,
      isCall: false,
      match: undefined,
      previous: undefined,
      next: undefined,
    };
    call.match = end;
    events.push({ at: returnedAt, order: 1, entry: end });
  });
  events.sort((a, b) => a.at - b.at || a.order - b.order);
  const head: Entry = {
    id: -1,
    isCall: false,
    match: undefined,
    previous: undefined,
    next: undefined,
  };
  let previous = head;
  for (const { entry } of events) {
    previous.next = entry;
    entry.previous = previous;
    previous = entry;
  }
  return head;
}

function unlink(call: Entry): void {
  remove(call);
  if (call.match !== undefined) remove(call.match);
}

function relink(call: Entry): void {
  // In the opposite order of `unlink`, so that each finds its neighbours as they were.
  if (call.match !== undefined) insert(call.match);
  insert(call);
}

function remove(entry: Entry): void {
  entry.previous!.next = entry.next;
  if (entry.next !== undefined) entry.next.previous = entry.previous;
}

function insert(entry: Entry): void {
  entry.previous!.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}
