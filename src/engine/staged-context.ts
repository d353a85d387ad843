/**
 * A context over copies. Records come in before the run (or after a fault); what a command changes
 * is staged here, later commands of the same run see it, and at the end `changes` and `readChecks`
 * say what a commit has to do and on what it depends. Throwing the stage away undoes everything.
 */
import { ReplyError, StoreError } from '../errors';
import type { Bytes } from '../lib/bytes';
import type { Random } from '../lib/random';
import type { Reply } from '../protocol/reply';
import type { Change, CommitResult, EventClass, ReadCheck } from '../store/change';
import { NO_EXPIRY, isExpired, refId, type Key, type KeyRef } from '../store/record';
import type { Cursor, ScanPage } from '../store/store';
import { cloneValue, isEmptyCollection, typeOf, type Value } from '../values/value';
import type { EventSink } from './engine';
import type { Argv, Command } from './command';
import { Context } from './context';
import { failureReply, type ReportBug } from './failure';
import { FAULT } from './fault';
import type { JobView } from './job';
import {
  blindEntry,
  changeOf,
  checkOf,
  isWatchBroken,
  knownEntry,
  type Entry,
  type RecordSource,
} from './staged-entry';
import type { DoneCall } from './job';
import { Outbox } from './outbox';
import type { ServerPort } from './ports';
import type { WatchSet } from './transaction';
import {
  SCAN_START,
  storeRequestId,
  type StoreAnswerOf,
  type StoreAnswers,
  type StoreRequest,
} from './store-request';

/** A key that is missed here, or created, is no news of the commit to others. */
const NOT_COMMITTED: ReadonlySet<EventClass> = new Set(['m', 'n']);

export class StagedContext extends Context {
  /** What the last fault was about. */
  readonly missingKeys: KeyRef[] = [];
  missingRequest: StoreRequest | undefined;
  hits = 0;
  misses = 0;
  /** What EXEC has run. */
  readonly calls: DoneCall[] = [];

  private readonly entries = new Map<string, Entry>();
  /** Databases this run has flushed, in order. */
  readonly flushes: (number | 'all')[] = [];
  private watches!: WatchSet;
  private blind = false;
  private edits = 0;
  readonly outbox: Outbox;
  /** Keys whose events the store tells later. */
  readonly later = new Set<string>();

  constructor(
    server: ServerPort,
    random: Random,
    private readonly source: RecordSource,
    private readonly answers: StoreAnswers,
    nowMs: number,
    private readonly reportBug: ReportBug,
    sink: EventSink | undefined,
  ) {
    super(server, random);
    this.outbox = new Outbox(server, sink);
    this.nowMs = nowMs;
  }

  begin(job: JobView): void {
    this.client = job.client;
    this.db = job.db;
    this.form = job.form;
    this.watches = job.watches;
    this.blind = job.blind;
    this.inTransaction = job.inTransaction;
    this.edits = 0;
  }

  get(key: Key, db = this.db): Value | undefined {
    const value = this.peek(key, db);
    if (value !== undefined) this.hits++;
    else {
      this.misses++;
      this.notify('m', 'keymiss', key, db);
    }
    return value;
  }

  peek(key: Key, db = this.db): Value | undefined {
    return this.read(key, db).value;
  }

  expiresAtMs(key: Key, db = this.db): number {
    const entry = this.read(key, db);
    return entry.value === undefined ? NO_EXPIRY : entry.expiresAtMs;
  }

  /** Use of keys is not recorded where it would cost a write. */
  idleSeconds(): number {
    return 0;
  }

  edit(key: Key): Value | undefined {
    const entry = this.read(key, this.db);
    if (entry.value !== undefined && !entry.owned) {
      entry.value = cloneValue(entry.value);
      entry.owned = true;
    }
    return entry.value;
  }

  changed(key: Key): void {
    const entry = this.read(key, this.db);
    this.dirty(entry);
    if (entry.value !== undefined && isEmptyCollection(entry.value)) {
      this.clear(entry);
      this.notify('g', 'del', key);
    }
  }

  set(key: Key, value: Value, expiresAtMs: number, db = this.db): void {
    const ref = refId(db, key);
    let entry = this.entries.get(ref);
    if (!this.blind) {
      entry = this.read(key, db);
    } else if (entry === undefined) {
      entry = blindEntry(db, key);
      this.entries.set(ref, entry);
      this.outbox.blindWrite(entry, this.nowMs);
    } else {
      this.lapse(entry);
    }
    if (entry.value === undefined && (entry.dirty || entry.base !== undefined)) {
      this.outbox.creation(entry);
    }
    this.dirty(entry);
    entry.value = value;
    entry.expiresAtMs = expiresAtMs;
    // The command may have taken the value from another key, whose readers still hold it.
    entry.owned = false;
  }

  replace(key: Key, value: Value): void {
    const entry = this.read(key, this.db);
    this.set(key, value, entry.value === undefined ? NO_EXPIRY : entry.expiresAtMs);
  }

  setExpiry(key: Key, expiresAtMs: number): void {
    const entry = this.read(key, this.db);
    if (entry.value === undefined) return;
    this.dirty(entry);
    entry.expiresAtMs = expiresAtMs;
  }

  remove(key: Key, db = this.db): boolean {
    const entry = this.read(key, db);
    if (entry.value === undefined) return false;
    this.dirty(entry);
    this.clear(entry);
    return true;
  }

  notify(eventClass: EventClass, event: string, key: Key, db = this.db): void {
    // Without an entry nothing of the key was touched: an event nobody can commit.
    const entry = NOT_COMMITTED.has(eventClass) ? undefined : this.entries.get(refId(db, key));
    entry?.events.push({ class: eventClass, name: event, db, key });
    this.outbox.event(eventClass, event, db, key);
  }

  publish(kind: 'channel' | 'shard', channel: string, payload: Bytes): number {
    return this.outbox.publish(kind, channel, payload);
  }

  scan(cursor: Cursor, count: number): ScanPage {
    const { db } = this;
    const page = this.isFlushed(db)
      ? { cursor: SCAN_START, keys: [] }
      : this.askStore('scan', { kind: 'scan', db, cursor, count });
    if (this.entries.size === 0) return page;
    const keys = page.keys.filter(({ key }) => {
      const entry = this.entries.get(refId(db, key));
      return entry === undefined || !entry.dirty;
    });
    // What this run has staged is not in the store yet: it comes with the first page.
    if (cursor === SCAN_START) {
      for (const { key, value } of this.staged(db)) keys.push({ key, type: typeOf(value) });
    }
    return { cursor: page.cursor, keys };
  }

  eachKey(visit: (key: Key) => void): void {
    const { db } = this;
    if (!this.isFlushed(db)) {
      for (const key of this.askStore('keys', { kind: 'keys', db })) {
        if (this.entries.get(refId(db, key))?.dirty !== true) visit(key);
      }
    }
    for (const { key } of this.staged(db)) visit(key);
  }

  size(db: number): number {
    const flushed = this.isFlushed(db);
    let size = flushed ? 0 : this.askStore('size', { kind: 'size', db });
    for (const entry of this.entries.values()) {
      if (!entry.dirty || entry.db !== db) continue;
      if (!flushed && entry.base?.value !== undefined) size--;
      if (entry.value !== undefined) size++;
    }
    return size;
  }

  /** A remote store cannot count deadlines without reading everything. */
  expires(): { keys: number; averageTtlMs: number } {
    return { keys: 0, averageTtlMs: 0 };
  }

  approximateSize(): number | undefined {
    return this.askStore('approximateSize', { kind: 'approximateSize' });
  }

  randomKey(): Key | undefined {
    const { db } = this;
    const staged = [...this.staged(db)];
    if (staged.length > 0) return staged[this.random.below(staged.length)]!.key;
    if (this.isFlushed(db)) return undefined;
    const key = this.askStore('randomKey', { kind: 'randomKey', db });
    if (key === undefined || this.entries.get(refId(db, key))?.dirty !== true) return key;
    // This run has removed the key, which the store may still draw: take any other.
    let cursor = SCAN_START;
    do {
      const page = this.scan(cursor, 100);
      if (page.keys.length > 0) return page.keys[0]!.key;
      cursor = page.cursor;
    } while (cursor !== SCAN_START);
    return undefined;
  }

  /** Staged too: the engine flushes the store at the end, before it commits what came after. */
  flush(db: number | 'all'): void {
    this.flushes.push(db);
    for (const entry of this.entries.values()) {
      if (db !== 'all' && entry.db !== db) continue;
      entry.dirty = entry.lapsed = false;
      entry.events = [];
      this.clear(entry);
    }
  }

  /** @throws ReplyError inside a transaction: what it read before could not be kept apart from what it reads after */
  swap(a: number, b: number): void {
    if (this.inTransaction) {
      throw new ReplyError('ERR', 'SWAPDB inside MULTI is not supported by this store');
    }
    this.askStore('swap', { kind: 'swap', a, b });
  }

  override saveSetting(name: string, value: string): void {
    this.askStore('saveSetting', { kind: 'saveSetting', name, value });
  }

  watch(key: Key): void {
    const entry = this.read(key, this.db);
    this.watches.add(refId(this.db, key), {
      db: this.db,
      key,
      version: entry.base?.version ?? 0,
      live: entry.value !== undefined,
      expired: entry.value === undefined && entry.base?.value !== undefined,
    });
  }

  watchesBroken(watches: WatchSet): boolean {
    for (const watched of watches) {
      if (isWatchBroken(watched, this.read(watched.key, watched.db))) return true;
    }
    return false;
  }

  call(command: Command, argv: Argv): Reply {
    this.db = this.client.db;
    this.form = this.client.form;
    this.edits = 0;
    try {
      return command.run(this, argv);
    } catch (error) {
      // What a command has changed that fails half way cannot be told from what others have.
      if (error === FAULT || (error instanceof StoreError && this.touched)) throw error;
      if (error instanceof ReplyError && this.touched) {
        this.reportBug(new Error('failed after it had changed something'), command.name);
      }
      return failureReply(error, command.name, this.reportBug);
    }
  }

  /** Whether the present command has changed something: one that fails must not have. */
  get touched(): boolean {
    return this.edits > 0;
  }

  changes(): Change[] {
    const changes: Change[] = [];
    for (const entry of this.entries.values()) {
      if (!entry.dirty) continue;
      // What was read before a flush is checked before it: see Batch.
      changes.push(changeOf(entry, this.flushes.length > 0));
    }
    return changes;
  }

  /** The commit has told what was there before, in the order of `changes`, and whose events may go. */
  committed({ previous, announce }: CommitResult & { readonly ok: true }): void {
    const changed = [...this.entries.values()].filter(({ dirty }) => dirty);
    changed.forEach((entry, i) => {
      entry.base ??= previous[i];
      if (announce?.[i] === false) this.later.add(refId(entry.db, entry.key));
    });
  }

  /** The keys that were read, whatever was done to them afterwards. */
  basesRead(): ReadCheck[] {
    return [...this.entries.values()].flatMap(checkOf);
  }

  /** The keys that were read and not changed. */
  readChecks(): ReadCheck[] {
    if (this.flushes.length > 0) return [];
    return [...this.entries.values()].filter(({ dirty }) => !dirty).flatMap(checkOf);
  }

  /** The entry of a key whose record is known. @throws FAULT if it is not */
  private read(key: Key, db: number): Entry {
    const ref = refId(db, key);
    let entry = this.entries.get(ref);
    if (entry === undefined) {
      const base = this.source.find(ref, db, key);
      if (base === undefined) return this.miss(db, key);
      entry = knownEntry(db, key, base, this.nowMs, this.isFlushed(db));
      this.entries.set(ref, entry);
    }
    // After a blind write in the same run the key's state is known, whatever was there before.
    else if (!entry.dirty) entry.read = true;
    this.lapse(entry);
    return entry;
  }

  /** What this run has put into the database, and not removed again. */
  private *staged(db: number): Iterable<{ readonly key: Key; readonly value: Value }> {
    for (const { db: entryDb, key, dirty, value } of this.entries.values()) {
      if (dirty && entryDb === db && value !== undefined) yield { key, value };
    }
  }

  /** Staged with a deadline that has passed (SET EXAT 1): there for nobody. */
  private lapse(entry: Entry): void {
    if (entry.value === undefined || !isExpired(entry, this.nowMs)) return;
    this.clear(entry);
    this.notify('x', 'expired', entry.key, entry.db);
  }

  private dirty(entry: Entry): void {
    entry.dirty = true;
    this.edits++;
  }

  private clear(entry: Entry): void {
    entry.value = undefined;
    entry.expiresAtMs = NO_EXPIRY;
    entry.owned = false;
  }

  private miss(db: number, key: Key): never {
    this.missingKeys.push({ db, key });
    throw FAULT;
  }

  private isFlushed(db: number): boolean {
    return this.flushes.some((flushed) => flushed === 'all' || flushed === db);
  }

  private askStore<K extends keyof StoreAnswerOf>(
    _kind: K,
    request: StoreRequest,
  ): StoreAnswerOf[K] {
    const id = storeRequestId(request);
    if (!this.answers.has(id)) this.missingRequest = request;
    const answer = this.answers.has(id) ? this.answers.get(id) : FAULT;
    if (answer instanceof Error) throw answer;
    return answer as StoreAnswerOf[K];
  }
}
