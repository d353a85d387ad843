import { isEmptyCollection, type Value } from '../values/value';
import type { Bytes } from '../lib/bytes';
import type { Random } from '../lib/random';
import type { Reply } from '../protocol/reply';
import type { EventClass } from '../store/change';
import type { InPlaceStore, RecRef } from '../store/in-place';
import { NO_EXPIRY, refId, type Key } from '../store/record';
import type { Cursor, ScanPage } from '../store/store';
import type { Argv, Command } from './command';
import { Context } from './context';
import type { EngineStats, EventSink } from './engine';
import { failureReply, type ReportBug } from './failure';
import type { Expiry } from './expiry';
import { idleSecondsOf, type Lfu } from './lfu';
import type { ClientPort, ServerPort } from './ports';
import { SCAN_START, WHOLE_SCAN_PAGE } from './store-request';
import type { WatchSet } from './transaction';

/**
 * A context over a store whose records are edited in place. One object serves all connections: a
 * command runs to its end before the next begins.
 */
export class MemoryContext extends Context {
  /** Undefined while nobody wants events. */
  sink: EventSink | undefined;
  /** Keys that have expired stay, though nobody sees them. */
  expiryHeld = false;
  /** Under an LFU policy uses are counted, otherwise the time of the last one is kept. */
  lfu: Lfu | undefined;
  /** `nowMs` in whole seconds, for the time of last use. */
  private nowS = 0;
  /** The record that was looked up last in this command: most commands touch one key several times. */
  private lastKey: Key = '';
  private lastDb = 0;
  private lastRef: RecRef = 0;

  constructor(
    server: ServerPort,
    random: Random,
    private readonly store: InPlaceStore,
    private readonly stats: EngineStats,
    private readonly reportBug: ReportBug,
    /** Told of deadlines nearer than all others. */
    private readonly expiry: Pick<Expiry, 'nextMs' | 'nearer'>,
  ) {
    super(server, random);
  }

  setTime(nowMs: number): void {
    this.nowMs = nowMs;
    this.nowS = Math.floor(nowMs / 1000);
  }

  begin(client: ClientPort): void {
    this.client = client;
    this.db = client.db;
    this.form = client.form;
    this.inTransaction = false;
    this.lastRef = 0;
  }

  get(key: Key, db = this.db): Value | undefined {
    const ref = this.live(key, db);
    if (ref === 0) {
      this.stats.keyspaceMisses++;
      this.notify('m', 'keymiss', key, db);
      return undefined;
    }
    this.stats.keyspaceHits++;
    if (!this.client.noTouch) this.touch(db, ref);
    return this.store.valueAt(db, ref);
  }

  peek(key: Key, db = this.db): Value | undefined {
    const ref = this.live(key, db);
    return ref === 0 ? undefined : this.store.valueAt(db, ref);
  }

  expiresAtMs(key: Key, db = this.db): number {
    const ref = this.live(key, db);
    return ref === 0 ? NO_EXPIRY : this.store.expiresAtMs(db, ref);
  }

  idleSeconds(key: Key): number | undefined {
    if (this.lfu !== undefined) return undefined;
    const ref = this.live(key, this.db);
    return ref === 0 ? 0 : idleSecondsOf(this.store.usedAtS(this.db, ref), this.nowS);
  }

  override useFrequency(key: Key): number | undefined {
    if (this.lfu === undefined) return undefined;
    const ref = this.live(key, this.db);
    return ref === 0 ? 0 : this.lfu.counter(this.store.usedAtS(this.db, ref), this.nowS);
  }

  edit(key: Key): Value | undefined {
    const ref = this.live(key, this.db);
    if (ref === 0) return undefined;
    this.touch(this.db, ref);
    return this.store.valueAt(this.db, ref);
  }

  changed(key: Key): void {
    const ref = this.live(key, this.db);
    if (isEmptyCollection(this.store.valueAt(this.db, ref))) {
      this.remove(key);
      this.notify('g', 'del', key);
    } else {
      this.store.edited(this.db, ref);
    }
  }

  set(key: Key, value: Value, expiresAtMs: number, db = this.db): void {
    if (this.sink !== undefined) this.announceCreation(key, db);
    const ref = this.store.put(db, key, value, expiresAtMs);
    this.touch(db, ref);
    this.remember(key, db, ref);
    if (expiresAtMs !== NO_EXPIRY) this.deadline(expiresAtMs);
  }

  replace(key: Key, value: Value): void {
    const { db } = this;
    const before = this.live(key, db);
    if (before === 0) {
      this.set(key, value, NO_EXPIRY);
      return;
    }
    const ref = this.store.replace(db, key, before, value);
    this.touch(db, ref);
    this.remember(key, db, ref);
  }

  setExpiry(key: Key, expiresAtMs: number): void {
    const ref = this.live(key, this.db);
    if (ref === 0) return;
    this.store.setExpiry(this.db, ref, expiresAtMs);
    if (expiresAtMs !== NO_EXPIRY) this.deadline(expiresAtMs);
  }

  remove(key: Key, db = this.db): boolean {
    if (this.live(key, db) === 0) return false;
    this.lastRef = 0;
    return this.store.remove(db, key);
  }

  /** Removes a key that has expired and that no command asks for. */
  expireKey(db: number, key: Key): void {
    this.lastRef = 0;
    this.live(key, db);
  }

  /** Removes a key because memory is full. */
  evictKey(db: number, key: Key): void {
    this.lastRef = 0;
    this.store.remove(db, key);
    this.stats.evictedKeys++;
    this.notify('e', 'evicted', key, db);
  }

  notify(eventClass: EventClass, event: string, key: Key, db = this.db): void {
    if (this.sink !== undefined) this.sink(eventClass, event, db, key);
  }

  override replied(): void {
    // Where the reply is silenced, there is nothing to stand behind.
    const { client, sink } = this;
    if (sink !== undefined && client.replyMode === 'on') client.subscriptions.replied();
  }

  publish(kind: 'channel' | 'shard', channel: string, payload: Bytes): number {
    const { hub } = this.server;
    return kind === 'channel'
      ? hub.publish(channel, payload)
      : hub.publishToShard(channel, payload);
  }

  scan(cursor: Cursor, count: number): ScanPage {
    return this.store.scan(this.db, cursor, count);
  }

  eachKey(visit: (key: Key) => void): void {
    let cursor = SCAN_START;
    do {
      // Nothing changes between the pages, so no key comes twice.
      const page = this.scan(cursor, WHOLE_SCAN_PAGE);
      for (const { key } of page.keys) visit(key);
      cursor = page.cursor;
    } while (cursor !== SCAN_START);
  }

  size(db: number): number {
    return this.store.size(db);
  }

  expires(db: number): { keys: number; averageTtlMs: number } {
    return this.store.expires(db);
  }

  approximateSize(): undefined {
    return undefined;
  }

  randomKey(): Key | undefined {
    return this.store.randomKey(this.db);
  }

  flush(db: number | 'all'): void {
    this.lastRef = 0;
    this.store.flush(db);
  }

  swap(a: number, b: number): void {
    this.lastRef = 0;
    this.store.swap(a, b);
  }

  watch(key: Key): void {
    const { watches } = this.client;
    const ref = refId(this.db, key);
    if (watches.has(ref)) return;
    // An expired key is removed by this look-up, so that what is watched is its absence.
    const live = this.live(key, this.db) !== 0;
    this.store.watch(this.db, key);
    watches.add(ref, { db: this.db, key, version: this.store.versionOf(this.db, key), live });
  }

  watchesBroken(watches: WatchSet): boolean {
    for (const watched of watches) {
      const live = this.live(watched.key, watched.db) !== 0;
      if (live !== watched.live) return true;
      if (this.store.versionOf(watched.db, watched.key) !== watched.version) return true;
    }
    return false;
  }

  call(command: Command, argv: Argv): Reply {
    try {
      this.db = this.client.db;
      this.form = this.client.form;
      this.inTransaction = true;
      this.lastRef = 0;
      return command.run(this, argv);
    } catch (error) {
      const wire = failureReply(error, command.name, this.reportBug);
      this.stats.calls.failed(command, argv, wire);
      return wire;
    }
  }

  private touch(db: number, ref: RecRef): void {
    const { lfu, nowS, store } = this;
    const stamp = lfu === undefined ? nowS : lfu.used(store.usedAtS(db, ref), nowS);
    store.setUsedAtS(db, ref, stamp);
  }

  /** The record a reader may see; 0: none. One that has expired is removed on the way, unless that is held. */
  private live(key: Key, db: number): RecRef {
    if (this.lastRef !== 0 && key === this.lastKey && db === this.lastDb) return this.lastRef;
    const ref = this.store.find(db, key);
    if (ref === 0) return 0;
    const expiresAtMs = this.store.expiresAtMs(db, ref);
    if (expiresAtMs !== NO_EXPIRY && this.nowMs >= expiresAtMs) {
      if (!this.expiryHeld) this.expire(db, key, expiresAtMs);
      return 0;
    }
    this.remember(key, db, ref);
    return ref;
  }

  private remember(key: Key, db: number, ref: RecRef): void {
    this.lastKey = key;
    this.lastDb = db;
    this.lastRef = ref;
  }

  private deadline(expiresAtMs: number): void {
    if (expiresAtMs < this.expiry.nextMs) this.expiry.nearer(expiresAtMs);
  }

  private expire(db: number, key: Key, expiresAtMs: number): void {
    this.store.remove(db, key);
    this.stats.expiredKeys++;
    this.stats.expiryLag.add(this.nowMs - expiresAtMs);
    this.notify('x', 'expired', key, db);
  }

  /** `expired` of the key's former life and `new` come before what the command says of it. */
  private announceCreation(key: Key, db: number): void {
    if (this.live(key, db) === 0) this.notify('n', 'new', key, db);
  }
}
