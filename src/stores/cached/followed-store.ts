/**
 * A DynamoDB table whose stream this node follows: it hears of what others write, and may keep what
 * it has read in a cache (coherence.ts). docs/design/0007-cached-store.md has what is promised.
 */
import { Follower } from '../../follower/follower';
import type { StreamRecord } from '../../follower/record';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import {
  BLIND,
  type Change,
  type CommitResult,
  type CommittedChange,
  type ReadCheck,
} from '../../store/change';
import { NO_EXPIRY, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Consistency, Cursor, ScanPage, Store, StoreStats } from '../../store/store';
import type { DynamoStore } from '../dynamodb/dynamodb-store';
import { itemKey, refOf, type ItemKey } from '../dynamodb/item-key';
import type { OnRec } from '../dynamodb/reads';
import { placeName } from '../dynamodb/siblings';
import { isSystemItem, settingOf } from '../dynamodb/system-items';
import { Announcements } from './announcements';
import { CachedReads } from './cached-reads';
import { Coherence } from './coherence';
import { CacheFigures } from './figures';
import type { Flight } from './flights';
import { Hits } from './hits';
import {
  committedAtMs,
  isCommit,
  streamChangeOf,
  streamEventsOf,
  type StreamChange,
} from './stream-changes';
import { TableSettings } from './table-settings';

export interface FollowedStoreOptions {
  readonly base: DynamoStore;
  readonly streams: DynamoDBStreamsClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Undefined: nothing is cached, and the stream is followed while somebody wants events. */
  readonly cache: { readonly maxBytes: number; readonly populate: boolean } | undefined;
  readonly maxStalenessMs: number;
  /** Calls of GetRecords a second, for each shard. */
  readonly callsPerSecond: number;
}

/** DynamoDB lets so many read a shard. Source: ServiceQuotas, DynamoDB Streams. */
const MAX_FOLLOWERS = 2;

export class FollowedStore implements Store {
  readonly name: string;
  readonly reads: Consistency;
  readonly maxKeys: number;
  readonly follower: Follower;
  readonly settings: TableSettings;
  readonly atHand: Hits | undefined;

  private readonly base: DynamoStore;
  private readonly coherence: Coherence | undefined;
  private readonly cachedReads: CachedReads | undefined;
  private readonly figures = new CacheFigures();
  private readonly announcements = new Announcements();
  private readonly changeListeners: ((change: CommittedChange) => void)[] = [];
  private eventsWanted = false;
  private isOpen = false;
  private undecodable = 0;
  private warnedOfFollowers = false;

  constructor(private readonly options: FollowedStoreOptions) {
    const { base, cache, clock } = options;
    this.base = base;
    this.name = cache === undefined ? base.name : 'cached';
    this.reads = cache === undefined ? 'strong' : 'bounded';
    this.maxKeys = base.maxKeys;
    if (cache !== undefined) {
      const coherence = new Coherence({
        ...cache,
        monotonicMs: () => clock.monotonicMs(),
        nowMs: () => this.nowMs(),
        seenMs: () => this.follower.seen.monotonicMs,
        onUnreadable: (db, error) => this.unreadable(db, error),
        onFull: () => this.dropAll('floors', this.follower.following),
      });
      this.coherence = coherence;
      base.onSiblings((tx) => coherence.siblings(tx));
      const hits = new Hits(coherence, this.figures, () => this.follower.isFresh());
      this.cachedReads = new CachedReads(
        base,
        coherence,
        (db, key) => hits.peek(db, key),
        (keys) => {
          hits.used();
          this.figures.missed(keys, this.follower.isFresh());
        },
        clock,
      );
      this.atHand = hits;
    }
    const { system } = base;
    this.settings = new TableSettings({ ...options, system });
    this.follower = new Follower({
      ...options,
      findStream: () => system.streamArn(),
      writeBeacon: (key, number) => system.writeBeacon(key, number, this.nowMs()),
      onRecord: (record) => this.take(record),
      onFollowing: () => this.coherence?.follow(),
      onGap: (reason) => this.dropAll(reason, false),
      onPage: () => this.pageTaken(),
    });
  }

  async open(): Promise<void> {
    await this.base.open();
    this.isOpen = true;
    this.settings.start();
    this.followIfWanted();
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.settings.stop();
    await this.follower.stop();
    this.options.streams.destroy();
    await this.base.close();
  }

  /** The cached record, if the cache is provably fresh. */
  peek(db: number, key: Key): Rec | undefined {
    return this.atHand?.peek(db, key);
  }

  async load(
    keys: readonly KeyRef[],
    need: 'snapshot' | 'each',
    consistency: Consistency,
    onRec?: OnRec,
  ): Promise<readonly Rec[]> {
    const { cachedReads } = this;
    if (cachedReads === undefined) return this.base.load(keys, need, 'strong', onRec);
    if (need === 'snapshot') return cachedReads.snapshot(keys);
    return cachedReads.each(keys, consistency, onRec);
  }

  async commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult> {
    const { coherence } = this;
    const begin = (ref: KeyRef): Flight[] =>
      coherence === undefined ? [] : [coherence.begin(ref)];
    const flights = [...changes, ...reads].flatMap(begin);
    const { following } = this.follower;
    try {
      const result = await this.base.commit(changes, reads);
      if (result.ok) return this.committed(changes, result, flights, following);
      coherence?.refused(flights, result.recs);
      return result;
    } catch (error) {
      for (const change of changes) coherence?.forget(change);
      throw error;
    } finally {
      for (const flight of flights) coherence!.end(flight);
    }
  }

  scan(db: number, cursor: Cursor, count: number): Promise<ScanPage> {
    return this.base.scan(db, cursor, count);
  }

  due(beforeMs: number, limit: number): Promise<readonly KeyRef[]> {
    return this.base.due(beforeMs, limit);
  }

  size(db: number): Promise<number> {
    return this.base.size(db);
  }

  randomKey(db: number): Promise<Key | undefined> {
    return this.base.randomKey(db);
  }

  async flush(db: number | 'all'): Promise<void> {
    try {
      await this.base.flush(db);
    } finally {
      this.dropAll('flush', this.follower.following);
    }
  }

  swap(): never {
    return this.base.swap();
  }

  onChange(listener: (change: CommittedChange) => void): void {
    this.changeListeners.push(listener);
  }

  wantEvents(wanted: boolean): void {
    this.eventsWanted = wanted;
    if (this.isOpen) this.followIfWanted();
  }

  health(): Promise<string | undefined> {
    return this.base.health();
  }

  approximateSize(): Promise<number> {
    return this.base.approximateSize();
  }

  clockOffsetMs(): number {
    return this.base.clockOffsetMs();
  }

  stats(): StoreStats {
    const { cache } = this.coherence ?? {};
    return {
      ...this.base.stats(),
      ...(cache && { Cache: this.figures.cacheFields(cache, this.coherence!.populated) }),
      Streams: {
        state: this.follower.state,
        shards: this.follower.shardCount,
        followers: this.follower.followers,
        ...this.figures.stalenessFields(),
        undecodable_items: this.undecodable,
        ...this.follower.figures.fields(),
      },
    };
  }

  private followIfWanted(): void {
    if (this.coherence !== undefined || this.eventsWanted) this.follower.start();
    else void this.follower.stop();
  }

  private committed(
    changes: readonly Change[],
    result: CommitResult & { readonly ok: true },
    flights: readonly Flight[],
    followed: boolean,
  ): CommitResult {
    // Nobody listens, and nobody did when it was sent.
    if (this.follower.state === 'stopped' && !this.eventsWanted) return result;
    const announce = changes.map((change, i) => this.mayAnnounce(change, result, i, followed));
    if (this.coherence !== undefined) {
      result.recs.forEach((rec, i) => this.coherence!.loaded(flights[i]!, rec));
    }
    changes.forEach(({ db, events }, i) => {
      const rec = result.recs[i]!;
      if (announce[i]) this.tell({ db, rec, events });
    });
    return { ...result, announce };
  }

  /**
   * Whether all events of the key that come before those of this commit have been sent here.
   * @param followed whether the stream was followed when it was sent
   */
  private mayAnnounce(
    change: Change,
    { bases, previous, recs }: CommitResult & { readonly ok: true },
    i: number,
    followed: boolean,
  ): boolean {
    const place = placeName(itemKey(change));
    const { version } = recs[i]!;
    // The stream was faster than the answer.
    if (this.announcements.haveSent(place, version)) return false;
    let { base } = change;
    if (base === BLIND) base = bases?.[i] ?? previous[i]?.version ?? version - 1;
    const { monotonicMs: seenMs } = this.follower.seen;
    // What is not followed nobody will tell later.
    const may =
      !followed ||
      !this.follower.following ||
      base === 0 ||
      this.announcements.haveSent(place, base) ||
      this.coherence?.isSeen(change, base, seenMs) === true;
    if (may) this.announcements.sentOwn(place, version, this.options.clock.monotonicMs());
    return may;
  }

  private take(record: StreamRecord): void {
    if (isSystemItem(record.keys)) return this.takeSetting(record);
    let change: StreamChange;
    try {
      change = streamChangeOf(record);
    } catch (error) {
      return this.cannotDecode(record, error);
    }
    const { db, place, rec, version } = change;
    const { item } = change;
    if (item?.['tx'] !== undefined) this.base.learnSiblings({ ...item, ...record.keys });
    if (rec === undefined) this.coherence?.removed(change, place, version);
    else this.coherence?.applied(db, place, rec);
    const atMs = committedAtMs(change);
    if (atMs !== undefined) this.figures.visible(this.nowMs() - atMs);
    if (!isCommit(change)) return;
    if (rec === undefined) this.announcements.removed(place);
    else if (!this.announcements.arrived(place, version)) return;
    this.tell({
      db,
      rec: rec ?? { key: change.key, value: undefined, version: 0, expiresAtMs: NO_EXPIRY },
      events: streamEventsOf(change, this.nowMs()),
      unannounced: true,
    });
  }

  private takeSetting({ keys, newImage }: StreamRecord): void {
    const setting = newImage && settingOf({ ...newImage, ...keys });
    if (setting !== undefined) this.settings.heard(setting.name, setting.value);
  }

  /** An item that no goredis wrote: an error for whoever reads its key, and for nobody else. */
  private cannotDecode({ keys, newImage, oldImage }: StreamRecord, error: unknown): void {
    const { db, key } = refOf({ ...oldImage, ...newImage, ...keys });
    this.coherence?.removed({ db, key }, placeName(keys as ItemKey), Infinity);
    this.unreadable(db, error);
  }

  private unreadable(db: number, error: unknown): void {
    if (++this.undecodable > 1) return;
    const { message } = error as Error;
    this.options.log.warning(
      `The table has an item that goredis cannot read: ${message} (database ${db}; told once, counted in INFO)`,
    );
  }

  private pageTaken(): void {
    this.coherence?.tidy();
    const { followers } = this.follower;
    if (followers <= MAX_FOLLOWERS || this.warnedOfFollowers) return;
    this.warnedOfFollowers = true;
    this.options.log.warning(
      `${followers} nodes follow the stream of the table, of which DynamoDB lets ${MAX_FOLLOWERS} read a shard: more may be throttled, and their caches stand aside meanwhile`,
    );
  }

  private dropAll(reason: string, following: boolean): void {
    if (this.coherence === undefined) return;
    this.coherence.drop(following);
    this.figures.flushed(reason);
  }

  private tell(change: CommittedChange): void {
    for (const listener of this.changeListeners) listener(change);
  }

  private nowMs(): number {
    return this.options.clock.nowMs() + this.base.clockOffsetMs();
  }
}
