/**
 * Keys in a DynamoDB table, an item each. Nodes keep nothing: any number of them may use the same
 * table. docs/design/0006-dynamodb-items.md has the layout and its reasons.
 */
import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import { systemClock, type Clock } from '../../lib/clock';
import { silentLogger, type Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import type { Change, CommitResult, CommittedChange, ReadCheck } from '../../store/change';
import { NO_EXPIRY, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Consistency, Cursor, ScanPage, Store, StoreStats } from '../../store/store';
import { Commits } from './commits';
import { failureOf, isThrottled, reasonOf, storeError } from './failures';
import { FORMAT_KEY, SYSTEM } from './format';
import { refOf, type Item, type ItemKey } from './item-key';
import { contentOf } from './items';
import { openTable } from './opening';
import { Writer } from './operations';
import { Reads, type OnRec } from './reads';
import { Requests } from './requests';
import { Scans } from './scans';
import { Siblings } from './siblings';
import { approximateSize } from './table';
import { updateOf } from './updates';

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

/** For how long an answer shows that all is well. */
const FRESH_MS = 1000;

/** How many keys FLUSHDB removes at once. */
const PARALLEL_REMOVALS = 32;

export class DynamoStore implements Store {
  readonly name = 'dynamodb';
  readonly reads: Consistency = 'strong';

  private readonly requests: Requests;
  private readonly records: Reads;
  private readonly commits: Commits;
  private readonly scans: Scans;
  private readonly writer: Writer;
  private readonly expiryIndex: boolean;
  private isClosed = false;
  private readonly listeners: ((change: CommittedChange) => void)[] = [];

  constructor(private readonly options: DynamoStoreOptions) {
    const { client, table, clock, random, retryBudgetMs, maxInFlight } = options;
    const { expiryIndex = true } = options;
    this.expiryIndex = expiryIndex;
    this.requests = new Requests(client, systemClock, random, retryBudgetMs, maxInFlight);
    const siblings = new Siblings();
    this.records = new Reads(this.requests, table, siblings);
    this.writer = new Writer(systemClock.nowMs);
    this.commits = new Commits({
      requests: this.requests,
      reads: this.records,
      writer: this.writer,
      siblings,
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
        this.tell({ db, rec: result.recs[i]!, previous: result.previous[i], events });
      }
    }
    return result;
  }

  scan(db: number, cursor: Cursor, count: number): Promise<ScanPage> {
    return this.scans.page(db, cursor, count, this.options.clock.nowMs());
  }

  /** Finds nothing without the index. */
  async due(beforeMs: number, limit: number): Promise<readonly KeyRef[]> {
    return this.expiryIndex ? this.scans.due(beforeMs, limit) : [];
  }

  size(db: number): Promise<number> {
    return this.scans.size(db);
  }

  randomKey(db: number): Promise<Key | undefined> {
    return this.scans.randomKey(db, this.options.clock.nowMs());
  }

  /** Key by key, each on condition that it is still what the scan saw. Not atomic. */
  async flush(db: number | 'all'): Promise<void> {
    for await (const items of this.scans.all(db)) {
      for (let at = 0; at < items.length; at += PARALLEL_REMOVALS) {
        await Promise.all(items.slice(at, at + PARALLEL_REMOVALS).map((item) => this.remove(item)));
      }
    }
  }

  swap(): never {
    throw new StoreError('unsupported', 'no other node could know of an exchange in time');
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.listeners.push(listener);
  }

  /** Asks DynamoDB, unless it has answered a moment ago: half a read unit. */
  async health(): Promise<string | undefined> {
    const { requests } = this;
    if (systemClock.monotonicMs() - requests.answeredMs < FRESH_MS) return undefined;
    try {
      await requests.once(new GetItemCommand({ TableName: this.options.table, Key: FORMAT_KEY }));
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

  stats(): StoreStats {
    return {
      Dynamodb: {
        ...this.requests.figures.fields(),
        retries: this.requests.retries,
        unknown_outcomes_settled: this.commits.settled,
      },
    };
  }

  /** A tombstone in the place of an item, if it has still its version. */
  private async remove(item: Item): Promise<void> {
    const { p, s } = item;
    const { db, key } = refOf(item);
    const version = Number(item['v']!.N);
    const change = { db, key, value: undefined, expiresAtMs: NO_EXPIRY, base: version, events: [] };
    const nowMs = this.options.clock.nowMs();
    const at = { p, s } as ItemKey;
    const content = contentOf(change, at, nowMs, this.expiryIndex);
    try {
      // Made anew for each attempt: one that was lost and applied is then refused.
      await this.requests.repeated(
        () =>
          new UpdateItemCommand(
            updateOf(this.options.table, at, content, version, this.writer.next(), nowMs),
          ),
      );
    } catch (error) {
      const cause = error instanceof StoreError ? error.cause : error;
      if (failureOf(cause) !== 'refused') throw storeError(error);
      return;
    }
    const rec = { key, value: undefined, version: version + 1, expiresAtMs: NO_EXPIRY };
    this.tell({ db, rec, previous: undefined, events: [] });
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StoreError('unavailable', 'the store is closed');
  }

  private tell(change: CommittedChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
