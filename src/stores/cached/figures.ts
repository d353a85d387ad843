/** What the cache has done, for INFO. */
import { Histogram } from '../../lib/histogram';
import type { RecordCache } from './record-cache';

export class CacheFigures {
  hits = 0;
  readUnitsSaved = 0;
  private misses = 0;
  private bypassed = 0;
  private flushes = 0;
  private lastFlush = '';
  private readonly staleness = new Histogram();
  private maxStalenessMs = 0;

  /** Reads that went to the table. @param fresh false: whatever the cache held */
  missed(keys: number, fresh: boolean): void {
    if (fresh) this.misses += keys;
    else this.bypassed += keys;
  }

  flushed(reason: string): void {
    this.flushes++;
    this.lastFlush = reason;
  }

  /** A change has become visible so long after its commit, by the clocks of both nodes. */
  visible(ms: number): void {
    this.staleness.record(ms);
    this.maxStalenessMs = Math.max(this.maxStalenessMs, ms);
  }

  cacheFields(cache: RecordCache, populated: number): Record<string, number | string> {
    const reads = this.hits + this.misses + this.bypassed;
    return {
      entries: cache.size,
      bytes: cache.bytes,
      hits: this.hits,
      misses: this.misses,
      bypassed_reads: this.bypassed,
      hit_ratio: reads === 0 ? 0 : Number((this.hits / reads).toFixed(4)),
      populated,
      evicted: cache.evicted,
      flushes: this.flushes,
      last_flush: this.lastFlush,
      read_units_saved: this.readUnitsSaved,
    };
  }

  stalenessFields(): Record<string, number> {
    return {
      staleness_p50_ms: this.staleness.percentile(50),
      staleness_p99_ms: this.staleness.percentile(99),
      staleness_max_ms: Math.max(0, Math.round(this.maxStalenessMs)),
    };
  }
}
