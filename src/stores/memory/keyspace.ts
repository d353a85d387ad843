/**
 * The records of a database by key: linear hashing over plain Maps.
 *
 * One Map would be simplest, and while a database is small it is one Map. But a Map refuses its
 * 16.7-millionth entry, and when it grows it stops the server for as long as it takes to copy
 * itself: 0.4 to 0.8 s near that limit. So whenever Maps have become too large on average, ONE of
 * them is split in two, by one more bit of a hash of the key; when they have become too small, the
 * last one is merged back. No step handles more than about 32,000 entries.
 * Source: Litwin, "Linear hashing", VLDB 1980
 */
import type { Key } from '../../store/record';
import type { MemoryRec } from './memory-rec';

/**
 * Average entries of a Map. Those not yet split in a round hold up to twice the average, the others
 * up to once: just below the powers of two at which V8 doubles the table of a Map.
 */
const ENTRIES_PER_MAP = 16_000;

/** Maps are merged when they are this many times emptier than when they are split. */
const MERGE_FACTOR = 8;

/** Keys of up to this many characters are hashed whole, longer ones by samples. */
const HASHED_WHOLE = 1024;

const { imul } = Math;

export class Keyspace {
  /** The only Map while there is one: no hash is computed then. */
  private only: Map<Key, MemoryRec> | undefined = new Map();
  private readonly maps: Map<Key, MemoryRec>[] = [this.only!];
  /** 2^n - 1 for the largest n with 2^n Maps, and twice that + 1. */
  private lowMask = 0;
  private highMask = 1;
  private count = 0;

  constructor(private readonly entriesPerMap = ENTRIES_PER_MAP) {}

  get size(): number {
    return this.count;
  }

  get mapCount(): number {
    return this.maps.length;
  }

  get(key: Key): MemoryRec | undefined {
    const only = this.only;
    return only !== undefined ? only.get(key) : this.maps[this.place(key)]!.get(key);
  }

  /** The key must not be there yet. */
  add(rec: MemoryRec): void {
    const map = this.only ?? this.maps[this.place(rec.key)]!;
    map.set(rec.key, rec);
    if (++this.count > this.entriesPerMap * this.maps.length) this.split();
  }

  /** The key must be there. */
  remove(key: Key): void {
    const map = this.only ?? this.maps[this.place(key)]!;
    map.delete(key);
    if (--this.count * MERGE_FACTOR < this.entriesPerMap * (this.maps.length - 1)) this.merge();
  }

  private place(key: Key): number {
    const hash = hashKey(key);
    const place = hash & this.highMask;
    return place < this.maps.length ? place : hash & this.lowMask;
  }

  private split(): void {
    const added = this.maps.length;
    const from = added & this.lowMask;
    // Both halves are built anew: a Map keeps room for what was deleted from it.
    const stay = new Map<Key, MemoryRec>();
    const move = new Map<Key, MemoryRec>();
    for (const rec of this.maps[from]!.values()) {
      const map = (hashKey(rec.key) & this.highMask) === added ? move : stay;
      map.set(rec.key, rec);
    }
    this.maps[from] = stay;
    this.maps.push(move);
    this.only = undefined;
    if (this.maps.length > this.highMask) {
      this.lowMask = this.highMask;
      this.highMask = this.highMask * 2 + 1;
    }
  }

  private merge(): void {
    const last = this.maps.pop()!;
    if (this.maps.length <= this.lowMask) {
      this.highMask = this.lowMask;
      this.lowMask = this.highMask >>> 1;
    }
    const into = this.maps[this.maps.length & this.lowMask]!;
    for (const rec of last.values()) into.set(rec.key, rec);
    if (this.maps.length === 1) this.only = into;
  }
}

/**
 * 32 bits of a key, of which the low ones decide the Map: so regular keys (counters, common
 * prefixes, fixed steps) must differ in them. Beyond HASHED_WHOLE characters the two ends count
 * whole, and of what is between a sample.
 */
export function hashKey(key: Key): number {
  const length = key.length;
  let hash = length;
  if (length <= HASHED_WHOLE) {
    for (let i = 0; i < length; i++) hash = mixIn(hash, key.charCodeAt(i));
  } else {
    const end = HASHED_WHOLE >> 2;
    const step = (length - 2 * end) / (HASHED_WHOLE - 2 * end);
    for (let i = 0; i < end; i++) hash = mixIn(hash, key.charCodeAt(i));
    for (let at = end; at < length - end; at += step) hash = mixIn(hash, key.charCodeAt(at));
    for (let i = length - end; i < length; i++) hash = mixIn(hash, key.charCodeAt(i));
  }
  // The finalizer of MurmurHash3: every bit reaches the low ones.
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixIn(hash: number, code: number): number {
  return imul(((hash << 5) | (hash >>> 27)) ^ code, 0x9e3779b1);
}
