import { NO_EXPIRY, type Key } from '../../store/record';
import { CreationOrder } from './creation-order';
import { Deadlines } from './deadlines';
import { Keyspace } from './keyspace';
import type { MemoryRec } from './memory-rec';

/** One database: its records by key, in the order of creation, and by deadline. */
export class Database {
  readonly keys = new Keyspace();
  readonly order = new CreationOrder();
  readonly deadlines = new Deadlines();
  /** What its counted records take (see Usage). */
  bytes = 0;
  /** Records with lower numbers are not counted yet. */
  countedFrom = 0;

  /** The key must not be there yet. */
  add(rec: MemoryRec): void {
    this.keys.add(rec);
    this.order.add(rec);
    if (rec.expiresAtMs !== NO_EXPIRY) this.deadlines.add(rec);
  }

  /** @returns the record, if there was one */
  remove(key: Key): MemoryRec | undefined {
    const rec = this.keys.get(key);
    if (rec === undefined) return undefined;
    if (rec.expiresAtMs !== NO_EXPIRY) this.deadlines.remove(rec);
    this.order.remove(rec);
    this.keys.remove(key);
    return rec;
  }

  setExpiry(rec: MemoryRec, expiresAtMs: number): void {
    if (rec.expiresAtMs === expiresAtMs) return;
    if (rec.expiresAtMs !== NO_EXPIRY) this.deadlines.remove(rec);
    rec.expiresAtMs = expiresAtMs;
    if (expiresAtMs !== NO_EXPIRY) this.deadlines.add(rec);
  }
}
