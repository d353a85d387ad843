import { StoreError } from '../../errors';
import { ownText } from '../../lib/bytes';
import type { Clock } from '../../lib/clock';
import type { LargeMemory } from '../../lib/large-memory';
import type { Random } from '../../lib/random';
import {
  BLIND,
  type Change,
  type CommitResult,
  type CommittedChange,
  type ReadCheck,
} from '../../store/change';
import type { InPlaceStore, RecRef } from '../../store/in-place';
import { NO_EXPIRY, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Cursor, ScanPage, StoreStats } from '../../store/store';
import type { TypeName, Value } from '../../values/value';
import type { Ref } from '../../store/records/arena';
import { Database } from './database';
import type { Records } from '../../store/records/records';
import { Watches } from './watches';

export interface MemoryStoreOptions {
  /** How many databases there are. */
  readonly databases: number;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Gets the memory of large strings that leave. Only for an engine that holds on to no value when
   * a command has ended.
   */
  readonly largeMemory?: LargeMemory;
}

/** Samples of which an average time to live is estimated. */
const TTL_SAMPLES = 16;
/** Draws of RANDOMKEY that may hit expired keys before it looks for a live one. */
const LIVE_DRAWS = 100;

/**
 * The store in memory. The engine edits its records where they lie; `load` and `commit` do the
 * same work for whoever uses it like any other store. Versions come from one counter. What `peek`,
 * `load` and `commit` hand out are copies of the records: those here change.
 */
export class MemoryStore implements InPlaceStore {
  readonly name = 'memory';
  readonly reads = 'strong';
  readonly inPlace = true;

  /** Stands for each database that holds nothing: there may be thousands. */
  private readonly empty = new Database();
  private readonly databases: Database[];
  /** Those that are not `empty`. */
  private readonly used = new Set<Database>();
  private readonly watches = new Map<number, Watches>();
  private readonly listeners: ((change: CommittedChange) => void)[] = [];
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly largeMemory: LargeMemory | undefined;
  private version = 0;
  /** Of all databases together. */
  private watchedKeys = 0;
  /** What objects take is counted. */
  private counting = false;
  private closed = false;

  constructor(options: MemoryStoreOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.largeMemory = options.largeMemory;
    this.databases = Array.from({ length: options.databases }, () => this.empty);
  }

  open(): Promise<void> {
    this.closed = false;
    return Promise.resolve();
  }

  /** Lets go of all data. `load` and `commit` then reject as `unavailable`. */
  close(): Promise<void> {
    this.flush('all');
    this.closed = true;
    return Promise.resolve();
  }

  find(db: number, key: Key): RecRef {
    return this.databases[db]!.keys.get(key);
  }

  valueAt(db: number, ref: RecRef): Value {
    return this.databases[db]!.records.value(ref);
  }

  expiresAtMs(db: number, ref: RecRef): number {
    return this.databases[db]!.records.expiresAtMs(ref);
  }

  usedAtS(db: number, ref: RecRef): number {
    return this.databases[db]!.records.mark(ref);
  }

  setUsedAtS(db: number, ref: RecRef, usedAtS: number): void {
    this.databases[db]!.records.setMark(ref, usedAtS);
  }

  put(db: number, key: Key, value: Value, expiresAtMs: number): RecRef {
    const database = this.databases[db]!;
    const ref = database.keys.get(key);
    if (ref === 0) {
      const target = database === this.empty ? this.newDatabase(db) : database;
      return target.add(key, value, ++this.version, expiresAtMs);
    }
    const moved = this.replace(db, key, ref, value);
    database.setExpiry(moved, expiresAtMs);
    return moved;
  }

  replace(db: number, key: Key, ref: RecRef, value: Value): RecRef {
    const database = this.databases[db]!;
    const moved = database.overwrite(key, ref, value);
    database.records.setVersion(moved, ++this.version);
    return moved;
  }

  edited(db: number, ref: RecRef): void {
    const { records } = this.databases[db]!;
    records.setVersion(ref, ++this.version);
    records.edited(ref);
  }

  setExpiry(db: number, ref: RecRef, expiresAtMs: number): void {
    this.databases[db]!.setExpiry(ref, expiresAtMs);
    this.edited(db, ref);
  }

  remove(db: number, key: Key): boolean {
    if (!this.databases[db]!.remove(key)) return false;
    if (this.watchedKeys > 0) this.watches.get(db)?.bury(key, ++this.version);
    return true;
  }

  versionOf(db: number, key: Key): number {
    const ref = this.find(db, key);
    if (ref === 0) return this.tombstone(db, key);
    return this.databases[db]!.records.version(ref);
  }

  watch(db: number, key: Key): void {
    const watches = this.watches.get(db) ?? new Watches();
    this.watches.set(db, watches);
    this.watchedKeys -= watches.size;
    watches.watch(ownText(key));
    this.watchedKeys += watches.size;
  }

  unwatch(db: number, key: Key): void {
    const watches = this.watches.get(db);
    if (watches === undefined) return;
    this.watchedKeys -= watches.size;
    watches.unwatch(key);
    this.watchedKeys += watches.size;
  }

  /** @throws RangeError if the cursor is not a number; any number is taken */
  scan(db: number, cursor: Cursor, count: number): ScanPage {
    const below = Number(cursor);
    if (!(below >= 0)) throw new RangeError(`not a cursor: ${cursor}`);
    const nowMs = this.clock.nowMs();
    const keys: { key: Key; type: TypeName }[] = [];
    const { order, records } = this.databases[db]!;
    const next = order.page(below === 0 ? Infinity : below, count, (ref) => {
      if (isExpired(records, ref, nowMs)) return;
      keys.push({ key: records.key(ref), type: records.type(ref) });
    });
    return { cursor: String(next), keys };
  }

  size(db: number): number {
    return this.databases[db]!.keys.size;
  }

  /** The average is estimated from a few keys evenly spaced in the order of deadlines. */
  expires(db: number): { keys: number; averageTtlMs: number } {
    const { deadlines, records } = this.databases[db]!;
    const keys = deadlines.size;
    if (keys === 0) return { keys: 0, averageTtlMs: 0 };
    const nowMs = this.clock.nowMs();
    const samples = Math.min(keys, TTL_SAMPLES);
    let sumMs = 0;
    for (let i = 0; i < samples; i++) {
      const ref = deadlines.at(Math.floor(((i + 0.5) * keys) / samples));
      sumMs += Math.max(0, records.expiresAtMs(ref) - nowMs);
    }
    return { keys, averageTtlMs: Math.round(sumMs / samples) };
  }

  /** Every live key has the same chance, unless nearly all keys are expired and not yet removed. */
  randomKey(db: number): Key | undefined {
    const { order, deadlines, records } = this.databases[db]!;
    if (order.size === 0) return undefined;
    const nowMs = this.clock.nowMs();
    for (let draw = 0; draw < LIVE_DRAWS; draw++) {
      const ref = order.sample(this.random);
      if (!isExpired(records, ref, nowMs)) return records.key(ref);
    }
    const lastToExpire = deadlines.at(deadlines.size - 1);
    if (!isExpired(records, lastToExpire, nowMs)) return records.key(lastToExpire);
    if (order.size === deadlines.size) return undefined;
    const lasting = (ref: Ref): boolean => records.expiresAtMs(ref) === NO_EXPIRY;
    return records.key(order.search(this.random, lasting));
  }

  get countedBytes(): number {
    let bytes = 0;
    for (const database of this.used) bytes += database.bytes;
    return bytes;
  }

  countObjects(on: boolean): void {
    if (on === this.counting) return;
    this.counting = on;
    for (const database of this.used) database.countObjects(on);
  }

  countMore(limit: number): boolean {
    for (const database of this.used) if (database.countMore(limit)) return true;
    return false;
  }

  keyAt(db: number, ref: RecRef): Key {
    return this.databases[db]!.records.key(ref);
  }

  sample(db: number, volatileOnly: boolean): RecRef {
    const { order, deadlines } = this.databases[db]!;
    return (volatileOnly ? deadlines : order).sample(this.random);
  }

  /** Puts an empty database in place of the old one, which is left to the garbage collector. */
  flush(db: number | 'all'): void {
    if (db === 'all') {
      for (let each = 0; each < this.databases.length; each++) this.flush(each);
      return;
    }
    const before = this.databases[db]!;
    if (before === this.empty) return;
    this.databases[db] = this.empty;
    this.used.delete(before);
    const watches = this.watches.get(db);
    for (const key of watches?.keys() ?? []) {
      if (before.keys.get(key) !== 0) watches!.bury(key, ++this.version);
    }
  }

  swap(a: number, b: number): void {
    if (a === b) return;
    const first = this.databases[a]!;
    this.databases[a] = this.databases[b]!;
    this.databases[b] = first;
    this.renewWatched(a, b);
    this.renewWatched(b, a);
  }

  due(beforeMs: number, limit: number): readonly KeyRef[] {
    const found: { db: number; key: Key; expiresAtMs: number }[] = [];
    let sources = 0;
    for (let db = 0; db < this.databases.length; db++) {
      const { deadlines, records } = this.databases[db]!;
      const refs = deadlines.due(beforeMs, limit);
      if (refs.length > 0) sources++;
      for (const ref of refs) {
        found.push({ db, key: records.key(ref), expiresAtMs: records.expiresAtMs(ref) });
      }
    }
    if (sources > 1) found.sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    return found.slice(0, limit).map(({ db, key }) => ({ db, key }));
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const { deadlines, records } of this.used) {
      if (deadlines.size === 0) continue;
      const expiresAtMs = records.expiresAtMs(deadlines.at(0));
      if (next === undefined || expiresAtMs < next) next = expiresAtMs;
    }
    return next;
  }

  peek(db: number, key: Key): Rec {
    const ref = this.find(db, key);
    if (ref === 0) return this.absent(db, key);
    const { records } = this.databases[db]!;
    return {
      key,
      value: records.value(ref),
      version: records.version(ref),
      expiresAtMs: records.expiresAtMs(ref),
    };
  }

  /** Everything is as of one moment, the one of the call. */
  async load(keys: readonly KeyRef[]): Promise<readonly Rec[]> {
    this.mustBeOpen();
    return keys.map(({ db, key }) => this.peek(db, key));
  }

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    this.mustBeOpen();
    const newer: { db: number; rec: Rec }[] = [];
    const check = (db: number, key: Key, version: number): void => {
      if (this.versionOf(db, key) !== version) newer.push({ db, rec: this.peek(db, key) });
    };
    for (const { db, key, base } of changes) if (base !== BLIND) check(db, key, base);
    for (const { db, key, version } of reads) check(db, key, version);
    if (newer.length > 0) return { ok: false, recs: newer };

    const nowS = Math.floor(this.clock.nowMs() / 1000);
    const previous = changes.map(({ db, key }) => this.peek(db, key));
    const recs = changes.map(({ db, key, value, expiresAtMs }) => {
      if (value === undefined) this.remove(db, key);
      else this.setUsedAtS(db, this.put(db, key, value, expiresAtMs), nowS);
      return this.peek(db, key);
    });
    changes.forEach(({ db, events }, i) => {
      this.announce({ db, rec: recs[i]!, events });
    });
    return { ok: true, recs, previous };
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.listeners.push(listener);
  }

  announce(change: CommittedChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** Nothing that INFO does not say of the process. */
  stats(): StoreStats {
    return {};
  }

  /** How the store is built up at the moment. */
  figures(): Readonly<Record<string, number>> {
    const sum = (figure: (database: Database) => number): number =>
      [...this.used].reduce((total, database) => total + figure(database), 0);
    return {
      tables: sum(({ keys }) => keys.tableCount),
      order_chunks: sum(({ order }) => order.chunkCount),
      record_bytes: sum(({ records }) => records.blockBytes),
      page_bytes: sum(({ records }) => records.pageBytes),
      objects: sum(({ records }) => records.objectCount),
      volatile_keys: sum(({ deadlines }) => deadlines.size),
      watched_keys: this.watchedKeys,
    };
  }

  private newDatabase(db: number): Database {
    const database = new Database(this.largeMemory);
    this.databases[db] = database;
    this.used.add(database);
    if (this.counting) database.countObjects(true);
    return database;
  }

  private tombstone(db: number, key: Key): number {
    return this.watches.get(db)?.tombstone(key) ?? 0;
  }

  /** New versions for the watched keys of `db` that exist in it or in `other`, which have been exchanged. */
  private renewWatched(db: number, other: number): void {
    const watches = this.watches.get(db);
    for (const key of watches?.keys() ?? []) {
      const here = this.find(db, key);
      if (here !== 0) this.edited(db, here);
      else if (this.find(other, key) !== 0) watches!.bury(key, ++this.version);
    }
  }

  private absent(db: number, key: Key): Rec {
    return { key, value: undefined, version: this.tombstone(db, key), expiresAtMs: NO_EXPIRY };
  }

  private mustBeOpen(): void {
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
  }
}

function isExpired(records: Records, ref: Ref, nowMs: number): boolean {
  const expiresAtMs = records.expiresAtMs(ref);
  return expiresAtMs !== NO_EXPIRY && nowMs >= expiresAtMs;
}
