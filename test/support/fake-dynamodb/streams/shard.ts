/**
 * One shard of a stream: the records of a range of partition keys, from its beginning to its end.
 * What readers see of it may lag behind what is so; a test decides how far.
 */
import { invalid } from '../errors';
import type { LoggedChange } from '../table';
import { trimmed } from './stream-errors';

/** How long records, and shards behind their end, can be read. */
const RETENTION_MS = 24 * 3_600_000;

export interface StreamedChange {
  /** Its SequenceNumber. Rises within a shard and over its descendants, by more than 1. */
  readonly number: bigint;
  readonly change: LoggedChange;
  readonly visibleAtMs: number;
}

/** Partition keys by their hash: from `from` to below `to`. */
export interface HashRange {
  readonly from: number;
  readonly to: number;
}

/** Something that the endpoint tells from some time on. */
export class Told {
  private fromMs = -Infinity;

  constructor(private readonly nowMs: () => number) {}

  get now(): boolean {
    return this.nowMs() >= this.fromMs;
  }

  /** Not any more; or not for so long. */
  hide(ms = Infinity): void {
    this.fromMs = this.nowMs() + ms;
  }

  tell(): void {
    this.fromMs = -Infinity;
  }
}

export class Shard {
  /** Whether DescribeStream knows it. */
  readonly listed: Told;
  /** Whether DescribeStream tells its end, once it has one. */
  readonly closeListed: Told;
  /** Whether GetRecords tells its end: no next iterator behind the last record. */
  readonly endTold: Told;
  /** So many reads from now on find nothing, whatever there is. */
  emptyPages = 0;
  /** Before the next page the one before it comes again, so many times. */
  repeatedPages = 0;
  /** Behind the last record that some answer has told, whether or not it arrived. */
  toldTo = 0;

  private readonly written: StreamedChange[] = [];
  private endNumber: bigint | undefined;
  private closedAtMs = Infinity;
  private trimmedCount = 0;
  /** While a test holds the records back: how many can be seen. */
  private heldFrom: number | undefined;
  private isGone = false;
  private pageBefore = 0;

  constructor(
    readonly id: string,
    readonly parentId: string | undefined,
    readonly range: HashRange,
    private readonly startNumber: bigint,
    private readonly nowMs: () => number,
  ) {
    this.listed = new Told(nowMs);
    this.closeListed = new Told(nowMs);
    this.endTold = new Told(nowMs);
  }

  /** All records that were ever written to it, also those that nobody sees. */
  get records(): readonly StreamedChange[] {
    return this.written;
  }

  get isOpen(): boolean {
    return this.endNumber === undefined;
  }

  /** How many records a reader can have seen. */
  get visible(): number {
    if (this.heldFrom !== undefined) return this.heldFrom;
    const now = this.nowMs();
    let count = this.written.length;
    while (count > 0 && this.written[count - 1]!.visibleAtMs > now) count--;
    return count;
  }

  /** Where the page begins that is told to who asks for this position. */
  pageStart(at: number): number {
    if (this.repeatedPages > 0 && this.pageBefore < at) {
      this.repeatedPages--;
      return this.pageBefore;
    }
    this.pageBefore = at;
    return at;
  }

  /** Nobody can read it any more: a test says so, or it has been closed for a day. */
  get isVanished(): boolean {
    return this.isGone || this.nowMs() - this.closedAtMs >= RETENTION_MS;
  }

  /** As DescribeStream has it. */
  get description(): Readonly<Record<string, unknown>> {
    const EndingSequenceNumber = this.closeListed.now ? this.endNumber?.toString() : undefined;
    return {
      ShardId: this.id,
      SequenceNumberRange: {
        StartingSequenceNumber: this.startNumber.toString(),
        ...(EndingSequenceNumber !== undefined && { EndingSequenceNumber }),
      },
      ...(this.parentId !== undefined && { ParentShardId: this.parentId }),
    };
  }

  append(number: bigint, change: LoggedChange, lagMs: number): void {
    const before = this.written.at(-1)?.visibleAtMs ?? -Infinity;
    const visibleAtMs = Math.max(before, change.atMs + lagMs);
    this.written.push({ number, change, visibleAtMs });
  }

  close(): void {
    this.endNumber = this.written.at(-1)?.number ?? this.startNumber;
    this.closedAtMs = this.nowMs();
  }

  /** Whether nothing is left for a reader at this position, and nothing will come. */
  isFinishedAt(position: number): boolean {
    return !this.isOpen && this.endTold.now && position >= this.written.length;
  }

  /** Readers see no more than they do now, until `release` or `flow`. */
  hold(): void {
    this.heldFrom = this.visible;
  }

  /** Readers see so many held records more, or all that are written now. */
  release(count = Infinity): void {
    if (this.heldFrom === undefined) return;
    this.heldFrom = Math.min(this.written.length, this.heldFrom + count);
  }

  /** Ends holding. What a lag delays is seen when its time has come. */
  flow(): void {
    this.heldFrom = undefined;
  }

  /** The oldest records go for ever: so many, or all. */
  trim(count = this.written.length): void {
    this.trimmedCount = Math.max(this.trimmedCount, Math.min(count, this.written.length));
  }

  vanish(): void {
    this.isGone = true;
  }

  /** The position of the oldest record: records are counted from 0. */
  get horizon(): number {
    const tooOldMs = this.nowMs() - RETENTION_MS;
    while ((this.written[this.trimmedCount]?.change.atMs ?? Infinity) <= tooOldMs) {
      this.trimmedCount++;
    }
    return this.trimmedCount;
  }

  /**
   * The position of the record with this number, or behind it.
   * @throws WireError if it is out of the shard's range, or trimmed
   */
  positionOf(number: bigint, isBehind: boolean): number {
    const last = this.written.at(-1)?.number ?? this.startNumber;
    if (number < this.startNumber || number > last) {
      throw invalid('Invalid SequenceNumber for the shard');
    }
    const at = this.written.findIndex((record) => record.number >= number);
    // Of an empty shard only the number of its start is known.
    if (at === -1) return 0;
    if (at < this.horizon) throw trimmed();
    return isBehind && this.written[at]!.number === number ? at + 1 : at;
  }
}
