/** What of the cache may be read at once: its records, while it is provably fresh. */
import type { RecordsAtHand } from '../../store/at-hand';
import type { Key, Rec } from '../../store/record';
import type { Ref } from '../../store/records/arena';
import type { Value } from '../../values/value';
import type { Coherence } from './coherence';
import type { CacheFigures } from './figures';

/** DynamoDB's unit of a read: 4 KB. */
const READ_UNIT_SHIFT = 12;
const READ_UNIT_MASK = (1 << READ_UNIT_SHIFT) - 1;

export class Hits implements RecordsAtHand {
  /** When the cache was last found to be fresh, as who asked told the time. */
  private freshAtMs = NaN;

  constructor(
    private readonly coherence: Coherence,
    private readonly figures: CacheFigures,
    private readonly isFresh: () => boolean,
  ) {}

  find(db: number, key: Key, nowMs: number): Ref {
    const { coherence, figures } = this;
    // Reading two clocks costs a part of a read: what was fresh in this millisecond still is.
    if (nowMs !== this.freshAtMs) {
      if (!this.isFresh()) return 0;
      this.freshAtMs = nowMs;
    }
    const ref = coherence.use(db, key);
    if (ref === 0) return 0;
    figures.hits++;
    figures.readUnitsSaved +=
      (coherence.cache.contentBytes(ref) + READ_UNIT_MASK) >>> READ_UNIT_SHIFT;
    return ref;
  }

  valueAt(ref: Ref): Value | undefined {
    return this.coherence.cache.value(ref);
  }

  expiresAtMs(ref: Ref): number {
    return this.coherence.cache.expiresAtMs(ref);
  }

  peek(db: number, key: Key, nowMs: number): Rec | undefined {
    const ref = this.find(db, key, nowMs);
    return ref === 0 ? undefined : this.coherence.recAt(ref);
  }
}
