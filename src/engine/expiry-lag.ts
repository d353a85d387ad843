const KEPT = 4096;

export interface LagFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lastMs: number;
}

/** How long after their deadlines keys have gone: the last few thousand of them. */
export class ExpiryLag {
  private readonly lags = new Uint32Array(KEPT);
  private count = 0;

  add(lagMs: number): void {
    this.lags[this.count++ % KEPT] = lagMs;
  }

  /** All 0 while nothing has expired. */
  figures(): LagFigures {
    const { count } = this;
    if (count === 0) return { p50Ms: 0, p99Ms: 0, lastMs: 0 };
    const sorted = this.lags.slice(0, Math.min(count, KEPT)).sort();
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1]!;
    return { p50Ms: at(0.5), p99Ms: at(0.99), lastMs: this.lags[(count - 1) % KEPT]! };
  }

  reset(): void {
    this.count = 0;
  }
}
