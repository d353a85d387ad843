/** One stream of a table: its shards, how they come and go, and what is written to which. */
import type { LoggedChange } from '../table';
import type { ViewType } from './record';
import { Shard, type HashRange } from './shard';

/** One past the largest hash of a partition key. */
const HASHES = 2 ** 32;

export interface StreamOfTable {
  readonly tableName: string;
  readonly tableArn: string;
  readonly keySchema: unknown;
  readonly view: ViewType;
  /** The time of its making, as part of its name. */
  readonly label: string;
}

export interface StreamSettings {
  readonly nowMs: () => number;
  /** A number for a record or a shard, above all that it has given. */
  readonly nextNumber: () => bigint;
  /** How long a change of now takes to be seen by readers. */
  readonly lagMs: () => number;
  /** Called behind each change that was written to a shard. */
  readonly written: (stream: FakeStream, shard: Shard) => void;
}

export class FakeStream {
  readonly arn: string;
  readonly createdAtMs: number;
  /** In the order of their making. */
  readonly shards: Shard[] = [];
  status: 'ENABLING' | 'ENABLED' | 'DISABLING' | 'DISABLED' = 'ENABLED';
  private isGone = false;
  private isHeld = false;

  constructor(
    readonly of: StreamOfTable,
    private readonly settings: StreamSettings,
    shards: number,
  ) {
    this.arn = `${of.tableArn}/stream/${of.label}`;
    this.createdAtMs = settings.nowMs();
    for (let i = 0; i < shards; i++) {
      const border = (at: number): number => Math.floor((at / shards) * HASHES);
      this.add(undefined, { from: border(i), to: border(i + 1) });
    }
  }

  get open(): readonly Shard[] {
    return this.shards.filter(({ isOpen }) => isOpen);
  }

  /** Nobody can read it any more: a test says so, or it has been disabled for a day. */
  get isVanished(): boolean {
    return this.isGone || this.shards.every((shard) => shard.isVanished);
  }

  /** @returns undefined for one that never was, or that nobody can read any more */
  shard(id: unknown): Shard | undefined {
    return this.shards.find((shard) => shard.id === id && !shard.isVanished);
  }

  /** Whether every record that can be read has been told in some answer. */
  get isTold(): boolean {
    return this.shards.every(
      ({ toldTo, records, isVanished }) => isVanished || toldTo === records.length,
    );
  }

  /** The open shard that takes the changes of a partition. */
  shardOf(hash: number): Shard {
    return this.shards.find(
      ({ isOpen, range }) => isOpen && range.from <= hash && hash < range.to,
    )!;
  }

  /** @param hash of the partition key, below 2^32 */
  append(change: LoggedChange, hash: number): void {
    const { nextNumber, lagMs, written } = this.settings;
    const shard = this.shardOf(hash);
    shard.append(nextNumber(), change, lagMs());
    written(this, shard);
  }

  /**
   * Closes an open shard and makes two of its range.
   * @param part where the second begins, as part of 1
   */
  split(shard = this.open[0]!, part = 0.5): readonly [Shard, Shard] {
    const { from, to } = shard.range;
    const middle = Math.floor(from + (to - from) * part);
    shard.close();
    return [this.add(shard.id, { from, to: middle }), this.add(shard.id, { from: middle, to })];
  }

  /** Closes an open shard and makes another of its range, as DynamoDB does every few hours. */
  rollOver(shard = this.open[0]!): Shard {
    shard.close();
    return this.add(shard.id, shard.range);
  }

  /** Holds all shards, and those to come: see Shard. */
  hold(): void {
    this.isHeld = true;
    for (const shard of this.shards) shard.hold();
  }

  release(): void {
    for (const shard of this.shards) shard.release();
  }

  flow(): void {
    this.isHeld = false;
    for (const shard of this.shards) shard.flow();
  }

  /** No more changes come; what there is can be read on. */
  disable(): void {
    this.status = 'DISABLED';
    for (const shard of this.open) shard.close();
  }

  /** Nobody can read it any more. */
  vanish(): void {
    this.isGone = true;
  }

  private add(parentId: string | undefined, range: HashRange): Shard {
    const { nowMs, nextNumber } = this.settings;
    const number = nextNumber();
    const time = String(nowMs()).padStart(20, '0');
    const id = `shardId-${time}-${String(number % 100_000_000n).padStart(8, '0')}`;
    const shard = new Shard(id, parentId, range, number, nowMs);
    if (this.isHeld) shard.hold();
    this.shards.push(shard);
    return shard;
  }
}
