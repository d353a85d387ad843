/**
 * Items that a node writes to see them come back: "nothing has happened in this shard" then differs
 * from "I have not seen it yet". A beacon lies in a partition of its own, drawn at random; which
 * shard that is part of shows when it comes back, and from then on it is the shard's beacon.
 */
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import { NEVER, type Frontier, type Moment } from './frontier';
import type { StreamItem, StreamRecord } from './record';

/** The first byte of a beacon's partition: the system's. */
const SYSTEM = 0xff;
/** A partition has three bytes, of which a position of SCAN knows so many different ones. */
const PARTITIONS = 2 ** 14;
/** Beacons are told apart by what stands in `s` before the name of the node. */
const SORT_HEAD = Buffer.from('beacon');
const NODE_BYTES = 8;
/** How often while something has not been seen at all. */
const HURRY_MS = 100;
/** So many partitions are remembered of each shard. */
const REMEMBERED = 16;
/** For each shard so many are tried, a few at a time, until that many are known. */
const EXPLORATIONS = 2 * REMEMBERED;
/**
 * At the start, and when a shard has ended: so many more, anywhere, are to be seen before all shards
 * are known for certain.
 */
const PROBES = 64;
/** For each shard that no beacon has come from, how many more partitions to try in a round. */
const TRIES = 2;
/**
 * For each shard so many beacons may be on their way to find out what is where, before more are
 * drawn: when the stream is late, more of them tell nothing more.
 */
const SEARCHES = 8;
/** How many of them are written at once. */
const MAX_AT_ONCE = 32;
/** While beacons cannot be written: until the next is tried, about; twice as long each time. */
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5000;
/**
 * A beacon that does not come for so long, while the process is awake, is in a shard that nobody
 * reads. Streams have been a minute late: that is no reason to begin anew, and to lose events by it.
 */
export const LOST_MS = 300_000;
/** In the frontier: what has been seen before all shards were certain; and of those that never are. */
const START = 'the start';
const OLDEST = 'the oldest beacon under way';
/** A node that is not heard of for so long does not follow any more. */
const GONE_MS = 10_000;

export interface BeaconParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly frontier: Frontier;
  /** How long a beacon may be on its way before what was seen counts as old. */
  readonly maxStalenessMs: number;
  /** The shards that are read now. */
  shards(): Iterable<string>;
  /** Sets the attribute `b` of the item to the number, and its `ttl`. */
  write(key: BeaconKey, number: number): Promise<void>;
  /** A beacon is late, and may be in a shard that is not known yet. */
  late(): void;
  /** A beacon is long overdue. */
  lost(): void;
}

export interface BeaconKey {
  readonly p: Buffer;
  readonly s: Buffer;
}

interface Sent {
  readonly partition: number;
  /** To find out what is where; else to a partition that is known. */
  readonly isSearch: boolean;
  readonly at: Moment;
  /** As `awakeMs` was. */
  readonly sentAwakeMs: number;
  written: boolean;
}

export class Beacons {
  seen = 0;
  failed = 0;
  private readonly sort: Buffer;
  private number = 0;
  /** By number, in the order in which they were sent. */
  private readonly underWay = new Map<number, Sent>();
  /** The oldest of them that is known to be in the table. */
  private oldest: Sent | undefined;
  /** How long the process has been awake. */
  private awakeMs = 0;
  private roundAtMs = 0;
  /** When each shard gets its next. */
  private usualAtMs = -Infinity;
  /** How many volleys have failed in a row, and when the next is tried. */
  private failures = 0;
  private resumeMs = -Infinity;
  /** How many partitions may still be tried to remember more of each shard. */
  private explorations = 0;
  /** Other nodes, and when each was heard of last. */
  private readonly others = new Map<string, number>();
  /** By shard, the partitions whose beacons it has shown, the latest first. */
  private readonly partitions = new Map<string, number[]>();
  /** By shard that has ended, the partitions whose beacons its heirs have not shown yet. */
  private readonly inherited = new Map<string, Set<number>>();
  private cancelRound: (() => void) | undefined;
  private running = false;

  constructor(private readonly parts: BeaconParts) {
    const node = Buffer.from(Array.from({ length: NODE_BYTES }, () => parts.random.below(256)));
    this.sort = Buffer.concat([SORT_HEAD, node]);
  }

  start(): void {
    this.running = true;
    this.usualAtMs = this.resumeMs = -Infinity;
    this.failures = 0;
    this.roundAtMs = this.parts.clock.monotonicMs();
    this.parts.frontier.add(START, NEVER);
    this.ended(START);
    this.explorations = EXPLORATIONS * [...this.parts.shards()].length;
    this.round();
  }

  stop(): void {
    this.running = false;
    this.cancelRound?.();
    this.underWay.clear();
    this.updateOldest();
    this.partitions.clear();
    this.inherited.clear();
  }

  /**
   * Takes a record if it is a beacon, of this node or another.
   * @returns whether it is
   */
  take({ keys, newImage, shard }: StreamRecord): boolean {
    if (!isBeacon(keys)) return false;
    if (newImage === undefined) return true;
    const sort = keys['s']!.B!;
    if (!this.sort.equals(sort)) {
      this.others.set(Buffer.from(sort).latin1Slice(), this.parts.clock.monotonicMs());
      return true;
    }
    this.arrived(Number(newImage['b']?.N), shard);
    return true;
  }

  /** How many other nodes there are that write beacons. */
  get nodes(): number {
    const sinceMs = this.parts.clock.monotonicMs() - GONE_MS;
    for (const [node, heardMs] of this.others) if (heardMs < sinceMs) this.others.delete(node);
    return this.others.size;
  }

  /**
   * A shard has ended: what was written to its partitions comes from its heirs now. Until it has
   * come, and a sample of the whole table with it, the shard's last beacon counts: one of the heirs
   * may not be listed yet.
   */
  ended(shard: string): void {
    const partitions = new Set(this.partitions.get(shard));
    for (let i = 0; i < PROBES; i++) partitions.add(this.parts.random.below(PARTITIONS));
    this.partitions.delete(shard);
    this.inherited.set(shard, partitions);
    this.explorations += EXPLORATIONS;
  }

  /** Something new is to be seen: does not wait for the next round. */
  hurry(): void {
    if (!this.running) return;
    this.cancelRound?.();
    this.cancelRound = this.parts.clock.after(0, () => this.round());
  }

  private arrived(number: number, shard: string): void {
    const sent = this.underWay.get(number);
    if (sent === undefined) return;
    const { frontier } = this.parts;
    this.underWay.delete(number);
    this.seen++;
    frontier.raise(shard, sent.at);
    this.updateOldest();
    const others = (this.partitions.get(shard) ?? []).filter((other) => other !== sent.partition);
    this.partitions.set(shard, [sent.partition, ...others].slice(0, REMEMBERED));
    for (const [parent, partitions] of this.inherited) {
      if (!partitions.delete(sent.partition) || partitions.size > 0) continue;
      this.inherited.delete(parent);
      frontier.remove(parent);
    }
  }

  private round(): void {
    if (!this.running) return;
    this.checkOverdue();
    const { clock, maxStalenessMs } = this.parts;
    const nowMs = clock.monotonicMs();
    const isUsual = nowMs >= this.usualAtMs;
    const { targets, searched } = this.targets(isUsual);
    const nextMs = nowMs + (searched ? HURRY_MS : Infinity);
    if (this.failures > 0) {
      // One tries whether they can be written again.
      const isTrying = [...this.underWay.values()].some(({ written }) => !written);
      const [first] = targets;
      if (nowMs >= this.resumeMs && !isTrying && first !== undefined) void this.send(...first);
      this.roundAt(Math.max(this.resumeMs, nowMs + HURRY_MS));
      return;
    }
    for (const target of targets) void this.send(...target);
    if (isUsual) this.usualAtMs = nowMs + maxStalenessMs / 4;
    this.roundAt(Math.min(this.usualAtMs, nextMs));
  }

  private roundAt(ms: number): void {
    const { clock } = this.parts;
    const pauseMs = Math.max(0, ms - clock.monotonicMs());
    this.cancelRound = clock.after(pauseMs, () => this.round());
  }

  /** The partitions to which beacons are due, and whether any is to be found out still. */
  private targets(isUsual: boolean): {
    readonly targets: Map<number, boolean>;
    readonly searched: boolean;
  } {
    const usual = new Set<number>();
    let shards = 0;
    let unseen = 0;
    let little = 0;
    for (const shard of this.parts.shards()) {
      shards++;
      const partitions = this.partitions.get(shard) ?? [];
      const [partition] = partitions;
      if (partition === undefined) unseen++;
      else if (isUsual) usual.add(partition);
      if (partitions.length < REMEMBERED) little++;
    }
    // What is written comes, sooner or later: it need not be sent again to be seen.
    const onTheirWay = new Set<number>();
    let searching = 0;
    for (const { partition, written, isSearch } of this.underWay.values()) {
      onTheirWay.add(partition);
      if (isSearch) searching++;
      if (!written) usual.delete(partition);
    }
    const search = new Set<number>();
    for (const partitions of this.inherited.values()) {
      for (const partition of partitions) if (!onTheirWay.has(partition)) search.add(partition);
    }
    // The more partitions of a shard are remembered the more certain its heirs will be.
    const more = isUsual ? Math.min(little, this.explorations) : 0;
    this.explorations -= more;
    const room = SEARCHES * shards - searching - search.size;
    for (let tries = Math.min(TRIES * unseen + more, room); tries > 0; tries--) {
      search.add(this.parts.random.below(PARTITIONS));
    }
    const targets = new Map([...search].slice(0, MAX_AT_ONCE).map((each) => [each, true]));
    for (const partition of usual) targets.set(partition, false);
    return { targets, searched: unseen > 0 || this.inherited.size > 0 };
  }

  private async send(partition: number, isSearch: boolean): Promise<void> {
    const { clock, random } = this.parts;
    const number = ++this.number;
    const at = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
    const sent: Sent = { partition, isSearch, at, sentAwakeMs: this.awakeMs, written: false };
    this.underWay.set(number, sent);
    const p = Buffer.of(SYSTEM, partition >> 8, partition & 0xff);
    const { failures } = this;
    try {
      await this.parts.write({ p, s: this.sort }, number);
      sent.written = true;
      // Others that were sent with it may have failed.
      if (failures === this.failures) this.failures = 0;
    } catch {
      // Without beacons the node knows that it does not know, and its log says why elsewhere.
      this.failed++;
      this.underWay.delete(number);
      if (failures === this.failures) {
        this.failures++;
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
        this.resumeMs = clock.monotonicMs() + pauseMs * (0.5 + random.next() / 2);
      }
    }
    this.updateOldest();
  }

  /** A beacon may lie in a shard that is not read: what came after it does not count before it comes. */
  private updateOldest(): void {
    const { frontier } = this.parts;
    const oldest = firstWritten(this.underWay.values());
    if (oldest === this.oldest) return;
    this.oldest = oldest;
    if (oldest === undefined) frontier.remove(OLDEST);
    else frontier.add(OLDEST, oldest.at);
  }

  private checkOverdue(): void {
    const { clock, maxStalenessMs } = this.parts;
    const nowMs = clock.monotonicMs();
    this.awakeMs += Math.min(nowMs - this.roundAtMs, maxStalenessMs);
    this.roundAtMs = nowMs;
    if (this.oldest === undefined) return;
    const { at, sentAwakeMs } = this.oldest;
    if (this.awakeMs - sentAwakeMs > LOST_MS) this.parts.lost();
    else if (nowMs - at.monotonicMs > maxStalenessMs) this.parts.late();
  }
}

function firstWritten(sent: Iterable<Sent>): Sent | undefined {
  for (const each of sent) if (each.written) return each;
  return undefined;
}

function isBeacon(keys: StreamItem): boolean {
  const s = keys['s']?.B;
  if (keys['p']?.B?.[0] !== SYSTEM || s === undefined) return false;
  return SORT_HEAD.equals(s.subarray(0, SORT_HEAD.length));
}
