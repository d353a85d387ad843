/**
 * How much memory the records of a store take, kept while it is asked for: `maxmemory` needs to
 * know, and as long as there is none, nothing is counted.
 *
 * A record counts as what V8 needs for it: the object, its key and value, its places in the table,
 * the order of creation and the deadlines. Garbage does not count, nor does the room that V8 leaves
 * between objects.
 *
 * Counting may begin when there are records already. They are counted from the newest to the oldest,
 * a few at a time (`countMore`), and a change to one that was not reached yet changes nothing here.
 */
import { NO_EXPIRY } from '../../store/record';
import { keyMemory, primitiveMemory } from '../../values/memory';
import type { Database } from './database';
import type { MemoryRec } from './memory-rec';

export class Usage {
  /** Of all databases. */
  bytes = 0;

  constructor(databases: readonly Database[]) {
    for (const database of databases) {
      database.bytes = 0;
      database.countedFrom = database.order.size === 0 ? 0 : database.order.end;
    }
  }

  /** A record was made, or has changed since `subtract`. */
  add(database: Database, rec: MemoryRec): void {
    if (rec.seq >= database.countedFrom) this.enter(database, rec);
  }

  /** A record goes away, or is about to change. */
  subtract(database: Database, rec: MemoryRec): void {
    if (rec.seq < database.countedFrom) return;
    const { value } = rec;
    const valueBytes = typeof value === 'object' ? value.countedBytes : primitiveMemory(value);
    this.change(database, -(frameBytes(rec) + valueBytes));
  }

  /** The value of a record was changed in place. */
  edited(database: Database, { seq, value }: MemoryRec): void {
    if (seq < database.countedFrom || typeof value !== 'object') return;
    const before = value.countedBytes;
    value.countedBytes = value.memoryBytes();
    this.change(database, value.countedBytes - before);
  }

  /** All records of a database go away at once. */
  drop(database: Database): void {
    this.bytes -= database.bytes;
  }

  /**
   * Counts up to `limit` records that were there before.
   * @returns whether there are more
   */
  countMore(databases: readonly Database[], limit: number): boolean {
    for (const database of databases) {
      if (database.countedFrom === 0) continue;
      const { order, countedFrom } = database;
      database.countedFrom = order.page(countedFrom, limit, (rec) => this.enter(database, rec));
      return true;
    }
    return false;
  }

  private enter(database: Database, rec: MemoryRec): void {
    const { value } = rec;
    let valueBytes: number;
    if (typeof value === 'object') valueBytes = value.countedBytes = value.memoryBytes();
    else valueBytes = primitiveMemory(value);
    this.change(database, frameBytes(rec) + valueBytes);
  }

  private change(database: Database, bytes: number): void {
    database.bytes += bytes;
    this.bytes += bytes;
  }
}

/** All but the value. */
function frameBytes({ key, expiresAtMs }: MemoryRec): number {
  return keyMemory(key, expiresAtMs !== NO_EXPIRY);
}
