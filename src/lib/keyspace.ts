/**
 * What belongs to keys, by key: linear hashing over hash tables.
 *
 * One table would be simplest, but when it grows it stops the server for as long as it takes to
 * copy itself (and a plain Map refuses its 16.7-millionth entry). So whenever tables have become
 * too large on average, ONE of them is split in two, by one more bit of the key's hash; when they
 * have become too small, the last one is merged back. No step handles more than about 32,000
 * records.
 * Source: Litwin, "Linear hashing", VLDB 1980
 */
import { hashKey } from './key-hash';
import { KeyTable, type KeyOwner, type Ref } from './key-table';

/** Average records of a table. Those not yet split in a round hold up to twice as many. */
const RECORDS_PER_TABLE = 16_000;

/** Tables are merged when they are this many times emptier than when they are split. */
const MERGE_FACTOR = 8;

export class Keyspace {
  private readonly tables: KeyTable[];
  /** 2^n - 1 for the largest n with 2^n tables, and twice that + 1. */
  private lowMask = 0;
  private highMask = 1;
  private count = 0;

  constructor(
    private readonly owner: KeyOwner,
    private readonly recordsPerTable = RECORDS_PER_TABLE,
  ) {
    this.tables = [new KeyTable(owner)];
  }

  get size(): number {
    return this.count;
  }

  get tableCount(): number {
    return this.tables.length;
  }

  /** Bytes of all tables, estimated from one of them. */
  get bytes(): number {
    return this.tables.length * this.tables[0]!.bytes;
  }

  /** The record of a key; 0: there is none. */
  get(key: string): Ref {
    const hash = hashKey(key);
    return this.tableOf(hash).get(hash, key);
  }

  /** Enters the record of a key, which must not be there yet. */
  add(key: string, ref: Ref): void {
    const hash = hashKey(key);
    this.tableOf(hash).add(hash, ref);
    if (++this.count > this.recordsPerTable * this.tables.length) this.split();
  }

  /** The record of `key` has moved. */
  replace(key: string, ref: Ref, moved: Ref): void {
    const hash = hashKey(key);
    this.tableOf(hash).replace(hash, ref, moved);
  }

  /** The key must be there, with this record. */
  remove(key: string, ref: Ref): void {
    const hash = hashKey(key);
    this.tableOf(hash).remove(hash, ref);
    if (--this.count * MERGE_FACTOR < this.recordsPerTable * (this.tables.length - 1)) this.merge();
  }

  private tableOf(hash: number): KeyTable {
    const { tables } = this;
    const place = hash & this.highMask;
    return tables[place < tables.length ? place : hash & this.lowMask]!;
  }

  private split(): void {
    const added = this.tables.length;
    const from = added & this.lowMask;
    // Both halves are built anew: a table keeps its size when records leave it.
    const stay = new KeyTable(this.owner);
    const move = new KeyTable(this.owner);
    this.tables[from]!.forEach((hash, ref) => {
      const table = (hash & this.highMask) === added ? move : stay;
      table.add(hash, ref);
    });
    this.tables[from] = stay;
    this.tables.push(move);
    if (this.tables.length > this.highMask) {
      this.lowMask = this.highMask;
      this.highMask = this.highMask * 2 + 1;
    }
  }

  private merge(): void {
    const last = this.tables.pop()!;
    if (this.tables.length <= this.lowMask) {
      this.highMask = this.lowMask;
      this.lowMask = this.highMask >>> 1;
    }
    const into = this.tables[this.tables.length & this.lowMask]!;
    last.forEach((hash, ref) => into.add(hash, ref));
  }
}
