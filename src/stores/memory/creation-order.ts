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
import { HOLE, type MemoryRec } from './memory-rec';

const CHUNK = 1024;
/** A chunk shorter than this is left as it is: closing it up would save nothing. */
const MIN_COMPACTED = 16;
/** Draws before a random record is simply looked for. One in eight succeeds at worst, on average. */
const MAX_DRAWS = 128;

class Chunk {
  readonly records: MemoryRec[] = [];
  live = 0;
  dense = true;

  /** @param base no record in it has a lower number */
  constructor(readonly base: number) {}
}

export class CreationOrder {
  private readonly chunks: Chunk[] = [];
  private nextNumber = 1;
  private count = 0;

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
  add(rec: MemoryRec): void {
    let open = this.chunks[this.chunks.length - 1];
    if (open === undefined || !open.dense || open.records.length === CHUNK) {
      if (open !== undefined) this.settle(this.chunks.length - 1);
      open = new Chunk(this.nextNumber);
      this.chunks.push(open);
    }
    rec.seq = this.nextNumber++;
    open.records.push(rec);
    open.live++;
    this.count++;
  }

  /** The record must be there. */
  remove(rec: MemoryRec): void {
    const place = this.chunkOf(rec.seq);
    const chunk = this.chunks[place]!;
    if (chunk.dense) chunk.records[rec.seq - chunk.base] = HOLE;
    else chunk.records.splice(firstFrom(chunk.records, rec.seq), 1);
    chunk.live--;
    this.count--;
    this.settle(place);
  }

  /**
   * Visits up to `count` records with numbers below `below`, newest first.
   * @returns the number to go on below, 0 when there is nothing more
   */
  page(below: number, count: number, visit: (rec: MemoryRec) => void): number {
    let visited = 0;
    let last = 0;
    for (let place = this.chunkOf(below - 1); place >= 0; place--) {
      const chunk = this.chunks[place]!;
      const records = chunk.records;
      const end = chunk.dense
        ? Math.min(below - chunk.base, records.length)
        : firstFrom(records, below);
      for (let i = end - 1; i >= 0; i--) {
        const rec = records[i]!;
        if (rec === HOLE) continue;
        if (visited === count) return last;
        last = rec.seq;
        visited++;
        visit(rec);
      }
    }
    return 0;
  }

  /** A record, each with the same chance; undefined if there are none. */
  sample(random: Random): MemoryRec | undefined {
    const chunks = this.chunks;
    if (this.count === 0) return undefined;
    // All chunks count as equally long, and what is not there is drawn again: this makes it fair.
    let length = CHUNK;
    if (chunks.length <= 8) {
      length = chunks.reduce((longest, chunk) => Math.max(longest, chunk.records.length), 0);
    }
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const records = chunks[random.below(chunks.length)]!.records;
      const at = random.below(length);
      if (at < records.length && records[at] !== HOLE) return records[at];
    }
    return this.search(random, () => true);
  }

  /** The first record that `accept` takes, beginning at a random chunk. */
  search(random: Random, accept: (rec: MemoryRec) => boolean): MemoryRec | undefined {
    const start = random.below(this.chunks.length);
    for (let i = 0; i < this.chunks.length; i++) {
      for (const rec of this.chunks[(start + i) % this.chunks.length]!.records) {
        if (rec !== HOLE && accept(rec)) return rec;
      }
    }
    return undefined;
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

  /** Removes, closes up or merges a chunk that has become emptier. */
  private settle(place: number): void {
    const chunk = this.chunks[place]!;
    if (chunk.dense && chunk.live > 0) {
      if (chunk.records.length < MIN_COMPACTED || chunk.live * 2 >= chunk.records.length) return;
      this.chunks[place] = sparse(chunk.base, chunk.records);
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
    for (const rec of next.records) chunk.records.push(rec);
    chunk.live += next.live;
    this.chunks.splice(place + 1, 1);
  }
}

function sparse(base: number, records: readonly MemoryRec[]): Chunk {
  const chunk = new Chunk(base);
  for (const rec of records) if (rec !== HOLE) chunk.records.push(rec);
  chunk.live = chunk.records.length;
  chunk.dense = false;
  return chunk;
}

/** The place of the first record whose number is not below `number`. */
function firstFrom(records: readonly MemoryRec[], number: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.seq < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
