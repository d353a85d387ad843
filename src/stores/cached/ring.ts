/**
 * Records in a circle, by places; the hand says whose turn it is to go.
 *
 * A use only marks a record, so that it costs no more than finding it. When room is wanted, the
 * hand goes round: it takes the marks away, and the first record without one has to go. A new one
 * takes a place that the hand has just left, if there is one.
 * Source: Corbató, "A Paging Experiment with the Multics System", 1968
 */
import type { Ref } from '../../store/records/arena';

/** Places lie in arrays of so many: one that grew would be copied. */
const CHUNK_SHIFT = 13;
const CHUNK_MASK = 2 ** CHUNK_SHIFT - 1;
/** So many marks are taken away in one go: then the next has to go, marked or not. */
const MAX_STEPS = 1000;

export class Ring {
  /** A record and its database at each place, side by side. A free place: 0, and the next free one. */
  private chunks = [newChunk()];
  /** A free place below `end`; 0: none. */
  private free = 0;
  /** One more than the last place. */
  private end = 1;
  private hand = 1;
  private used = 0;

  get size(): number {
    return this.used;
  }

  /** @returns its place, never 0 */
  add(db: number, ref: Ref): number {
    const place = this.free === 0 ? this.end++ : this.free;
    if (place >> CHUNK_SHIFT === this.chunks.length) this.chunks.push(newChunk());
    if (place === this.free) this.free = this.dbAt(place);
    this.set(place, ref, db);
    this.used++;
    return place;
  }

  /** The record at the place has moved. */
  replace(place: number, ref: Ref): void {
    this.set(place, ref, this.dbAt(place));
  }

  remove(place: number): void {
    this.set(place, 0, this.free);
    this.free = place;
    this.used--;
  }

  refAt(place: number): Ref {
    return this.chunks[place >> CHUNK_SHIFT]![(place & CHUNK_MASK) * 2]!;
  }

  dbAt(place: number): number {
    return this.chunks[place >> CHUNK_SHIFT]![(place & CHUNK_MASK) * 2 + 1]!;
  }

  /**
   * The place of the record that has to go. There must be one.
   * @param takeMark takes the mark of a record away, and says whether there was one
   */
  next(takeMark: (ref: Ref) => boolean): number {
    for (let steps = 0; ;) {
      if (this.hand >= this.end) this.hand = 1;
      const place = this.hand++;
      const ref = this.refAt(place);
      if (ref !== 0 && (!takeMark(ref) || ++steps > MAX_STEPS)) return place;
    }
  }

  private set(place: number, ref: Ref, db: number): void {
    const chunk = this.chunks[place >> CHUNK_SHIFT]!;
    chunk[(place & CHUNK_MASK) * 2] = ref;
    chunk[(place & CHUNK_MASK) * 2 + 1] = db;
  }
}

function newChunk(): Int32Array {
  return new Int32Array((CHUNK_MASK + 1) * 2);
}
