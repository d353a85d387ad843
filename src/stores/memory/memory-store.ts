import { StoreError } from '../../errors';
import { ownText } from '../../lib/bytes';
import type { Clock } from '../../lib/clock';
import type { Random } from '../../lib/random';
import {
  BLIND,
  type Change,
  type CommitResult,
  type CommittedChange,
  type ReadCheck,
} from '../../store/change';
import type { InPlaceStore, LiveRec } from '../../store/in-place';
import { NO_EXPIRY, isExpired, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Cursor, ScanPage } from '../../store/store';
import { typeOf, type TypeName, type Value } from '../../values/value';
import { Database } from './database';
import { MemoryRec } from './memory-rec';
import { Usage } from './usage';
import { Watches } from './watches';

export interface MemoryStoreOptions {
  /** How many databases there are. */
  readonly databases: number;
  readonly clock: Clock;
  readonly random: Random;
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

  private readonly databases: Database[] = [];
  private readonly watches: Watches[] = [];
  private readonly listeners: ((change: CommittedChange) => void)[] = [];
  private readonly clock: Clock;
  private readonly random: Random;
  private version = 0;
  /** Of all databases together. */
  private watchedKeys = 0;
  /** While memory is counted. */
  private usage: Usage | undefined;
  private closed = false;

  constructor(options: MemoryStoreOptions) {
    this.clock = options.clock;
    this.random = options.random;
    for (let db = 0; db < options.databases; db++) {
      this.databases.push(new Database());
      this.watches.push(new Watches());
    }
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

  find(db: number, key: Key): LiveRec | undefined {
    return this.databases[db]!.keys.get(key);
  }

  put(db: number, key: Key, value: Value, expiresAtMs: number): LiveRec {
    const database = this.databases[db]!;
    const version = ++this.version;
    const existing = database.keys.get(key);
    if (existing !== undefined) {
      this.usage?.subtract(database, existing);
      if (existing.expiresAtMs !== expiresAtMs) database.setExpiry(existing, expiresAtMs);
      existing.value = value;
      existing.version = version;
      this.usage?.add(database, existing);
      return existing;
    }
    const rec = new MemoryRec(ownText(key), value, version, expiresAtMs);
    database.add(rec);
    this.usage?.add(database, rec);
    return rec;
  }

  replace(db: number, rec: LiveRec, value: Value): void {
    const database = this.databases[db]!;
    this.usage?.subtract(database, rec as MemoryRec);
    rec.value = value;
    rec.version = ++this.version;
    this.usage?.add(database, rec as MemoryRec);
  }

  edited(db: number, rec: LiveRec): void {
    rec.version = ++this.version;
    this.usage?.edited(this.databases[db]!, rec as MemoryRec);
  }

  setExpiry(db: number, rec: LiveRec, expiresAtMs: number): void {
    const database = this.databases[db]!;
    this.usage?.subtract(database, rec as MemoryRec);
    database.setExpiry(rec as MemoryRec, expiresAtMs);
    rec.version = ++this.version;
    this.usage?.add(database, rec as MemoryRec);
  }

  remove(db: number, key: Key): boolean {
    const database = this.databases[db]!;
    const rec = database.remove(key);
    if (rec === undefined) return false;
    this.usage?.subtract(database, rec);
    if (this.watchedKeys > 0) this.watches[db]!.bury(key, ++this.version);
    return true;
  }

  versionOf(db: number, key: Key): number {
    return this.find(db, key)?.version ?? this.watches[db]!.tombstone(key);
  }

  watch(db: number, key: Key): void {
    const watches = this.watches[db]!;
    this.watchedKeys -= watches.size;
    watches.watch(ownText(key));
    this.watchedKeys += watches.size;
  }

  unwatch(db: number, key: Key): void {
    const watches = this.watches[db]!;
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
    const next = this.databases[db]!.order.page(below === 0 ? Infinity : below, count, (rec) => {
      if (!isExpired(rec, nowMs)) keys.push({ key: rec.key, type: typeOf(rec.value) });
    });
    return { cursor: String(next), keys };
  }

  size(db: number): number {
    return this.databases[db]!.keys.size;
  }

  /** The average is estimated from a few keys evenly spaced in the order of deadlines. */
  expires(db: number): { keys: number; averageTtlMs: number } {
    const deadlines = this.databases[db]!.deadlines;
    const keys = deadlines.size;
    if (keys === 0) return { keys: 0, averageTtlMs: 0 };
    const nowMs = this.clock.nowMs();
    const samples = Math.min(keys, TTL_SAMPLES);
    let sumMs = 0;
    for (let i = 0; i < samples; i++) {
      const rec = deadlines.at(Math.floor(((i + 0.5) * keys) / samples));
      sumMs += Math.max(0, rec.expiresAtMs - nowMs);
    }
    return { keys, averageTtlMs: Math.round(sumMs / samples) };
  }

  /** Every live key has the same chance, unless nearly all keys are expired and not yet removed. */
  randomKey(db: number): Key | undefined {
    const { order, deadlines } = this.databases[db]!;
    if (order.size === 0) return undefined;
    const nowMs = this.clock.nowMs();
    for (let draw = 0; draw < LIVE_DRAWS; draw++) {
      const rec = order.sample(this.random)!;
      if (!isExpired(rec, nowMs)) return rec.key;
    }
    const lastToExpire = deadlines.at(deadlines.size - 1);
    if (!isExpired(lastToExpire, nowMs)) return lastToExpire.key;
    if (order.size === deadlines.size) return undefined;
    return order.search(this.random, (rec) => rec.expiresAtMs === NO_EXPIRY)?.key;
  }

  get countedBytes(): number {
    return this.usage?.bytes ?? 0;
  }

  countMemory(on: boolean): void {
    if (on) this.usage ??= new Usage(this.databases);
    else this.usage = undefined;
  }

  countMore(limit: number): boolean {
    return this.usage?.countMore(this.databases, limit) ?? false;
  }

  sample(db: number, volatileOnly: boolean): LiveRec | undefined {
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
    this.databases[db] = new Database();
    this.usage?.drop(before);
    for (const key of this.watches[db]!.keys()) {
      if (before.keys.get(key) !== undefined) this.watches[db]!.bury(key, ++this.version);
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
      const recs = this.databases[db]!.deadlines.due(beforeMs, limit);
      if (recs.length > 0) sources++;
      for (const { key, expiresAtMs } of recs) found.push({ db, key, expiresAtMs });
    }
    if (sources > 1) found.sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    return found.slice(0, limit).map(({ db, key }) => ({ db, key }));
  }

  nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const { deadlines } of this.databases) {
      if (deadlines.size === 0) continue;
      const { expiresAtMs } = deadlines.at(0);
      if (next === undefined || expiresAtMs < next) next = expiresAtMs;
    }
    return next;
  }

  peek(db: number, key: Key): Rec {
    const rec = this.find(db, key);
    if (rec === undefined) return this.absent(db, key);
    return { key: rec.key, value: rec.value, version: rec.version, expiresAtMs: rec.expiresAtMs };
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
      else this.put(db, key, value, expiresAtMs).usedAtS = nowS;
      return this.peek(db, key);
    });
    changes.forEach(({ db, events }, i) => {
      this.announce({ db, rec: recs[i]!, previous: previous[i], events });
    });
    return { ok: true, recs, previous };
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.listeners.push(listener);
  }

  announce(change: CommittedChange): void {
    for (const listener of this.listeners) listener(change);
  }

  stats(): Readonly<Record<string, number | string>> {
    const sum = (figure: (database: Database) => number): number =>
      this.databases.reduce((total, database) => total + figure(database), 0);
    return {
      memory_tables: sum(({ keys }) => keys.tableCount),
      memory_order_chunks: sum(({ order }) => order.chunkCount),
      memory_volatile_keys: sum(({ deadlines }) => deadlines.size),
      memory_watched_keys: this.watchedKeys,
    };
  }

  /** New versions for the watched keys of `db` that exist in it or in `other`, which have been exchanged. */
  private renewWatched(db: number, other: number): void {
    for (const key of this.watches[db]!.keys()) {
      const here = this.find(db, key);
      if (here !== undefined) this.edited(db, here);
      else if (this.find(other, key) !== undefined) this.watches[db]!.bury(key, ++this.version);
    }
  }

  private absent(db: number, key: Key): Rec {
    const version = this.watches[db]!.tombstone(key);
    return { key, value: undefined, version, expiresAtMs: NO_EXPIRY };
  }

  private mustBeOpen(): void {
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
  }
}
