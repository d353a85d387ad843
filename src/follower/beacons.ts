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
/**
 * At the start, and when a shard has ended: so many more, anywhere, are to be seen before all shards
 * are known for certain.
 */
const PROBES = 64;
/** A beacon to the same partition is not sent again before that. */
const AGAIN_MS = 1000;
/** For each shard that no beacon has come from, how many more partitions to try in a round. */
const TRIES = 2;
const MAX_TRIES = 32;
/**
 * A beacon that does not come for so long, while the process is awake, is in a shard that nobody
 * reads. Streams have been a minute late: that is no reason to begin anew, and to lose events by it.
 */
const LOST_MS = 300_000;
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
    this.roundAtMs = this.parts.clock.monotonicMs();
    this.parts.frontier.add(START, NEVER);
    this.ended(START);
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
    const { clock, maxStalenessMs } = this.parts;
    const targets = new Set<number>();
    let tries = 0;
    for (const shard of this.parts.shards()) {
      const [partition] = this.partitions.get(shard) ?? [];
      if (partition !== undefined) targets.add(partition);
      else tries = Math.min(tries + TRIES, MAX_TRIES);
    }
    const hurried = tries > 0 || this.inherited.size > 0;
    for (; tries > 0; tries--) targets.add(this.parts.random.below(PARTITIONS));
    for (const partitions of this.inherited.values()) {
      for (const partition of partitions) targets.add(partition);
    }
    this.checkOverdue();
    const sinceMs = clock.monotonicMs() - AGAIN_MS;
    for (const { partition, written, at } of this.underWay.values()) {
      const isRecent = hurried && at.monotonicMs > sinceMs;
      if (!written || isRecent) targets.delete(partition);
    }
    for (const partition of targets) void this.send(partition);
    const pauseMs = hurried ? Math.min(HURRY_MS, maxStalenessMs / 4) : maxStalenessMs / 4;
    this.cancelRound = clock.after(pauseMs, () => this.round());
  }

  private async send(partition: number): Promise<void> {
    const { clock } = this.parts;
    const number = ++this.number;
    const at = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
    const sent: Sent = { partition, at, sentAwakeMs: this.awakeMs, written: false };
    this.underWay.set(number, sent);
    const p = Buffer.of(SYSTEM, partition >> 8, partition & 0xff);
    try {
      await this.parts.write({ p, s: this.sort }, number);
      sent.written = true;
    } catch {
      // Without beacons the node knows that it does not know, and its log says why elsewhere.
      this.failed++;
      this.underWay.delete(number);
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
