/** Where the owner of a table keeps what belongs to a key; not 0. */
export type Ref = number;

/** Knows the keys, of which a table has only hashes. */
export interface KeyOwner {
  isKey(ref: Ref, key: string): boolean;
}

/** Filled further than this it doubles. */
const MAX_LOAD = 0.7;
const MIN_SLOTS = 16;

/**
 * Records by key: open addressing with linear probing. A slot is a hash and a record's ref, side by
 * side outside V8's heap, so a look-up in a large keyspace touches two cold places: the slot, and
 * the record with its key. A Map of objects touches four or more (measured at a million keys:
 * 1.4 µs a look-up).
 *
 * The low bits of a hash choose the table (see Keyspace), so slots go by the high 16. Hashes are
 * not 0: that marks a free slot.
 */
export class KeyTable {
  private slots = new Int32Array(MIN_SLOTS * 2);
  private mask = MIN_SLOTS - 1;
  private used = 0;

  constructor(private readonly owner: KeyOwner) {}

  get size(): number {
    return this.used;
  }

  get bytes(): number {
    return this.slots.length * 4;
  }

  /** The record of a key; 0: there is none. */
  get(hash: number, key: string): Ref {
    const { owner, slots, mask } = this;
    for (let slot = (hash >>> 16) & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot * 2];
      if (found === hash) {
        const ref = slots[slot * 2 + 1]!;
        if (owner.isKey(ref, key)) return ref;
      } else if (found === 0) {
        return 0;
      }
    }
  }

  /** The key must not be there yet. */
  add(hash: number, ref: Ref): void {
    if (this.used >= (this.mask + 1) * MAX_LOAD) this.grow();
    this.put(hash, ref);
    this.used++;
  }

  /** A record has moved. It must be there. */
  replace(hash: number, ref: Ref, moved: Ref): void {
    this.slots[this.slotOf(hash, ref) * 2 + 1] = moved;
  }

  /** The record must be there. */
  remove(hash: number, ref: Ref): void {
    const { slots, mask } = this;
    let hole = this.slotOf(hash, ref);
    // What follows moves up, where it may, so that no search ends at the hole too early.
    for (let slot = (hole + 1) & mask; slots[slot * 2] !== 0; slot = (slot + 1) & mask) {
      const home = (slots[slot * 2]! >>> 16) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole * 2] = slots[slot * 2]!;
      slots[hole * 2 + 1] = slots[slot * 2 + 1]!;
      hole = slot;
    }
    slots[hole * 2] = 0;
    this.used--;
  }

  forEach(visit: (hash: number, ref: Ref) => void): void {
    const { slots } = this;
    for (let i = 0; i < slots.length; i += 2) {
      if (slots[i] !== 0) visit(slots[i]!, slots[i + 1]!);
    }
  }

  private slotOf(hash: number, ref: Ref): number {
    const { slots, mask } = this;
    let slot = (hash >>> 16) & mask;
    while (slots[slot * 2 + 1] !== ref || slots[slot * 2] === 0) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { slots } = this;
    this.slots = new Int32Array(slots.length * 2);
    this.mask = slots.length - 1;
    for (let i = 0; i < slots.length; i += 2) {
      if (slots[i] !== 0) this.put(slots[i]!, slots[i + 1]!);
    }
  }

  private put(hash: number, ref: Ref): void {
    const { slots, mask } = this;
    let slot = (hash >>> 16) & mask;
    while (slots[slot * 2] !== 0) slot = (slot + 1) & mask;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = ref;
  }
}
