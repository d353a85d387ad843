import type { Random } from '../../src/lib/random';

export interface DelayOptions {
  /** A request waits a random number of turns of the event loop between these, on each way. */
  readonly minTurns?: number;
  readonly maxTurns?: number;
  /** With `maxDelayMs` above 0 it waits real milliseconds instead. */
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Makes requests late and unordered, at the price of a few turns of the event loop. */
export class Delays {
  private readonly waiting = new Map<number, (() => void)[]>();
  private readonly options: Required<DelayOptions>;
  private turn = 0;

  constructor(
    private readonly random: Random,
    options: DelayOptions,
  ) {
    const { minTurns = 0, maxTurns = 6, minDelayMs = 0, maxDelayMs = 0 } = options;
    this.options = { minTurns, maxTurns, minDelayMs, maxDelayMs };
  }

  /** The way to the store or back. */
  travel(): Promise<void> {
    const { minTurns, maxTurns, minDelayMs, maxDelayMs } = this.options;
    if (maxDelayMs > 0) {
      const delayMs = minDelayMs + this.random.next() * (maxDelayMs - minDelayMs);
      return new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    return this.turns(minTurns + this.random.below(maxTurns - minTurns + 1));
  }

  /** At least one turn, so that whatever is ready in the same turn comes in random order. */
  turns(count: number): Promise<void> {
    return new Promise((resolve) => {
      const at = this.turn + Math.max(1, count);
      const others = this.waiting.get(at);
      if (others !== undefined) others.push(resolve);
      else this.waiting.set(at, [resolve]);
      if (this.waiting.size === 1 && others === undefined) setImmediate(this.next);
    });
  }

  private readonly next = (): void => {
    const ready = this.waiting.get(++this.turn) ?? [];
    this.waiting.delete(this.turn);
    for (let left = ready.length; left > 0; left--) {
      const pick = this.random.below(left);
      ready[pick]!();
      ready[pick] = ready[left - 1]!;
    }
    if (this.waiting.size > 0) setImmediate(this.next);
  };
}
