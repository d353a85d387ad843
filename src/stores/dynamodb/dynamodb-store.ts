/**
 * Keys in a DynamoDB table, an item each. Nodes keep nothing: any number of them may use the same
 * table. docs/design/0006-dynamodb-items.md has the layout and its reasons.
 */
import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import { CorrectedClock, systemClock, type Clock } from '../../lib/clock';
import { silentLogger, type Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import type { Change, CommitResult, CommittedChange, ReadCheck } from '../../store/change';
import type { Key, KeyRef, Rec } from '../../store/record';
import type { Consistency, Cursor, ScanPage, Store, StoreStats } from '../../store/store';
import { watchClock } from './client';
import { ClockOffset } from './clock-offset';
import { Commits } from './commits';
import { isThrottled, reasonOf } from './failures';
import { Fences } from './fences';
import { Flush } from './flush';
import { FORMAT_KEY, SYSTEM } from './format';
import type { Item } from './item-key';
import { openTable } from './opening';
import { Writer } from './operations';
import { MAX_KEYS, Reads, type OnRec } from './reads';
import { Requests } from './requests';
import { Scans } from './scans';
import { Siblings } from './siblings';
import { SystemItems } from './system-items';
import { approximateSize } from './table';

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Whether to make the table if there is none. */
  readonly createTable: boolean;
  /** For deadlines and the times of commits. Requests wait and time out by the system's clock. */
  readonly clock: Clock;
  readonly random: Random;
  /** How many databases there are. */
  readonly databases: number;
  /** How long a request is tried again, in milliseconds. */
  readonly retryBudgetMs: number;
  /** How many requests may be under way at once: no more than the client has sockets. */
  readonly maxInFlight: number;
  /** How long DynamoDB may be out of reach at the start, in milliseconds; by default 0. */
  readonly startupTimeoutMs?: number;
  /** Whether keys with deadlines are in the index that `due` asks; by default they are. */
  readonly expiryIndex?: boolean;
  readonly log?: Logger;
}

/** A key's item has a byte for its database, and 0xFF is the system's. */
const MAX_DATABASES = SYSTEM;

/** Clocks that differ by more are worth a warning. */
const FAR_OFFSET_MS = 1000;

/** For how long an answer shows that all is well. */
const FRESH_MS = 1000;

export class DynamoStore implements Store {
  readonly name = 'dynamodb';
  readonly reads: Consistency = 'strong';
  readonly maxKeys = MAX_KEYS;

  readonly system: SystemItems;

  private readonly requests: Requests;
  private readonly siblings = new Siblings();
  private readonly records: Reads;
  private readonly commits: Commits;
  private readonly scans: Scans;
  private readonly writer: Writer;
  private readonly expiryIndex: boolean;
  private readonly clock: Clock;
  private readonly offset = new ClockOffset();
  private offsetWarned = false;
  private isClosed = false;
  /** Whether all is well, while that is asked. */
  private asking: Promise<string | undefined> | undefined;
  private readonly listeners: ((change: CommittedChange) => void)[] = [];

  constructor(private readonly options: DynamoStoreOptions) {
    const { client, table, random, retryBudgetMs, maxInFlight } = options;
    const { expiryIndex = true } = options;
    const clock = new CorrectedClock(options.clock, () => this.clockOffsetMs());
    this.clock = clock;
    watchClock(client, (...times) => this.observeClock(...times));
    this.expiryIndex = expiryIndex;
    this.requests = new Requests(client, systemClock, random, retryBudgetMs, maxInFlight);
    const { siblings } = this;
    this.system = new SystemItems(this.requests, table);
    const fences = new Fences(() => clock.nowMs());
    this.records = new Reads(this.requests, table, siblings, fences);
    // Times of different writers are compared with each other, too (operations.ts).
    const writerClock = new CorrectedClock(systemClock, () => this.clockOffsetMs());
    this.writer = new Writer(() => writerClock.nowMs());
    this.commits = new Commits({
      requests: this.requests,
      reads: this.records,
      writer: this.writer,
      siblings,
      fences,
      clock,
      table,
      expiryIndex,
    });
    this.scans = new Scans(this.requests, table, random);
  }

  /** @throws Error that says why goredis cannot start, as opening.ts has it */
  async open(): Promise<void> {
    const { databases, startupTimeoutMs = 0, log = silentLogger } = this.options;
    this.isClosed = false;
    if (databases > MAX_DATABASES) {
      throw new Error(`store dynamodb: databases is ${databases}, may be at most ${MAX_DATABASES}`);
    }
    // Waits by the system's clock: a test's may stand still.
    const { expiryIndex } = this;
    await openTable({ ...this.options, startupTimeoutMs, expiryIndex, log, clock: systemClock });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.options.client.destroy();
  }

  peek(): Rec | undefined {
    return undefined;
  }

  async load(
    keys: readonly KeyRef[],
    need: 'snapshot' | 'each',
    _consistency: Consistency,
    onRec?: OnRec,
  ): Promise<readonly Rec[]> {
    this.checkOpen();
    return need === 'snapshot' ? this.records.snapshot(keys) : this.records.each(keys, onRec);
  }

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    this.checkOpen();
    const result = await this.commits.commit(changes, reads);
    if (result.ok) {
      for (const [i, { db, events }] of changes.entries()) {
        this.tell({ db, rec: result.recs[i]!, events });
      }
    }
    return result;
  }

  scan(db: number, cursor: Cursor, count: number): Promise<ScanPage> {
    return this.scans.page(db, cursor, count, this.clock.nowMs());
  }

  /** Finds nothing without the index. */
  async due(beforeMs: number, limit: number): Promise<readonly KeyRef[]> {
    return this.expiryIndex ? this.scans.due(beforeMs, limit) : [];
  }

  size(db: number): Promise<number> {
    return this.scans.size(db);
  }

  randomKey(db: number): Promise<Key | undefined> {
    return this.scans.randomKey(db, this.clock.nowMs());
  }

  async flush(db: number | 'all'): Promise<void> {
    const { table, log = silentLogger } = this.options;
    const { clock, requests, scans, writer } = this;
    const removed = (removedDb: number, rec: Rec): void =>
      this.tell({ db: removedDb, rec, events: [] });
    await new Flush({ requests, scans, writer, clock, table, log, removed }, db).run();
  }

  swap(): never {
    throw new StoreError('unsupported', 'no other node could know of an exchange in time');
  }

  /** Takes the `tx` of an item that the stream has shown. */
  learnSiblings(item: Item): void {
    this.siblings.learn(item);
  }

  /** Tells the `tx` of each item that is seen from now on: what else its commits wrote. */
  onSiblings(listener: (tx: Uint8Array) => void): void {
    this.siblings.onTx = listener;
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.listeners.push(listener);
  }

  /** Asks DynamoDB, unless it has answered a moment ago: half a read unit. Waits behind nobody. */
  health(): Promise<string | undefined> {
    const isFresh = systemClock.monotonicMs() - this.requests.answeredMs < FRESH_MS;
    if (isFresh) return Promise.resolve(undefined);
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<string | undefined> {
    const { requests } = this;
    try {
      await requests.urgent(new GetItemCommand({ TableName: this.options.table, Key: FORMAT_KEY }));
      return undefined;
    } catch (error) {
      // Whoever is throttled has been reached.
      return isThrottled(error) ? undefined : `DynamoDB: ${reasonOf(error)}`;
    }
  }

  /** As DynamoDB counts, every six hours or so, tombstones and what has expired included. */
  approximateSize(): Promise<number> {
    return approximateSize(this.requests, this.options.table);
  }

  clockOffsetMs(): number {
    return this.offset.offsetMs(systemClock.nowMs(), systemClock.monotonicMs());
  }

  stats(): StoreStats {
    return {
      Dynamodb: {
        ...this.requests.figures.fields(),
        retries: this.requests.retries,
        unknown_outcomes_settled: this.commits.settled,
        clock_offset_ms: this.clockOffsetMs(),
      },
    };
  }

  private observeClock(dateMs: number, sentMs: number, receivedMs: number): void {
    this.offset.observe(dateMs, sentMs, receivedMs);
    const offsetMs = this.clockOffsetMs();
    const isFar = Math.abs(offsetMs) > FAR_OFFSET_MS;
    if (isFar && !this.offsetWarned) {
      const how = offsetMs > 0 ? 'behind' : 'ahead of';
      this.options.log?.warning(
        `The clock of this machine is ${Math.abs(offsetMs)} ms ${how} DynamoDB's; deadlines go by DynamoDB's`,
      );
    }
    this.offsetWarned = isFar;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StoreError('unavailable', 'the store is closed');
  }

  private tell(change: CommittedChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
