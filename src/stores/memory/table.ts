import type { Key } from '../../store/record';
import type { MemoryRec } from './memory-rec';

/** Filled further than this it doubles. */
const MAX_LOAD = 0.7;
const MIN_SLOTS = 16;

/**
 * Records by key: open addressing with linear probing. The hashes lie together in a typed array, so
 * a look-up touches, in memory that is cold in a large keyspace, one slot there, one reference, the
 * record and its key. A Map touches more: it hashes the key itself, walks a chain, and reads the
 * key of every record in the chain on the way (measured at a million keys: 1.4 µs against 0.85).
 *
 * The low bits of a hash choose the table (see Keyspace), so slots go by the high 16. Hashes are
 * not 0: that marks a free slot.
 */
export class Table {
  private hashes = new Int32Array(MIN_SLOTS);
  private recs: (MemoryRec | undefined)[] = newSlots(MIN_SLOTS);
  private mask = MIN_SLOTS - 1;
  private used = 0;

  get size(): number {
    return this.used;
  }

  get(hash: number, key: Key): MemoryRec | undefined {
    const { hashes, mask } = this;
    for (let slot = (hash >>> 16) & mask; ; slot = (slot + 1) & mask) {
      const found = hashes[slot];
      if (found === hash) {
        const rec = this.recs[slot]!;
        if (rec.key === key) return rec;
      } else if (found === 0) {
        return undefined;
      }
    }
  }

  /** The key must not be there yet. */
  add(hash: number, rec: MemoryRec): void {
    if (this.used >= this.hashes.length * MAX_LOAD) this.grow();
    this.put(hash, rec);
    this.used++;
  }

  /** The key must be there. */
  remove(hash: number, key: Key): void {
    const { hashes, mask, recs } = this;
    let hole = (hash >>> 16) & mask;
    while (hashes[hole] !== hash || recs[hole]!.key !== key) hole = (hole + 1) & mask;
    // What follows moves up, where it may, so that no search ends at the hole too early.
    for (let slot = (hole + 1) & mask; hashes[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (hashes[slot]! >>> 16) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      hashes[hole] = hashes[slot]!;
      recs[hole] = recs[slot];
      hole = slot;
    }
    hashes[hole] = 0;
    recs[hole] = undefined;
    this.used--;
  }

  forEach(visit: (hash: number, rec: MemoryRec) => void): void {
    const { hashes, recs } = this;
    for (let slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] !== 0) visit(hashes[slot]!, recs[slot]!);
    }
  }

  private grow(): void {
    const { hashes, recs } = this;
    const slots = hashes.length * 2;
    this.hashes = new Int32Array(slots);
    this.recs = newSlots(slots);
    this.mask = slots - 1;
    for (let slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] !== 0) this.put(hashes[slot]!, recs[slot]!);
    }
  }

  private put(hash: number, rec: MemoryRec): void {
    let slot = (hash >>> 16) & this.mask;
    while (this.hashes[slot] !== 0) slot = (slot + 1) & this.mask;
    this.hashes[slot] = hash;
    this.recs[slot] = rec;
  }
}

function newSlots(count: number): (MemoryRec | undefined)[] {
  return new Array<MemoryRec | undefined>(count).fill(undefined);
}
