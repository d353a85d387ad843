/**
 * The streams of the endpoint's tables: the calls that read them, and what a test makes of them.
 *
 *     const stream = fake.streams.of('goredis');
 *     const [left] = stream.split();
 *     left.hold();
 */
import { invalid } from '../errors';
import type { Body } from '../expressions';
import { StreamChance, type StreamRates } from './chance';
import { Iterators, type Position } from './iterators';
import { wireRecord, type ViewType, type WireRecord } from './record';
import { RateLimit } from './rate-limit';
import type { Shard } from './shard';
import { FakeStream, type StreamOfTable } from './stream';
import { noShard, noStream, streamGone, tooManyReaders, trimmed } from './stream-errors';

const MAX_LISTED = 100;
const MAX_PAGE_RECORDS = 1000;
const MAX_PAGE_BYTES = 1 << 20;

/** Numbers of 21 digits, and soon of 22: they are no texts to compare, and leave gaps. */
const FIRST_NUMBER = 10n ** 21n - 1000n;
const NUMBER_STEP = 31n;

export interface StreamsOptions {
  /** How many shards a stream has when it is made; 1 by default. */
  readonly shards?: number;
}

export class Streams {
  /** How many milliseconds changes take from now on until readers see them. */
  lagMs = 0;
  /** When an iterator of type LATEST gets its position. DynamoDB does not say. */
  latest: 'at GetShardIterator' | 'at the first GetRecords' = 'at GetShardIterator';
  /** Whether answers without records have an empty list of them, or none. */
  emptyRecords: 'listed' | 'left out' = 'listed';
  /** In which order DescribeStream lists shards. DynamoDB does not promise any. */
  listing: 'oldest first' | 'newest first' = 'oldest first';
  /** So many records a page at most. */
  pageRecords = MAX_PAGE_RECORDS;

  /** Of reads of one shard, by all readers together. */
  readonly readLimit: RateLimit;
  /** Of DescribeStream. */
  readonly describeLimit: RateLimit;

  private readonly byArn = new Map<string, FakeStream>();
  private readonly iterators: Iterators;
  private numbers = FIRST_NUMBER;
  private chance = new StreamChance(0, {});

  constructor(
    private readonly nowMs: () => number,
    private readonly options: StreamsOptions = {},
  ) {
    this.iterators = new Iterators(nowMs);
    this.readLimit = new RateLimit(nowMs);
    this.describeLimit = new RateLimit(nowMs);
  }

  /** The newest stream of a table, also a disabled one. */
  of(tableName: string): FakeStream {
    const found = [...this.byArn.values()].findLast(({ of }) => of.tableName === tableName);
    if (found === undefined) throw new Error(`the table ${tableName} never had a stream`);
    return found;
  }

  enable(table: Omit<StreamOfTable, 'label'>): FakeStream {
    let ms = this.nowMs();
    const labelOf = (): string => new Date(ms).toISOString().slice(0, -1);
    while (this.byArn.has(`${table.tableArn}/stream/${labelOf()}`)) ms++;
    const settings = {
      nowMs: this.nowMs,
      nextNumber: () => (this.numbers += NUMBER_STEP),
      lagMs: () => this.lagMs + this.chance.lagMs,
      written: (stream: FakeStream, shard: Shard) => this.chance.written(stream, shard),
    };
    const shards = this.options.shards ?? 1;
    const stream = new FakeStream({ ...table, label: labelOf() }, settings, shards);
    this.byArn.set(stream.arn, stream);
    return stream;
  }

  /** From now on streams live and are read at random. Without rates: no longer. */
  seed(seed: number, rates: StreamRates = {}): void {
    this.chance = new StreamChance(seed, rates);
  }

  /** Iterators that were given out so far are refused. */
  expireIterators(): void {
    this.iterators.expire();
  }

  listStreams(body: Body): Body {
    const streams = [...this.byArn.values()].filter(
      ({ of, isVanished }) => !isVanished && of.tableName === (body['TableName'] ?? of.tableName),
    );
    return {
      Streams: streams.reverse().map(({ arn, of }) => ({
        StreamArn: arn,
        TableName: of.tableName,
        StreamLabel: of.label,
      })),
    };
  }

  describeStream(body: Body): Body {
    const limit = limitOf(body, MAX_LISTED, 'Limit cannot be greater than the maximum: 100');
    const arn = body['StreamArn'];
    if (arn === undefined) throw invalid('Invalid StreamArn');
    const stream = this.stream(String(arn));
    if (stream === undefined) throw noStream(String(arn));
    if (this.describeLimit.exceeds(stream.arn)) throw tooManyReaders();
    const shards = listedOf(stream, body, this.listing === 'newest first');
    const page = shards.slice(0, limit);
    return {
      StreamDescription: {
        StreamArn: stream.arn,
        StreamLabel: stream.of.label,
        StreamStatus: stream.status,
        StreamViewType: stream.of.view,
        CreationRequestDateTime: stream.createdAtMs / 1000,
        TableName: stream.of.tableName,
        KeySchema: stream.of.keySchema,
        Shards: page.map(({ description }) => description),
        ...(page.length < shards.length && { LastEvaluatedShardId: page.at(-1)!.id }),
      },
    };
  }

  getShardIterator(body: Body): Body {
    const arn = String(body['StreamArn']);
    const shard = this.shardAt(arn, String(body['ShardId']));
    const at = this.positionOf(shard, body);
    return { ShardIterator: this.iterators.issue({ arn, shardId: shard.id, at }) };
  }

  getRecords(body: Body): Body {
    const most = 'Limit should be less than or equal to 1000';
    const limit = Math.min(limitOf(body, MAX_PAGE_RECORDS, most), this.pageRecords);
    const position = this.iterators.resolve(
      body['ShardIterator'],
      ({ arn, shardId }) => this.shardAt(arn, shardId).visible,
    );
    const { arn, shardId } = position;
    const shard = this.shardAt(arn, shardId);
    if (this.readLimit.exceeds(shardId)) throw tooManyReaders();
    if (position.at < shard.horizon) throw trimmed();
    const at = shard.pageStart(position.at);
    const records = this.page(this.stream(arn)!.of.view, shard, at, limit);
    const next = at + records.length;
    shard.toldTo = Math.max(shard.toldTo, next);
    const isEnd = shard.isFinishedAt(next);
    const isListed =
      records.length > 0 || (this.emptyRecords === 'listed' && !this.chance.isListLeftOut);
    return {
      ...(isListed && { Records: records }),
      ...(!isEnd && { NextShardIterator: this.iterators.issue({ arn, shardId, at: next }) }),
    };
  }

  private page(view: ViewType, shard: Shard, at: number, limit: number): WireRecord[] {
    if (shard.emptyPages > 0) {
      shard.emptyPages--;
      return [];
    }
    const records: WireRecord[] = [];
    let bytes = 0;
    const end = Math.min(shard.visible, at + Math.min(limit, this.chance.pageRecords));
    for (const streamed of shard.records.slice(at, end)) {
      const record = wireRecord(streamed, view);
      bytes += record.dynamodb.SizeBytes;
      if (bytes > MAX_PAGE_BYTES && records.length > 0) break;
      records.push(record);
    }
    return records;
  }

  private positionOf(shard: Shard, body: Body): Position['at'] {
    const type = body['ShardIteratorType'];
    const number = body['SequenceNumber'] as string | undefined;
    if (type === 'TRIM_HORIZON' || type === 'LATEST') {
      if (number !== undefined) {
        throw invalid(
          'One or more parameter values were invalid: ' +
            'SequenceNumber should not be passed for this iterator type',
        );
      }
      if (type === 'TRIM_HORIZON') return shard.horizon;
      const isLate = this.latest === 'at the first GetRecords' || this.chance.isLatestLate;
      return isLate ? 'latest' : shard.visible;
    }
    if (type !== 'AT_SEQUENCE_NUMBER' && type !== 'AFTER_SEQUENCE_NUMBER') {
      throw invalid(`Invalid ShardIteratorType: ${String(type)}`);
    }
    if (number === undefined) {
      throw invalid('One or more parameter values were invalid: Invalid SequenceNumber');
    }
    for (const [isWrong, how] of [
      [number.length < 21, 'greater than or equal to 21'],
      [number.length > 40, 'less than or equal to 40'],
    ] as const) {
      if (!isWrong) continue;
      throw invalid(
        `1 validation error detected: Value '${number}' at 'sequenceNumber' failed to satisfy ` +
          `constraint: Member must have length ${how}`,
      );
    }
    return shard.positionOf(BigInt(number), type === 'AFTER_SEQUENCE_NUMBER');
  }

  private stream(arn: string): FakeStream | undefined {
    const stream = this.byArn.get(arn);
    return stream?.isVanished === false ? stream : undefined;
  }

  private shardAt(arn: string, shardId: string): Shard {
    const stream = this.stream(arn);
    if (stream === undefined) throw streamGone();
    const shard = stream.shard(shardId);
    if (shard === undefined) throw noShard();
    return shard;
  }
}

/** The shards that DescribeStream is asked for, on all its pages. */
function listedOf(stream: FakeStream, body: Body, isReversed: boolean): readonly Shard[] {
  const listed = stream.shards.filter((shard) => shard.listed.now && !shard.isVanished);
  if (isReversed) listed.reverse();
  const filter = body['ShardFilter'] as { Type?: string; ShardId?: string } | undefined;
  const start = body['ExclusiveStartShardId'] as string | undefined;
  if (filter === undefined) {
    return start === undefined
      ? listed
      : listed.slice(listed.findIndex(({ id }) => id === start) + 1);
  }
  if (filter.Type !== 'CHILD_SHARDS') {
    throw invalid(
      "1 validation error detected: Value 'null' at 'shardFilter.type' failed to satisfy " +
        'constraint: Member must be CHILD_SHARDS',
    );
  }
  if (start !== undefined) {
    throw invalid(
      'ShardFilter and ExclusiveStartShardId both should not be specified in the request.',
    );
  }
  return listed.filter(({ parentId }) => parentId !== undefined && parentId === filter.ShardId);
}

function limitOf(body: Body, most: number, tooLarge: string): number {
  const limit = (body['Limit'] as number | undefined) ?? most;
  if (limit < 1) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: ` +
        'Member must have value greater than or equal to 1',
    );
  }
  if (limit > most) throw invalid(`One or more parameter values were invalid: ${tooLarge}`);
  return limit;
}
