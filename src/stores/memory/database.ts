import type { LargeMemory } from '../../lib/large-memory';
import { NO_EXPIRY, type Key } from '../../store/record';
import type { Value } from '../../values/value';
import type { Ref } from '../../store/records/arena';
import { CreationOrder } from './creation-order';
import { Deadlines } from './deadlines';
import { Keyspace } from '../../lib/keyspace';
import { Records } from '../../store/records/records';

/** What a key takes in the table and in the order of creation. */
const PLACE_BYTES = 20;
/** What a deadline takes in the tree of deadlines. */
const DEADLINE_BYTES = 24;

/** One database: its records by key, in the order of creation, and by deadline. */
export class Database {
  readonly records: Records;
  readonly keys: Keyspace;
  readonly order: CreationOrder;
  readonly deadlines: Deadlines;

  constructor(largeMemory?: LargeMemory) {
    this.records = new Records(largeMemory);
    this.keys = new Keyspace(this.records);
    this.order = new CreationOrder(this.records);
    this.deadlines = new Deadlines(this.records);
  }

  /** Bytes of all records, with their places in the other structures. */
  get bytes(): number {
    const { records, order, deadlines } = this;
    return (
      records.blockBytes +
      records.objectBytes +
      order.size * PLACE_BYTES +
      deadlines.size * DEADLINE_BYTES
    );
  }

  /** Begins or ends to count what objects take. */
  countObjects(on: boolean): void {
    if (on) this.records.countObjectsFrom(this.order.size === 0 ? 0 : this.order.end);
    else this.records.countObjectsFrom(Infinity);
  }

  /**
   * Counts the objects of up to `limit` records that were there when it began.
   * @returns whether there are more
   */
  countMore(limit: number): boolean {
    const { order, records } = this;
    const { countedFrom } = records;
    if (countedFrom === 0 || countedFrom === Infinity) return false;
    const next = order.page(countedFrom, limit, (ref) => records.countFirst(ref));
    records.countedFrom = next;
    return true;
  }

  /** The key must not be there yet. */
  add(key: Key, value: Value, version: number, expiresAtMs: number): Ref {
    const ref = this.records.create(key, value, version, expiresAtMs);
    this.keys.add(key, ref);
    this.order.add(ref);
    if (expiresAtMs !== NO_EXPIRY) this.deadlines.add(ref);
    return ref;
  }

  /** @returns whether it was there */
  remove(key: Key): boolean {
    const { records } = this;
    const ref = this.keys.get(key);
    if (ref === 0) return false;
    if (records.expiresAtMs(ref) !== NO_EXPIRY) this.deadlines.remove(ref);
    this.order.remove(ref);
    this.keys.remove(key, ref);
    records.free(ref);
    return true;
  }

  /** @returns the record's place, which may be another one now */
  overwrite(key: Key, ref: Ref, value: Value): Ref {
    const { records } = this;
    const moved = records.overwrite(ref, value);
    if (moved !== ref) {
      this.keys.replace(key, ref, moved);
      this.order.replace(ref, moved);
      if (records.expiresAtMs(moved) !== NO_EXPIRY) this.deadlines.replace(ref, moved);
    }
    return moved;
  }

  setExpiry(ref: Ref, expiresAtMs: number): void {
    const { records } = this;
    const before = records.expiresAtMs(ref);
    if (before === expiresAtMs) return;
    if (before !== NO_EXPIRY) this.deadlines.remove(ref);
    records.setExpiresAtMs(ref, expiresAtMs);
    if (expiresAtMs !== NO_EXPIRY) this.deadlines.add(ref);
  }
}
