/**
 * Entries by key within a number of bytes; those go that nobody has used for long.
 *
 * The entries stand in a circle. A use only marks an entry, so that it costs no more than finding
 * it. When room is wanted, a hand goes round: it takes the marks away, and the first entry without
 * one has to go. Source: Corbató, "A Paging Experiment with the Multics System", 1968
 */
import { isSameKey } from '../../lib/key-hash';
import type { KeyOwner } from '../../lib/key-table';
import { Keyspace } from '../../lib/keyspace';

/** What is kept: it says itself what it takes, and may change that. */
export interface Kept {
  /** Its key: a text of its own. */
  readonly id: string;
  readonly bytes: number;
  /** It has been used since the hand came by. */
  used: boolean;
  /** Its place in the circle; 0: none. */
  place: number;
}

/** Places lie in arrays of so many: one that grew would be copied. */
const CHUNK_SHIFT = 13;
const CHUNK_MASK = 2 ** CHUNK_SHIFT - 1;
/** So many marks are taken away in one go: then the next has to go, marked or not. */
const MAX_STEPS = 1000;

export class ClockCache<T extends Kept> implements KeyOwner {
  bytes = 0;
  private keys = new Keyspace(this);
  private chunks: (T | undefined)[][] = [[undefined]];
  /** Places that are free, below `end`. */
  private free: number[] = [];
  /** One more than the last place. */
  private end = 1;
  private hand = 1;

  constructor(
    private readonly maxBytes: number,
    private readonly evicted: (entry: T) => void,
  ) {}

  get size(): number {
    return this.keys.size;
  }

  isKey(place: number, id: string): boolean {
    return isSameKey(id, this.at(place)!.id);
  }

  /** Whoever uses it marks it. */
  find(id: string): T | undefined {
    const place = this.keys.get(id);
    return place === 0 ? undefined : this.at(place);
  }

  /** Adds an entry whose key is not there. One that is too large leaves at once. */
  add(entry: T): void {
    if (entry.bytes > this.maxBytes) {
      this.evicted(entry);
      return;
    }
    this.makeRoom(entry.bytes);
    const place = this.free.pop() ?? this.end++;
    entry.place = place;
    entry.used = false;
    const chunk = place >> CHUNK_SHIFT;
    (this.chunks[chunk] ??= [])[place & CHUNK_MASK] = entry;
    this.keys.add(entry.id, place);
    this.bytes += entry.bytes;
  }

  /** An entry has grown, or shrunk, by so many bytes. One that is too large now leaves. */
  resized(entry: T, byBytes: number): void {
    this.bytes += byBytes;
    if (entry.bytes <= this.maxBytes) return this.makeRoom(0);
    this.remove(entry);
    this.evicted(entry);
  }

  /** It must be there. */
  remove(entry: T): void {
    const { place } = entry;
    this.keys.remove(entry.id, place);
    this.chunks[place >> CHUNK_SHIFT]![place & CHUNK_MASK] = undefined;
    this.free.push(place);
    entry.place = 0;
    this.bytes -= entry.bytes;
  }

  clear(): void {
    this.keys = new Keyspace(this);
    this.chunks = [[undefined]];
    this.free = [];
    this.end = this.hand = 1;
    this.bytes = 0;
  }

  private at(place: number): T | undefined {
    return this.chunks[place >> CHUNK_SHIFT]![place & CHUNK_MASK];
  }

  private makeRoom(forBytes: number): void {
    while (this.bytes + forBytes > this.maxBytes && this.size > 0) {
      const entry = this.nextToGo();
      this.remove(entry);
      this.evicted(entry);
    }
  }

  private nextToGo(): T {
    for (let steps = 0; ;) {
      if (this.hand >= this.end) this.hand = 1;
      const entry = this.at(this.hand++);
      if (entry === undefined) continue;
      if (!entry.used || ++steps > MAX_STEPS) return entry;
      entry.used = false;
    }
  }
}
