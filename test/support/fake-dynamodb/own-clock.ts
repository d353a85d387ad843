import type { Clock } from '../../../src/lib/clock';

/**
 * The clock of one machine: it goes with another one, both of its times can be set forward or back,
 * and its process can be stopped for a while.
 */
export class OwnClock implements Clock {
  /** How much later it is by the time of day. */
  wallAheadMs = 0;
  /** How much later it is by the monotonic time. */
  monotonicAheadMs = 0;
  private isFrozen = false;
  private readonly missed = new Set<() => void>();

  constructor(private readonly of: Clock) {}

  nowMs(): number {
    return this.of.nowMs() + this.wallAheadMs;
  }

  monotonicMs(): number {
    return this.of.monotonicMs() + this.monotonicAheadMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const cancel = this.of.after(delayMs, () => {
      if (this.isFrozen) this.missed.add(run);
      else run();
    });
    return () => {
      cancel();
      this.missed.delete(run);
    };
  }

  /** As SIGSTOP does: no timer runs, whatever the time. */
  freeze(): void {
    this.isFrozen = true;
  }

  /** As SIGCONT does: timers run whose time has come meanwhile. */
  thaw(): void {
    this.isFrozen = false;
    for (const run of this.missed) {
      this.missed.delete(run);
      run();
    }
  }
}
