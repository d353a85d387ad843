/**
 * A histogram of whole numbers from 1 to 1e9 with two significant digits, in Gil Tene's layout:
 * buckets that double in width, each cut into equal parts. Recording is one addition; a value is
 * known to 1 %. INFO latencystats and LATENCY HISTOGRAM must print what Redis prints for the same
 * times, so the layout is Redis's.
 * Source: deps/hdr_histogram/hdr_histogram.c of Redis 7.0, https://hdrhistogram.org
 */

/** The least power of two that keeps two digits apart in both halves of a bucket. */
const PARTS = 256;
const HALF = PARTS / 2;
const HALF_BITS = 7;
const MAX_VALUE = 1e9;
/** Buckets needed to reach MAX_VALUE: each covers twice what the one before covers. */
const BUCKETS = 23;

export class Histogram {
  count = 0;
  private readonly counts = new Float64Array((BUCKETS + 1) * HALF);

  /** Values outside the range count as its ends. */
  record(value: number, times = 1): void {
    const whole = value < 1 ? 1 : value > MAX_VALUE ? MAX_VALUE : Math.floor(value);
    this.counts[indexOf(whole)]! += times;
    this.count += times;
  }

  /** The highest value that counts as equal to the one at the percentile; 0 without any. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.floor((Math.min(percent, 100) / 100) * this.count + 0.5));
    let below = 0;
    for (let index = 0; index < this.counts.length; index++) {
      below += this.counts[index]!;
      if (below >= rank) return percent === 0 ? lowest(index) : highest(index);
    }
    return 0;
  }

  /**
   * How many values lie at or below each of a row of bounds that double, the first of them `first`;
   * only bounds that add something.
   * Source: log_iter_next in hdr_histogram.c, fillCommandCDF in latency.c
   */
  distribution(first: number): { readonly upTo: number; readonly count: number }[] {
    const steps: { upTo: number; count: number }[] = [];
    let bound = first;
    let index = -1;
    let sum = 0;
    let before = 0;
    while (sum < this.count) {
      const from = lowest(indexOf(bound));
      while (index < 0 || (lowest(index) < from && index < this.counts.length - 1)) {
        index++;
        sum += this.counts[index]!;
      }
      if (sum > before) steps.push({ upTo: highest(index), count: sum });
      before = sum;
      bound *= 2;
    }
    return steps;
  }

  /** How many values lie at or below each bound; those that count as equal to it do. @param bounds ascending */
  upTo(bounds: readonly number[]): number[] {
    let index = 0;
    let sum = 0;
    return bounds.map((bound) => {
      for (const end = indexOf(bound); index <= end; index++) sum += this.counts[index]!;
      return sum;
    });
  }
}

function indexOf(value: number): number {
  const bucket = Math.max(0, 24 - Math.clz32(value));
  return ((bucket + 1) << HALF_BITS) + (value >>> bucket) - HALF;
}

function bucketOf(index: number): number {
  return Math.max(0, (index >> HALF_BITS) - 1);
}

/** The least value with this index. */
function lowest(index: number): number {
  const bucket = bucketOf(index);
  const part = index < PARTS ? index : (index & (HALF - 1)) + HALF;
  return part * 2 ** bucket;
}

function highest(index: number): number {
  return lowest(index) + 2 ** bucketOf(index) - 1;
}
