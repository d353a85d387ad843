/**
 * The records of a database in the order of their creation: what SCAN walks and RANDOMKEY draws
 * from. Each record has a number; an array in the order of the numbers is cut into chunks.
 *
 * A chunk is dense at first: the record with number n lies at n - base, and a removed one leaves a
 * hole. Once more than half of it is holes it becomes sparse: its records close up and are found by
 * binary search. Sparse neighbours that fit into one chunk are merged. So memory follows the number
 * of records that exist, however many came and went, every step is small, and a random place holds
 * a record often enough.
 *
 * SCAN goes from the newest to the oldest and its cursor is the number reached. A key that exists
 * all the while keeps its number and is met; what is created meanwhile has a higher number and
 * cannot keep the scan from ending; nothing of a scan is remembered here.
 */
import type { Random } from '../../lib/random';
import type { Ref } from '../../store/records/arena';
import type { Records } from '../../store/records/records';

const CHUNK = 1024;
/** A chunk shorter than this is left as it is: closing it up would save nothing. */
const MIN_COMPACTED = 16;
/** Draws before a random record is simply looked for. One in eight succeeds at worst, on average. */
const MAX_DRAWS = 128;

/** No record: stands where one was removed. */
const HOLE = 0;

class Chunk {
  readonly refs = new Int32Array(CHUNK);
  length = 0;
  live = 0;
  dense = true;

  /** @param base no record in it has a lower number */
  constructor(readonly base: number) {}

  push(ref: Ref): void {
    this.refs[this.length++] = ref;
    this.live++;
  }

  /** Closes up the holes. */
  compact(): void {
    const { refs } = this;
    let kept = 0;
    for (let i = 0; i < this.length; i++) if (refs[i] !== HOLE) refs[kept++] = refs[i]!;
    this.length = kept;
    this.dense = false;
  }
}

export class CreationOrder {
  private readonly chunks: Chunk[] = [];
  private nextNumber = 1;
  private count = 0;

  constructor(private readonly records: Records) {}

  get size(): number {
    return this.count;
  }

  get chunkCount(): number {
    return this.chunks.length;
  }

  /** The number that the next record will have. */
  get end(): number {
    return this.nextNumber;
  }

  /** Gives the record the next number. */
  add(ref: Ref): void {
    let open = this.chunks[this.chunks.length - 1];
    if (open === undefined || !open.dense || open.length === CHUNK) {
      if (open !== undefined) this.settle(this.chunks.length - 1);
      open = new Chunk(this.nextNumber);
      this.chunks.push(open);
    }
    this.records.setNumber(ref, this.nextNumber++);
    open.push(ref);
    this.count++;
  }

  /** The record must be there. */
  remove(ref: Ref): void {
    const seq = this.records.number(ref);
    const place = this.chunkOf(seq);
    const chunk = this.chunks[place]!;
    if (chunk.dense) {
      chunk.refs[seq - chunk.base] = HOLE;
    } else {
      const at = this.firstFrom(chunk, seq);
      chunk.refs.copyWithin(at, at + 1, chunk.length--);
    }
    chunk.live--;
    this.count--;
    this.settle(place);
  }

  /** A record has moved; its number has not changed. */
  replace(ref: Ref, moved: Ref): void {
    const seq = this.records.number(moved);
    const chunk = this.chunks[this.chunkOf(seq)]!;
    // The old block is free already: in a sparse chunk it has to be found by itself.
    const at = chunk.dense ? seq - chunk.base : chunk.refs.indexOf(ref);
    chunk.refs[at] = moved;
  }

  /**
   * Visits up to `count` records with numbers below `below`, newest first.
   * @returns the number to go on below, 0 when there is nothing more
   */
  page(below: number, count: number, visit: (ref: Ref) => void): number {
    let visited = 0;
    let last = 0;
    for (let place = this.chunkOf(below - 1); place >= 0; place--) {
      const chunk = this.chunks[place]!;
      const { refs } = chunk;
      const end = chunk.dense
        ? Math.min(below - chunk.base, chunk.length)
        : this.firstFrom(chunk, below);
      for (let i = end - 1; i >= 0; i--) {
        const ref = refs[i]!;
        if (ref === HOLE) continue;
        if (visited === count) return last;
        last = this.records.number(ref);
        visited++;
        visit(ref);
      }
    }
    return 0;
  }

  /** A record, each with the same chance; 0 if there are none. */
  sample(random: Random): Ref {
    const chunks = this.chunks;
    if (this.count === 0) return HOLE;
    // All chunks count as equally long, and what is not there is drawn again: this makes it fair.
    let length = CHUNK;
    if (chunks.length <= 8) {
      length = chunks.reduce((longest, chunk) => Math.max(longest, chunk.length), 0);
    }
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const chunk = chunks[random.below(chunks.length)]!;
      const at = random.below(length);
      if (at < chunk.length && chunk.refs[at] !== HOLE) return chunk.refs[at]!;
    }
    return this.search(random, () => true);
  }

  /** The first record that `accept` takes, beginning at a random chunk; 0 if there is none. */
  search(random: Random, accept: (ref: Ref) => boolean): Ref {
    const start = random.below(this.chunks.length);
    for (let i = 0; i < this.chunks.length; i++) {
      const chunk = this.chunks[(start + i) % this.chunks.length]!;
      for (let at = 0; at < chunk.length; at++) {
        const ref = chunk.refs[at]!;
        if (ref !== HOLE && accept(ref)) return ref;
      }
    }
    return HOLE;
  }

  /** The last chunk whose base is not above `number`, -1 if there is none. */
  private chunkOf(number: number): number {
    const chunks = this.chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (chunks[middle]!.base <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The place in a sparse chunk of the first record whose number is not below `number`. */
  private firstFrom(chunk: Chunk, number: number): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records.number(chunk.refs[middle]!) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Removes, closes up or merges a chunk that has become emptier. */
  private settle(place: number): void {
    const chunk = this.chunks[place]!;
    if (chunk.dense && chunk.live > 0) {
      if (chunk.length < MIN_COMPACTED || chunk.live * 2 >= chunk.length) return;
      chunk.compact();
    }
    if (chunk.live === 0) {
      this.chunks.splice(place, 1);
      // What were the neighbours of an empty chunk are now neighbours of each other.
      if (place > 0) this.join(place - 1);
    } else {
      this.join(place);
      if (place > 0) this.join(place - 1);
    }
  }

  /** Merges a chunk with the next if both are sparse and fit into one. */
  private join(place: number): void {
    const chunk = this.chunks[place]!;
    const next = this.chunks[place + 1];
    if (next === undefined || chunk.dense || next.dense || chunk.live + next.live > CHUNK) return;
    for (let i = 0; i < next.length; i++) chunk.push(next.refs[i]!);
    this.chunks.splice(place + 1, 1);
  }
}
