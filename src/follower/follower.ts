/**
 * Follows the stream of a table: every change of every item, in order for each item, from the moment
 * when `following` becomes true. It knows how fresh it provably is (frontier.ts), says when it may
 * have missed something, and never stops by itself: what fails is tried again, and told.
 *
 * Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import type { DescribeStreamCommand, StreamDescription } from '@aws-sdk/client-dynamodb-streams';
import { Beacons } from './beacons';
import { streamFailureOf } from './failures';
import { StreamFigures } from './figures';
import { Frontier, NEVER, type Moment } from './frontier';
import { Lineage } from './lineage';
import { allShards, childShards } from './listing';
import type { FollowerParts, FollowerState } from './parts';
import { Pauses } from './pause';
import type { StreamRecord } from './record';
import { ShardReader, type ReaderParts, type Start } from './shard-reader';

/** A complete listing finds what was found no other way. */
const LISTING_INTERVAL_MS = 60_000;
/** The least time between two that come early. */
const LIST_SOON_MS = 5000;
const FIRST_CHILD_RETRY_MS = 50;
const MAX_CHILD_RETRY_MS = 1000;
/** How long what was seen does not count while a second child may come. */
const SIBLING_MS = 1000;
/** And how long it is asked for. */
const MAX_SIBLING_MS = 30_000;
/** After so many questions for children in vain: whether the stream is still the table's. */
const CHILD_RETRIES = 8;
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 5000;

export class Follower {
  readonly figures = new StreamFigures();
  /** Nothing that happens from now on is missed. */
  following = false;
  private readonly frontier = new Frontier();
  private readonly beacons: Beacons;
  private lineage = new Lineage();
  private readonly readers = new Map<string, ShardReader>();
  /** Shards that have ended and whose children are being looked for. */
  private readonly ended = new Set<string>();
  /** Of the present attempt to follow: ends it. */
  private gap: (reason: string) => void = () => {};
  private pauses: Pauses;
  private wanted = false;
  private running: Promise<void> | undefined;
  private arn = '';
  private noStream = false;
  private failing = false;
  private waiting: (() => void)[] = [];
  /** Ends the wait for the next complete listing. */
  private listNow: () => void = () => {};
  private listedSoonMs = -Infinity;

  constructor(private readonly parts: FollowerParts) {
    const { clock, random, maxStalenessMs } = parts;
    this.pauses = new Pauses(clock);
    this.beacons = new Beacons({
      clock,
      random,
      frontier: this.frontier,
      maxStalenessMs,
      shards: () => this.readers.keys(),
      write: (key, number) => parts.writeBeacon(key, number),
      late: () => this.listSoon(),
      lost: () => this.gap('a beacon did not come back'),
    });
  }

  start(): void {
    this.wanted = true;
    if (this.running !== undefined) return;
    this.pauses = new Pauses(this.parts.clock);
    this.running = this.run();
  }

  /** Resolves when nothing of it is under way any more, unless it was started again meanwhile. */
  async stop(): Promise<void> {
    this.wanted = false;
    this.pauses.stop();
    this.gap('stopped');
    const { running } = this;
    await running;
    // Somebody else has seen to the rest.
    if (this.running !== running) return;
    this.running = undefined;
    this.tellWaiting();
    if (this.wanted) this.start();
  }

  get state(): FollowerState {
    if (this.running === undefined) return 'stopped';
    if (this.noStream) return 'no-stream';
    if (!this.following) return 'starting';
    return this.isFresh() ? 'following' : 'behind';
  }

  get shardCount(): number {
    return this.readers.size;
  }

  /** Nodes that follow the stream, this one too, as far as their beacons have shown. */
  get followers(): number {
    return this.beacons.nodes + 1;
  }

  /** All that was written before has been seen. Never, unless `following`. */
  get seen(): Moment {
    return this.following ? this.frontier.seen : NEVER;
  }

  /** Whether what was written `maxStalenessMs` ago, or longer, has been seen. Cheap. */
  isFresh(): boolean {
    const { clock, maxStalenessMs } = this.parts;
    const { monotonicMs, wallMs } = this.seen;
    // The later of both clocks: the monotonic one stands still while the machine sleeps.
    return (
      clock.monotonicMs() - monotonicMs <= maxStalenessMs &&
      clock.nowMs() - wallMs <= maxStalenessMs
    );
  }

  /** Resolves when all that was written before this call has been seen. */
  async caughtUp(): Promise<void> {
    const sinceMs = this.parts.clock.monotonicMs();
    // One sent in the same moment may have been sent before.
    while (this.seen.monotonicMs <= sinceMs && this.running !== undefined) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private async run(): Promise<void> {
    const { log, random } = this.parts;
    let told = '';
    for (let failures = 0; !this.pauses.stopped;) {
      let reason: string;
      let followed = false;
      try {
        reason = await this.follow();
        followed = this.following;
      } catch (error) {
        reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
      this.reset();
      if (this.pauses.stopped) return;
      if (followed) {
        failures = 0;
        this.figures.gaps++;
        this.figures.lastGap = reason;
        log.warning(`The stream of the table is followed anew: ${reason}`);
        this.parts.onGap(reason);
      } else if (reason !== told) {
        log.warning(`The stream of the table is not followed: ${reason}`);
      }
      told = reason;
      const longestMs = Math.min(FIRST_RESTART_MS * 2 ** failures++, MAX_RESTART_MS);
      await this.pauses.pause(longestMs * (0.5 + random.next() / 2));
    }
  }

  /** @returns why it has ended */
  private async follow(): Promise<string> {
    const arn = await this.parts.findStream();
    this.noStream = arn === undefined;
    if (arn === undefined) return 'it has none';
    this.arn = arn;
    const ended = new Promise<string>((resolve) => (this.gap = resolve));
    // The same object for this attempt's life: loops of an earlier one see that theirs is gone.
    const pauses = new Pauses(this.parts.clock);
    const stop = this.gap;
    this.gap = (reason) => {
      pauses.stop();
      stop(reason);
    };
    if (this.pauses.stopped) return 'stopped';
    this.lineage.add(await allShards(this.stream(pauses)));
    for (const shard of this.lineage.leaves()) this.open(shard, 'LATEST', NEVER, pauses);
    void this.listNowAndThen(pauses);
    return ended;
  }

  private reset(): void {
    this.gap = () => {};
    this.following = false;
    this.beacons.stop();
    for (const reader of this.readers.values()) reader.stop();
    this.readers.clear();
    this.ended.clear();
    this.frontier.clear();
    this.lineage = new Lineage();
  }

  private open(shard: string, start: Start, moment: Moment, pauses: Pauses): void {
    const { streams, clock, random, callsPerSecond, maxStalenessMs } = this.parts;
    const parts: ReaderParts = {
      streams,
      clock,
      random,
      callsPerSecond,
      arn: this.arn,
      figures: this.figures,
      idleMs: maxStalenessMs / 4,
      page: (reader, records) => this.page(reader, records),
      behind: () =>
        this.frontier.momentOf(shard).monotonicMs < clock.monotonicMs() - maxStalenessMs,
      failed: (_reader, error) => this.failed(error),
    };
    const reader = new ShardReader(shard, start, parts);
    this.readers.set(shard, reader);
    this.frontier.add(shard, moment);
    void reader.read().then((end) => {
      if (pauses.stopped || end === 'stopped') return undefined;
      if (end !== 'ended') return this.gap(end.gap);
      return this.findHeirs(shard, pauses);
    });
  }

  /** @returns whether others than this node wrote any of the records */
  private page(reader: ShardReader, records: readonly StreamRecord[]): boolean {
    if (this.readers.get(reader.shard) !== reader) return false;
    let news = false;
    try {
      for (const record of records) {
        this.figures.records++;
        if (this.beacons.take(record)) this.figures.beacons++;
        else {
          news = true;
          this.parts.onRecord(record);
        }
      }
    } catch (error) {
      // What came behind it in the page has not been told.
      const text = String(error instanceof Error ? error.stack : error).replace(/\n\s*/g, ' | ');
      this.parts.log.warning(`Internal error in the follower: ${text}`);
      this.gap('a record could not be taken');
      return news;
    }
    this.failing = false;
    if (!this.following && [...this.readers.values()].every(({ anchored }) => anchored)) {
      this.following = true;
      this.parts.log.notice(`The stream of the table is followed: ${this.readers.size} shards`);
      this.parts.onFollowing();
      // What is written before a shard is read from its tip is never seen.
      this.beacons.start();
    }
    this.parts.onPage();
    this.tellWaiting();
    return news;
  }

  private tellWaiting(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private async findHeirs(parent: string, pauses: Pauses): Promise<void> {
    // Until the heirs are certain nothing newer than what it has shown is.
    this.ended.add(parent);
    this.readers.delete(parent);
    let children: readonly string[] = this.lineage.childrenOf(parent);
    for (let attempt = 1; ; attempt++) {
      if (await this.try(() => childShards(this.stream(pauses), parent), pauses)) {
        children = this.lineage.childrenOf(parent);
        if (children.length > 0) break;
      }
      if (attempt % CHILD_RETRIES === 0) await this.checkStream(pauses);
      await pauses.pause(Math.min(FIRST_CHILD_RETRY_MS * 2 ** (attempt - 1), MAX_CHILD_RETRY_MS));
      if (pauses.stopped) return;
    }
    this.ended.delete(parent);
    const moment = this.frontier.momentOf(parent);
    for (const child of children) this.open(child, 'TRIM_HORIZON', moment, pauses);
    this.beacons.ended(parent);
    this.beacons.hurry();
    if (children.length === 1) await this.findSibling(parent, moment, pauses);
  }

  /** A shard with one child may have another that is not listed yet. */
  private async findSibling(parent: string, moment: Moment, pauses: Pauses): Promise<void> {
    const hold = `heirs of ${parent}`;
    const { clock, maxStalenessMs } = this.parts;
    const sinceMs = clock.monotonicMs();
    this.frontier.add(hold, moment);
    for (let pauseMs = FIRST_CHILD_RETRY_MS; ; pauseMs *= 2) {
      await pauses.pause(pauseMs);
      if (pauses.stopped) return;
      const onAdded = (added: readonly string[]): void => {
        for (const child of added) this.open(child, 'TRIM_HORIZON', moment, pauses);
      };
      await this.try(() => childShards(this.stream(pauses), parent), pauses, onAdded);
      const isSplit = this.lineage.childrenOf(parent).length > 1;
      const ms = clock.monotonicMs() - sinceMs;
      if (isSplit || ms >= Math.min(SIBLING_MS, maxStalenessMs / 2)) this.frontier.remove(hold);
      if (isSplit || ms > MAX_SIBLING_MS) return;
    }
  }

  /** Lists all shards before it is time, but not all the time. */
  private listSoon(): void {
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - this.listedSoonMs < LIST_SOON_MS) return;
    this.listedSoonMs = nowMs;
    this.listNow();
  }

  private async listNowAndThen(pauses: Pauses): Promise<void> {
    for (;;) {
      const pauseMs = LISTING_INTERVAL_MS * (0.75 + this.parts.random.next() / 2);
      await pauses.pause(pauseMs, (end) => (this.listNow = end));
      if (pauses.stopped) return;
      await this.checkStream(pauses);
      const listed = await this.try(
        () => allShards(this.stream(pauses)),
        pauses,
        (added) => {
          for (const shard of this.lineage.firstOf(added, (id) => this.isRead(id))) {
            this.open(shard, 'TRIM_HORIZON', NEVER, pauses);
          }
        },
      );
      if (listed !== undefined) {
        this.lineage.retain(listed, (id) => this.isRead(id));
      }
    }
  }

  /** Its descendants wait for it. */
  private isRead(shard: string): boolean {
    return this.readers.has(shard) || this.ended.has(shard);
  }

  /** Asks for shards and adds them to the lineage. @returns those listed; undefined if that failed */
  private async try(
    list: () => ReturnType<typeof allShards>,
    pauses: Pauses,
    onAdded: (added: readonly string[]) => void = () => {},
  ): Promise<ReadonlySet<string> | undefined> {
    try {
      const shards = await list();
      if (pauses.stopped) return undefined;
      onAdded(this.lineage.add(shards));
      return new Set(shards.map(({ ShardId: id = '' }) => id));
    } catch (error) {
      if (pauses.stopped) return undefined;
      const failure = streamFailureOf(error);
      this.figures.failed(failure);
      if (failure === 'absent') this.gap('the stream is gone');
      this.failed(error);
      return undefined;
    }
  }

  /** A stream that was switched off and on again is another one. */
  private async checkStream(pauses: Pauses): Promise<void> {
    try {
      const arn = await this.parts.findStream();
      if (arn !== this.arn && !pauses.stopped) this.gap('the table has another stream, or none');
    } catch (error) {
      this.failed(error);
    }
  }

  private stream(pauses: Pauses) {
    return {
      arn: this.arn,
      describe: async (command: DescribeStreamCommand): Promise<StreamDescription> => {
        this.figures.calls++;
        const { StreamDescription: description = {} } = await this.parts.streams.send(command);
        return description;
      },
      pause: (ms: number) => pauses.pause(ms),
    };
  }

  /** Told once until it is well again. */
  private failed(error: unknown): void {
    if (this.failing) return;
    this.failing = true;
    const { name = 'Error', message = '' } = error as Partial<Error>;
    this.parts.log.warning(`DynamoDB Streams: ${name}: ${message} (tried again)`);
  }
}
