import type { Clock } from '../lib/clock';

/** A page of so many records was cut off there. Source: API_streams_GetRecords, Limit. */
export const PAGE_RECORDS = 1000;
/** A page ends at 1 MB; one that comes close may have. */
const FULL_PAGE_BYTES = 900_000;

/** What a page was like. */
export interface PageSize {
  readonly records: number;
  readonly bytes: number;
  /** It held what others have written, not only the follower's own beacons. */
  readonly news: boolean;
}

/**
 * When to ask a shard again. Never more often, in the long run, than so many times a second: DynamoDB
 * counts the calls of all who follow. At once after a page that was cut off, as long as calls are
 * left that were not made before; rarely where nothing happens.
 */
export class Pace {
  private readonly leastMs: number;
  private idleMs: number;
  /** Calls that may be made at once. */
  private spare = 1;
  private countedAtMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly callsPerSecond: number,
    /** The longest pause where nothing happens. */
    private readonly mostMs: number,
  ) {
    this.leastMs = 1000 / callsPerSecond;
    this.idleMs = this.leastMs;
    this.countedAtMs = clock.monotonicMs();
  }

  /** How long to wait after a page. @param behind more has happened than was seen */
  next(page: PageSize, behind: boolean): number {
    const nowMs = this.clock.monotonicMs();
    const earned = ((nowMs - this.countedAtMs) / 1000) * this.callsPerSecond;
    this.spare = Math.min(this.callsPerSecond, this.spare + earned) - 1;
    this.countedAtMs = nowMs;
    const full = page.records >= PAGE_RECORDS || page.bytes >= FULL_PAGE_BYTES;
    const owedMs = this.spare >= 0 ? 0 : -this.spare * this.leastMs;
    if (page.news || behind) this.idleMs = this.leastMs;
    else this.idleMs = Math.max(this.leastMs, Math.min(this.idleMs * 2, this.mostMs));
    return full ? owedMs : Math.max(owedMs, this.idleMs);
  }
}
