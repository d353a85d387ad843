/**
 * Keeps the process near its `maxmemory`. Garbage does not count against the limit, so:
 *
 * - V8 is told to collect before much of it has piled up. It would let the heap grow to several
 *   times what is in use (measured with 200 MB of keys of 1 KB: 980 MB resident).
 * - What V8 still holds beyond a bound after a collection leaves less room for keys: garbage that
 *   came while it was collecting, holes between objects, and whatever the estimate misses.
 *
 * Both reach the whole process, so this is for one that goredis has for itself.
 */
import type { Eviction } from '../engine/eviction';
import { committedBytes, setHeapGrowth } from '../lib/heap';
import { onFullCollection } from '../lib/heap-watch';

const GROWTH_PERCENT = 15;
/** The young generation, and what a collection cannot give back. */
const SLACK_BYTES = 48 << 20;
const BOUND_FACTOR = 1.2;
/** Keys keep at least this part of the limit. */
const MAX_EXTRA_FACTOR = 0.5;

export class HeapBalance {
  private readonly emptyBytes = committedBytes();
  private stop: (() => void) | undefined;

  constructor(private readonly eviction: Eviction) {
    this.update();
  }

  /** To be called when the limit has changed. */
  update(): void {
    const limited = this.eviction.limitBytes > 0;
    if (limited === (this.stop !== undefined)) return;
    setHeapGrowth(limited ? GROWTH_PERCENT : 0);
    this.stop?.();
    this.stop = limited ? onFullCollection(() => this.correct()) : undefined;
    this.eviction.extraBytes = 0;
  }

  private correct(): void {
    const { eviction } = this;
    const { limitBytes } = eviction;
    const boundBytes = limitBytes * BOUND_FACTOR + SLACK_BYTES;
    const excess = committedBytes() - this.emptyBytes - boundBytes;
    // By halves: what it evicts is garbage first, and shows in the next collection only.
    const extra = eviction.extraBytes + excess / 2;
    eviction.extraBytes = Math.round(Math.min(Math.max(0, extra), limitBytes * MAX_EXTRA_FACTOR));
  }
}
