import type { Clock } from '../../../src/lib/clock';

/** The clock of one machine: it goes with another one, and both of its times can be set forward or back. */
export class OwnClock implements Clock {
  /** How much later it is by the time of day. */
  wallAheadMs = 0;
  /** How much later it is by the monotonic time. */
  monotonicAheadMs = 0;

  constructor(private readonly of: Clock) {}

  nowMs(): number {
    return this.of.nowMs() + this.wallAheadMs;
  }

  monotonicMs(): number {
    return this.of.monotonicMs() + this.monotonicAheadMs;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.of.after(delayMs, run);
  }
}
