/** Reads one shard from a position to its end, and asks again when there is nothing yet. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as SdkRecord,
  type DynamoDBStreamsClient,
  type GetRecordsOutput,
} from '@aws-sdk/client-dynamodb-streams';
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import { streamFailureOf, type StreamFailure } from './failures';
import type { StreamFigures } from './figures';
import { PAGE_RECORDS, Pace } from './pace';
import { Pauses } from './pause';
import { isAfter, type StreamRecord } from './record';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;

export type Start = 'LATEST' | 'TRIM_HORIZON';

/** How reading ended: the shard's end, a call to stop, or records that are lost. */
export type ReadingEnd = 'ended' | 'stopped' | { readonly gap: string };

export interface ReaderParts {
  readonly streams: DynamoDBStreamsClient;
  readonly arn: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly figures: StreamFigures;
  readonly callsPerSecond: number;
  readonly idleMs: number;
  /** Records in order, none twice; maybe none. @returns whether others than this node wrote some */
  page(reader: ShardReader, records: readonly StreamRecord[]): boolean;
  /** Whether more has happened in the shard than was seen. */
  behind(reader: ShardReader): boolean;
  failed(reader: ShardReader, error: unknown): void;
}

export class ShardReader {
  /** It has a position of its own in the shard: from now on nothing is missed. */
  anchored: boolean;
  private readonly pauses: Pauses;
  private readonly pace: Pace;
  private iterator: string | undefined;
  private last: string | undefined;
  private failures = 0;

  constructor(
    readonly shard: string,
    private readonly start: Start,
    private readonly parts: ReaderParts,
  ) {
    this.anchored = start === 'TRIM_HORIZON';
    this.pauses = new Pauses(parts.clock);
    this.pace = new Pace(parts.clock, parts.callsPerSecond, parts.idleMs);
  }

  async read(): Promise<ReadingEnd> {
    for (;;) {
      if (this.pauses.stopped) return 'stopped';
      let pauseMs: number;
      try {
        this.iterator ??= await this.newIterator();
        const page = await this.records(this.iterator);
        if (this.pauses.stopped) return 'stopped';
        this.failures = 0;
        pauseMs = this.take(page);
        if (this.iterator === undefined) return 'ended';
      } catch (error) {
        const failure = streamFailureOf(error);
        const gap = this.gapAfter(failure);
        if (gap !== undefined) return { gap };
        pauseMs = failure === 'expired' ? 0 : this.retryMs();
        this.parts.figures.failed(failure);
        this.parts.failed(this, error);
      }
      await this.pauses.pause(pauseMs);
    }
  }

  stop(): void {
    this.pauses.stop();
  }

  /** @returns how long to wait */
  private take(page: GetRecordsOutput): number {
    const all = page.Records ?? [];
    const records: StreamRecord[] = [];
    let bytes = 0;
    for (const each of all) {
      const record = this.recordOf(each);
      bytes += record.sizeBytes;
      // An answer may come twice.
      if (this.last !== undefined && !isAfter(record.sequence, this.last)) continue;
      this.last = record.sequence;
      records.push(record);
    }
    this.iterator = page.NextShardIterator;
    this.anchored = true;
    const news = this.parts.page(this, records);
    return this.pace.next({ records: all.length, bytes, news }, this.parts.behind(this));
  }

  private async records(iterator: string): Promise<GetRecordsOutput> {
    const { streams, figures } = this.parts;
    figures.calls++;
    return streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: PAGE_RECORDS }));
  }

  private async newIterator(): Promise<string> {
    const { streams, arn, figures } = this.parts;
    figures.calls++;
    const { ShardIterator: iterator } = await streams.send(
      new GetShardIteratorCommand({
        StreamArn: arn,
        ShardId: this.shard,
        ...(this.last === undefined
          ? { ShardIteratorType: this.start }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.last }),
      }),
    );
    if (iterator === undefined) throw new Error('an answer without a shard iterator');
    return iterator;
  }

  /** What the failure means for what has been seen: nothing if reading can go on where it was. */
  private gapAfter(failure: StreamFailure): string | undefined {
    if (failure === 'trimmed') return `records of shard ${this.shard} were removed unread`;
    if (failure === 'absent') return `shard ${this.shard} is gone`;
    if (failure !== 'expired') return undefined;
    this.iterator = undefined;
    // At the tip, and nothing seen there: where that was nobody knows.
    const lost = this.start === 'LATEST' && this.anchored && this.last === undefined;
    return lost ? `the position in shard ${this.shard} has expired` : undefined;
  }

  private retryMs(): number {
    const longestMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures++, MAX_RETRY_MS);
    return longestMs * (0.5 + this.parts.random.next() / 2);
  }

  private recordOf({ dynamodb: change = {} }: SdkRecord): StreamRecord {
    return {
      shard: this.shard,
      sequence: change.SequenceNumber ?? '0',
      keys: change.Keys ?? {},
      newImage: change.NewImage,
      oldImage: change.OldImage,
      sizeBytes: change.SizeBytes ?? 0,
    };
  }
}
