/** How often something may be asked for. */
export class RateLimit {
  /** No limit by default. */
  perSecond = Infinity;
  private readonly taken = new Map<string, number[]>();

  constructor(private readonly nowMs: () => number) {}

  /** Whether this one is too many of the last second, and so does not count. */
  exceeds(of: string): boolean {
    const now = this.nowMs();
    const recent = (this.taken.get(of) ?? []).filter((atMs) => now - atMs < 1000);
    const isTooMany = recent.length >= this.perSecond;
    if (!isTooMany) recent.push(now);
    this.taken.set(of, recent);
    return isTooMany;
  }
}
