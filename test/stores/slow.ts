/**
 * A store that behaves as badly as a remote one may. It keeps encoded bytes only; requests take
 * effect late and in any order, and so do their answers; from one seed it adds conflicts, failures
 * and unknown outcomes. Faults are off unless their rates are given.
 */
import { StoreError } from '../../src/errors';
import { systemClock, type Clock } from '../../src/lib/clock';
import { seeded, type Random } from '../../src/lib/random';
import type { Change, CommitResult, CommittedChange, ReadCheck } from '../../src/store/change';
import { NO_EXPIRY, refId, type Key, type KeyRef, type Rec } from '../../src/store/record';
import type { Consistency, Cursor, ScanPage, Store, StoreStats } from '../../src/store/store';
import { encodeValue } from '../../src/values/codec';
import type { Value } from '../../src/values/value';
import { Delays, type DelayOptions } from './slow-delays';
import { SlowTable, type SentChange } from './slow-table';

export interface SlowStoreOptions extends DelayOptions {
  readonly seed: number;
  readonly clock?: Clock;
  /** Parts of 1: commits answered as conflicts although nothing has changed. */
  readonly conflictRate?: number;
  /** Requests of any kind that reject as `unavailable`; nothing happened. */
  readonly failureRate?: number;
  /** Commits that reject as `unknown`: applied before, applied later, or never. */
  readonly unknownRate?: number;
  /** Whether `peek` answers from a cache of what was loaded, committed and heard of. */
  readonly cache?: boolean;
  /** Peeks that a cache misses although it holds the record, as if it had been evicted. */
  readonly missRate?: number;
  /** False: `swap` rejects as `unsupported`. */
  readonly swap?: boolean;
  /** Changes of a commit whose previous record the store does not know; 0.3 by default. */
  readonly forgetRate?: number;
  /** Commits of more changes and reads than this reject as `limit`. */
  readonly maxKeys?: number;
}

/** How much longer than a request a write of another node takes to be heard of, in turns. */
const FOREIGN_TURNS = 30;

interface Heard {
  readonly change: CommittedChange;
  readonly foreign: boolean;
}

export class SlowStore implements Store {
  readonly name = 'slow';
  readonly reads: Consistency;
  readonly maxKeys: number;

  /** What the store was asked for, and what it made of it. */
  readonly recorded = {
    loads: 0,
    snapshots: 0,
    loadedKeys: 0,
    commits: 0,
    changes: 0,
    reads: 0,
    scans: 0,
    conflicts: 0,
    failures: 0,
    unknowns: 0,
  };

  private readonly table = new SlowTable();
  private readonly cache = new Map<string, { db: number; rec: Rec; bytes: Buffer | undefined }>();
  private readonly listeners: ((change: CommittedChange) => void)[] = [];
  private readonly stream: Heard[] = [];
  private readonly random: Random;
  private readonly delays: Delays;
  private readonly clock: Clock;
  private busy = 0;
  private closed = false;

  constructor(private readonly options: SlowStoreOptions) {
    this.maxKeys = options.maxKeys ?? Infinity;
    this.reads = options.cache === true ? 'bounded' : 'strong';
    this.random = seeded(options.seed);
    this.delays = new Delays(this.random, options);
    this.clock = options.clock ?? systemClock;
  }

  async open(): Promise<void> {
    this.closed = false;
  }

  async close(): Promise<void> {
    this.closed = true;
    // Nobody hears of these any more, and a test may have left thousands of them.
    this.stream.length = 0;
  }

  /** Resolves when nothing is under way: no request, no late write, no change still to be heard of. */
  async idle(): Promise<void> {
    while (this.busy > 0) await this.delays.turns(1);
  }

  /** A write by another node: in force at once, but heard of here only after a while. */
  foreignWrite(db: number, key: Key, value: Value | undefined, expiresAtMs = NO_EXPIRY): Rec {
    const bytes = value === undefined ? undefined : encodeValue(value);
    const change = this.table.write({ db, key, bytes, expiresAtMs, events: [] });
    this.hear([change], true);
    return change.rec;
  }

  /** The record in force now, whatever is under way; for a test's last look. */
  truth(db: number, key: Key): Rec {
    return this.table.read(db, key);
  }

  /** Cached records whose value somebody has changed in place: always a mistake. */
  mutated(): KeyRef[] {
    return [...this.cache.values()]
      .filter(({ rec, bytes }) => {
        return bytes !== undefined && !encodeValue(rec.value!).equals(bytes);
      })
      .map(({ db, rec }) => ({ db, key: rec.key }));
  }

  readonly atHand = {
    found: undefined as Rec | undefined,
    find: (db: number, key: Key): number => {
      this.atHand.found = this.peek(db, key);
      return this.atHand.found === undefined ? 0 : 1;
    },
    valueAt: () => this.atHand.found!.value!,
    expiresAtMs: () => {
      const { value, expiresAtMs } = this.atHand.found!;
      return value === undefined ? -1 : expiresAtMs;
    },
    timePasses: () => {},
    used: () => {},
    unused: () => {},
  };

  peek(db: number, key: Key): Rec | undefined {
    if (this.options.cache !== true || this.chance(this.options.missRate)) return undefined;
    return this.cache.get(refId(db, key))?.rec;
  }

  async load(keys: readonly KeyRef[], need: 'snapshot' | 'each'): Promise<readonly Rec[]> {
    this.recorded.loads++;
    this.recorded.loadedKeys += keys.length;
    if (need === 'snapshot') {
      this.recorded.snapshots++;
      if (keys.length > this.maxKeys) throw new StoreError('limit', 'too many keys in one load');
    }
    return this.request(async () => {
      const recs =
        need === 'snapshot'
          ? keys.map(({ db, key }) => this.table.read(db, key))
          : await Promise.all(keys.map((ref) => this.readLater(ref)));
      await this.delays.travel();
      keys.forEach(({ db }, i) => this.remember(db, recs[i]!));
      return recs;
    });
  }

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    this.recorded.commits++;
    this.recorded.changes += changes.length;
    this.recorded.reads += reads.length;
    if (changes.length + reads.length > this.maxKeys) {
      throw new StoreError('limit', 'too many keys in one commit');
    }
    // Encoded now: what the caller does to the values later is not part of the request.
    const sent = changes.map(({ value, ...rest }) => ({
      ...rest,
      bytes: value === undefined ? undefined : encodeValue(value),
    }));
    return this.request(async () => {
      if (this.chance(this.options.unknownRate)) return this.loseAnswer(sent, reads);
      const result = this.chance(this.options.conflictRate)
        ? this.conflict([...sent, ...reads])
        : this.apply(sent, reads);
      await this.delays.travel();
      if (result.ok) changes.forEach(({ db }, i) => this.remember(db, result.recs[i]!));
      else for (const { db, rec } of result.recs) this.remember(db, rec);
      return result;
    });
  }

  async scan(db: number, cursor: Cursor, count: number): Promise<ScanPage> {
    this.recorded.scans++;
    return this.read(() => this.table.scan(db, cursor, count, this.clock.nowMs()));
  }

  async due(beforeMs: number, limit: number): Promise<readonly KeyRef[]> {
    return this.read(() => this.table.due(beforeMs, limit));
  }

  async size(db: number): Promise<number> {
    return this.read(() => this.table.size(db));
  }

  async randomKey(db: number): Promise<Key | undefined> {
    return this.read(() => this.table.randomKey(db, this.clock.nowMs(), this.random));
  }

  async flush(db: number | 'all'): Promise<void> {
    await this.rewrite(() => this.table.flush(db));
  }

  async swap(a: number, b: number): Promise<void> {
    if (this.options.swap === false) {
      throw new StoreError('unsupported', 'databases cannot be exchanged');
    }
    await this.rewrite(() => this.table.swap(a, b));
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.listeners.push(listener);
  }

  stats(): StoreStats {
    return { Slow: { ...this.recorded } };
  }

  /** Travels to the store and runs `work` there; `work` travels back. */
  private async request<T>(work: () => Promise<T>): Promise<T> {
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
    this.busy++;
    try {
      await this.delays.travel();
      if (this.chance(this.options.failureRate)) {
        this.recorded.failures++;
        await this.delays.travel();
        throw new StoreError('unavailable', 'injected failure');
      }
      return await work();
    } finally {
      this.busy--;
    }
  }

  private read<T>(work: () => T): Promise<T> {
    return this.request(async () => {
      const answer = work();
      await this.delays.travel();
      return answer;
    });
  }

  private async rewrite(work: () => CommittedChange[]): Promise<void> {
    const changes = await this.read(() => {
      const written = work();
      this.hear(written, false);
      return written;
    });
    for (const { db, rec } of changes) this.remember(db, rec);
  }

  private async readLater({ db, key }: KeyRef): Promise<Rec> {
    await this.delays.travel();
    return this.table.read(db, key);
  }

  private apply(sent: readonly SentChange[], reads: readonly ReadCheck[]): CommitResult {
    const conflicts = this.table.conflicts(sent, reads);
    if (conflicts.length > 0) return this.conflict(conflicts);
    const previous = sent.map(({ db, key }) => this.table.read(db, key));
    const changes = sent.map((change) => this.table.write(change));
    this.hear(changes, false);
    const { forgetRate = 0.3 } = this.options;
    return {
      ok: true,
      recs: changes.map(({ rec }) => rec),
      // A store need not know what was there before.
      previous: previous.map((rec) => (this.chance(forgetRate) ? undefined : rec)),
    };
  }

  /** A store may know the newer records, or not. */
  private conflict(refs: readonly KeyRef[]): CommitResult {
    this.recorded.conflicts++;
    const known = refs.filter(() => this.chance(0.5));
    return { ok: false, recs: known.map(({ db, key }) => ({ db, rec: this.table.read(db, key) })) };
  }

  private async loseAnswer(
    sent: readonly SentChange[],
    reads: readonly ReadCheck[],
  ): Promise<never> {
    this.recorded.unknowns++;
    const fate = this.random.below(3);
    if (fate === 0) this.apply(sent, reads);
    if (fate === 1) void this.applyLater(sent, reads);
    await this.delays.travel();
    throw new StoreError('unknown', 'injected loss of an answer');
  }

  private async applyLater(
    sent: readonly SentChange[],
    reads: readonly ReadCheck[],
  ): Promise<void> {
    this.busy++;
    await this.delays.turns(this.random.below(10 * FOREIGN_TURNS));
    this.apply(sent, reads);
    this.busy--;
  }

  /** Takes a record into the cache unless it holds a later one. */
  private remember(db: number, rec: Rec): void {
    if (this.options.cache !== true) return;
    const ref = refId(db, rec.key);
    const cached = this.cache.get(ref);
    if (cached !== undefined && cached.rec.version >= rec.version) return;
    const bytes = rec.value === undefined ? undefined : encodeValue(rec.value);
    this.cache.set(ref, { db, rec, bytes });
  }

  /** Puts changes into the stream that everybody hears, in the order in which they took effect. */
  private hear(changes: readonly CommittedChange[], foreign: boolean): void {
    const idle = this.stream.length === 0;
    for (const change of changes) this.stream.push({ change, foreign });
    if (idle && changes.length > 0) void this.deliver();
  }

  private async deliver(): Promise<void> {
    this.busy++;
    for (let next = this.stream[0]; next !== undefined; next = this.stream[0]) {
      await this.delays.turns(next.foreign ? FOREIGN_TURNS : this.random.below(2));
      // The store was closed meanwhile.
      if (this.stream[0] !== next) continue;
      this.stream.shift();
      this.remember(next.change.db, next.change.rec);
      for (const listener of this.listeners) listener(next.change);
    }
    this.busy--;
  }

  private chance(rate: number | undefined): boolean {
    return rate !== undefined && rate > 0 && this.random.next() < rate;
  }
}
