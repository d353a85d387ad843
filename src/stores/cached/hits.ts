/** What of the cache may be read at once: its records, while it is provably fresh. */
import type { RecordsAtHand } from '../../store/at-hand';
import type { Key, Rec } from '../../store/record';
import type { Ref } from '../../store/records/arena';
import type { Value } from '../../values/value';
import type { Coherence } from './coherence';
import type { CacheFigures } from './figures';

export class Hits implements RecordsAtHand {
  /** Reading two clocks costs a part of a read: what was fresh still is until time passes. */
  private wasFresh = false;
  /** Found, and not yet known to be used. */
  private found = 0;

  constructor(
    private readonly coherence: Coherence,
    private readonly figures: CacheFigures,
    private readonly isFresh: () => boolean,
  ) {}

  find(db: number, key: Key): Ref {
    if (!this.wasFresh) {
      if (!this.isFresh()) return 0;
      this.wasFresh = true;
    }
    const ref = this.coherence.use(db, key);
    if (ref !== 0) this.found++;
    return ref;
  }

  valueAt(ref: Ref): Value {
    return this.coherence.cache.value(ref);
  }

  expiresAtMs(ref: Ref): number {
    return this.coherence.cache.expiresAtMs(ref);
  }

  timePasses(): void {
    this.wasFresh = false;
  }

  used(): void {
    const { figures, found } = this;
    const { cache } = this.coherence;
    figures.hits += found;
    figures.readUnitsSaved += found + cache.moreUnits;
    this.found = cache.moreUnits = 0;
  }

  unused(): void {
    this.found = this.coherence.cache.moreUnits = 0;
  }

  /** A record, whenever that is asked for. */
  peek(db: number, key: Key): Rec | undefined {
    this.timePasses();
    const ref = this.find(db, key);
    return ref === 0 ? undefined : this.coherence.recAt(ref);
  }
}
