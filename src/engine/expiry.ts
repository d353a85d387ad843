/**
 * Removes keys when their deadline passes, whether or not anybody looks at them.
 *
 * One timer is set for the nearest deadline of all keys. A key that gets a nearer one moves the
 * timer; nothing else does: when it fires for a deadline that is gone by then, it is set again. So
 * an idle server sleeps but for a look at the time of day now and then (Clock.at), a key that is
 * refreshed a million times costs a timer once a life, and a command that sets a deadline compares
 * two numbers.
 *
 * Many keys may fall due at once. They are removed in slices of a few milliseconds, and between two
 * of them the event loop serves everybody else.
 */
import type { Clock } from '../lib/clock';
import type { InPlaceStore } from '../store/in-place';
import type { Key } from '../store/record';

/** How long a slice may take before others have their turn. */
const SLICE_MS = 4;
/** Keys between two looks at the time. */
const STEP_KEYS = 128;

export class Expiry {
  /** The deadline the timer is set for; Infinity: there is none. */
  nextMs = Infinity;
  /** False: keys go when somebody looks at them, as with DEBUG SET-ACTIVE-EXPIRE 0. */
  private active = true;
  private held = false;
  /** Is told how long a slice has taken. */
  onSlice: ((ms: number) => void) | undefined;
  private cancelTimer: (() => void) | undefined;
  private continuation: NodeJS.Immediate | undefined;

  constructor(
    private readonly store: InPlaceStore,
    private readonly clock: Clock,
    /** Removes a key that has expired at `nowMs`, and says so. */
    private readonly remove: (db: number, key: Key, nowMs: number) => void,
  ) {}

  /** Begins, for keys that are there already. */
  start(): void {
    this.active = true;
    this.rearm();
  }

  stop(): void {
    this.active = false;
    this.disarm();
  }

  /** Nothing is removed until it is let go. */
  hold(held: boolean): void {
    this.held = held;
    if (held) this.disarm();
    else this.rearm();
  }

  /** A key has a deadline before `nextMs`. */
  nearer(deadlineMs: number): void {
    if (this.active && !this.held) this.arm(deadlineMs);
  }

  private arm(deadlineMs: number): void {
    this.disarm();
    this.nextMs = deadlineMs;
    const { clock } = this;
    this.cancelTimer =
      clock.at?.(deadlineMs, this.expireDue) ??
      clock.after(Math.max(0, deadlineMs - clock.nowMs()), this.expireDue);
  }

  private disarm(): void {
    this.nextMs = Infinity;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.continuation !== undefined) clearImmediate(this.continuation);
    this.continuation = undefined;
  }

  private rearm(): void {
    this.disarm();
    if (!this.active || this.held) return;
    const nextMs = this.store.nextDeadlineMs();
    if (nextMs !== undefined) this.arm(nextMs);
  }

  private readonly expireDue = (): void => {
    const startMs = this.clock.monotonicMs();
    const done = this.removeDue(startMs);
    this.onSlice?.(this.clock.monotonicMs() - startMs);
    if (done) {
      this.rearm();
      return;
    }
    this.disarm();
    // Work is under way: no nearer deadline may set the timer before it is done.
    this.nextMs = -Infinity;
    this.continuation = setImmediate(this.expireDue);
  };

  /** @returns whether nothing more is due */
  private removeDue(startMs: number): boolean {
    for (;;) {
      const nowMs = this.clock.nowMs();
      const due = this.store.due(nowMs, STEP_KEYS);
      for (const { db, key } of due) this.remove(db, key, nowMs);
      // A timer may fire a moment early; then nothing was due, and it is set again.
      if (due.length < STEP_KEYS) return true;
      if (this.clock.monotonicMs() - startMs >= SLICE_MS) return false;
    }
  }
}
