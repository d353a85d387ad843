/**
 * How far DynamoDB's clock is from ours. Its answers carry their time in whole seconds (the header
 * Date), so that one answer says little; but each tells bounds, and the bounds of many hold
 * together: the time of an answer lies between sending and receiving.
 *
 * The bounds are those of DynamoDB's time on this machine's monotonic clock, which nobody can set.
 * So they go on holding when the machine's clock is set, be it right or wrong.
 */

/** Bounds from so long ago may not hold any more: clocks drift. */
const FORGET_MS = 600_000;

/** What to add to the monotonic clock. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

const UNKNOWN: Bounds = { low: -Infinity, high: Infinity };

export class ClockOffset {
  private bounds = UNKNOWN;
  /** Those of the last while, which will take the place of `bounds`. */
  private fresh = UNKNOWN;
  private freshSinceMs = -Infinity;

  /** @param dateMs the answer's time, cut to whole seconds; the others by the monotonic clock */
  observe(dateMs: number, sentMs: number, receivedMs: number): void {
    if (receivedMs - this.freshSinceMs > FORGET_MS) {
      this.bounds = this.fresh;
      this.fresh = UNKNOWN;
      this.freshSinceMs = receivedMs;
    }
    const seen = { low: dateMs - receivedMs, high: dateMs + 1000 - sentMs };
    this.fresh = both(this.fresh, seen);
    this.bounds = both(this.bounds, seen);
  }

  /**
   * What to add to a clock, in whole ms: nothing while it may well agree with DynamoDB's.
   * @param nowMs what it shows
   * @param monotonicMs what the monotonic clock shows at the same time
   */
  offsetMs(nowMs: number, monotonicMs: number): number {
    const low = this.bounds.low + monotonicMs - nowMs;
    const high = this.bounds.high + monotonicMs - nowMs;
    if (low > 0) return Math.floor(low);
    return high < 0 ? Math.ceil(high) : 0;
  }
}

/** What both say; if they contradict each other a clock has been set, and only the later counts. */
function both(before: Bounds, seen: Bounds): Bounds {
  const low = Math.max(before.low, seen.low);
  const high = Math.min(before.high, seen.high);
  return low <= high ? { low, high } : seen;
}
