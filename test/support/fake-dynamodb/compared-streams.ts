/** Requests of streams that go to DynamoDB Local and to the fake, in this order, on one table. */
import { tableDefinition } from '../../../src/stores/dynamodb/table';
import type { Answer } from './ask';
import { KEY, TABLE, differing, plainUpdate } from './compared';
import type { SeenStreams } from './seen-streams';

type Body = object | ((seen: SeenStreams) => object);

export type StreamRow = readonly [
  title: string,
  operation: string,
  body: Body,
  differs?: (local: Answer) => Answer,
];

const iterator =
  (type: string, more: (seen: SeenStreams) => object = () => ({})) =>
  (seen: SeenStreams): object => ({
    StreamArn: seen.arn,
    ShardId: seen.shardId,
    ShardIteratorType: `${type}`,
    ...more(seen),
  });

const records =
  (title: string, more: object = {}) =>
  (seen: SeenStreams): object => ({ ShardIterator: seen.iterators.get(title), ...more });

const describe =
  (more: (seen: SeenStreams) => object = () => ({})) =>
  (seen: SeenStreams): object => ({ StreamArn: seen.arn, ...more(seen) });

const children =
  (filter: (seen: SeenStreams) => object) =>
  (seen: SeenStreams): object => ({ StreamArn: seen.arn, ShardFilter: filter(seen) });

const LARGE = Buffer.alloc(390_000, 1).toString('base64');

const put = (s: string, more: object): object => ({
  TableName: TABLE,
  Item: { p: KEY.p, s: { B: Buffer.from(s).toString('base64') }, ...more },
});

const removal = (s: string): object => ({
  TableName: TABLE,
  Key: { p: KEY.p, s: { B: Buffer.from(s).toString('base64') } },
});

const stream = (StreamEnabled: boolean): object => ({
  TableName: TABLE,
  StreamSpecification: StreamEnabled
    ? { StreamEnabled, StreamViewType: 'NEW_AND_OLD_IMAGES' }
    : { StreamEnabled },
});

/** It has an internal error for what it does not expect. */
const refused = (message: string) => (): Answer => ({
  status: 400,
  body: { __type: 'com.amazon.coral.validate#ValidationException', message },
});

/** Its pages are not limited to 1 MB. */
const cutAt = (count: number) =>
  differing(({ Records }) => ({ Records: (Records as unknown[]).slice(0, count) }));

const one = { ':one': { N: '1' } };

export const STREAM_ROWS: readonly StreamRow[] = [
  ['the making of a table', 'CreateTable', tableDefinition(TABLE)],
  ['what a table tells of its stream', 'DescribeTable', { TableName: TABLE }],
  ['the streams of a table', 'ListStreams', { TableName: TABLE }],
  ['a new stream', 'DescribeStream', describe()],
  ['the beginning', 'GetShardIterator', iterator('TRIM_HORIZON')],
  ['the end, when it is the beginning', 'GetShardIterator', iterator('LATEST')],
  ['a read of nothing', 'GetRecords', records('the beginning')],
  ['an insertion', 'PutItem', put('a', { n: { N: '1' }, d: { B: 'AQI=' }, e: { S: '' } })],
  ['a change', 'PutItem', put('a', { n: { N: '12.50' }, d: { B: '' } })],
  ['a change that is none', 'PutItem', put('a', { n: { N: '12.5' }, d: { B: '' } })],
  ['an update', 'UpdateItem', plainUpdate('SET n = :one', one)],
  ['a removal', 'DeleteItem', { TableName: TABLE, Key: KEY }],
  [
    'a transaction',
    'TransactWriteItems',
    { TransactItems: ['x', 'y'].map((s) => ({ Put: put(s, { n: { N: '1' } }) })) },
  ],
  ['a read of records', 'GetRecords', records('the beginning')],
  ['the same read again', 'GetRecords', records('the beginning')],
  ['a read of two', 'GetRecords', records('the beginning', { Limit: 2 })],
  ['the next two', 'GetRecords', records('a read of two', { Limit: 2 })],
  ['a read behind all', 'GetRecords', records('a read of records')],
  [
    'the end as it was when the iterator was made',
    'GetRecords',
    records('the end, when it is the beginning'),
  ],
  ['the end', 'GetShardIterator', iterator('LATEST')],
  ['a read from the end', 'GetRecords', records('the end')],
  ...(['AT', 'AFTER'] as const).flatMap((type): StreamRow[] => {
    const title = `an iterator ${type} a record`;
    const of = iterator(`${type}_SEQUENCE_NUMBER`, ({ numbers: [, SequenceNumber] }) => ({
      SequenceNumber,
    }));
    return [
      [title, 'GetShardIterator', of],
      [`a read ${type} a record`, 'GetRecords', records(title)],
    ];
  }),
  [
    'an iterator behind the last record',
    'GetShardIterator',
    iterator('AFTER_SEQUENCE_NUMBER', ({ numbers }) => ({ SequenceNumber: numbers.at(-1) })),
  ],
  ['a read behind the last record', 'GetRecords', records('an iterator behind the last record')],
  [
    'a number before the shard',
    'GetShardIterator',
    iterator('AT_SEQUENCE_NUMBER', () => ({ SequenceNumber: '0'.repeat(21) })),
  ],
  [
    'a number behind the shard',
    'GetShardIterator',
    iterator('AT_SEQUENCE_NUMBER', () => ({ SequenceNumber: '9'.repeat(25) })),
    refused('Invalid SequenceNumber for the shard'),
  ],
  [
    'a number that is too short',
    'GetShardIterator',
    iterator('AT_SEQUENCE_NUMBER', () => ({ SequenceNumber: '3' })),
  ],
  [
    'a number that is too long',
    'GetShardIterator',
    iterator('AT_SEQUENCE_NUMBER', () => ({ SequenceNumber: '3'.repeat(41) })),
  ],
  ['a number that is not given', 'GetShardIterator', iterator('AFTER_SEQUENCE_NUMBER')],
  [
    'a number that is given in vain',
    'GetShardIterator',
    iterator('LATEST', () => ({ SequenceNumber: '3'.repeat(21) })),
  ],
  [
    'a type of iterator that is not there',
    'GetShardIterator',
    iterator('FIRST'),
    refused('Invalid ShardIteratorType: FIRST'),
  ],
  [
    'an iterator of a shard that is not there',
    'GetShardIterator',
    iterator('LATEST', () => ({ ShardId: 'shardId-00000000000000000000-00000000' })),
  ],
  [
    'an iterator of a stream that is not there',
    'GetShardIterator',
    iterator('LATEST', ({ arn }) => ({ StreamArn: `${arn}9` })),
  ],
  ['an iterator that is none', 'GetRecords', { ShardIterator: 'x' }],
  ['no iterator', 'GetRecords', {}],
  ['a page of no records', 'GetRecords', records('the end', { Limit: 0 })],
  ['a page of 1,001 records', 'GetRecords', records('the end', { Limit: 1001 })],
  [
    'a stream that is not there',
    'DescribeStream',
    describe(({ arn }) => ({ StreamArn: `${arn}9` })),
  ],
  ['no stream', 'DescribeStream', {}],
  ['a page of no shards', 'DescribeStream', describe(() => ({ Limit: 0 }))],
  ['a page of 101 shards', 'DescribeStream', describe(() => ({ Limit: 101 }))],
  ['a page of one shard', 'DescribeStream', describe(() => ({ Limit: 1 }))],
  [
    'the shards behind the last',
    'DescribeStream',
    describe(({ shardId }) => ({ ExclusiveStartShardId: shardId })),
  ],
  [
    'the children of an open shard',
    'DescribeStream',
    children(({ shardId }) => ({ Type: 'CHILD_SHARDS', ShardId: shardId })),
  ],
  ['the children of no shard', 'DescribeStream', children(() => ({ Type: 'CHILD_SHARDS' }))],
  [
    'a filter that is not there',
    'DescribeStream',
    children(({ shardId }) => ({ Type: 'PARENTS', ShardId: shardId })),
  ],
  [
    'a filter and a page',
    'DescribeStream',
    ({ arn, shardId }) => ({
      StreamArn: arn,
      ExclusiveStartShardId: shardId,
      ShardFilter: { Type: 'CHILD_SHARDS', ShardId: shardId },
    }),
  ],
  ...['1', '2', '3', '4'].map((s): StreamRow => [
    `a large item, ${s}`,
    'PutItem',
    put(`large ${s}`, { d: { B: LARGE } }),
  ]),
  ['two of these', 'GetRecords', records('the end', { Limit: 2 })],
  ['the other two', 'GetRecords', records('two of these')],
  ['a page of 1 MB', 'GetRecords', records('the end'), cutAt(2)],
  ['the end before large changes', 'GetShardIterator', iterator('LATEST')],
  ...['1', '2', '3'].map((s): StreamRow => [
    `a removal of it, ${s}`,
    'DeleteItem',
    removal(`large ${s}`),
  ]),
  ['a stream that is enabled twice', 'UpdateTable', stream(true)],
  ['a stream that is disabled', 'UpdateTable', stream(false)],
  ['a stream that is disabled twice', 'UpdateTable', stream(false)],
  ['a table whose stream is disabled', 'DescribeTable', { TableName: TABLE }],
  ['a disabled stream', 'DescribeStream', describe()],
  ['a write that no stream tells', 'PutItem', put('b', { n: { N: '1' } })],
  ['a read before the end', 'GetRecords', records('the end before large changes', { Limit: 1 })],
  ['a read up to the end', 'GetRecords', records('a read before the end', { Limit: 2 })],
  ['the end of a closed shard', 'GetShardIterator', iterator('LATEST')],
  ['a read at the end', 'GetRecords', records('the end of a closed shard')],
  ['a stream that is enabled again', 'UpdateTable', stream(true)],
  ['the streams, new and old', 'ListStreams', { TableName: TABLE }],
  ['the new stream', 'DescribeStream', describe()],
  ['a write that the new stream tells', 'PutItem', put('b', { n: { N: '2' } })],
  ['the beginning of the new stream', 'GetShardIterator', iterator('TRIM_HORIZON')],
  ['a read of the new stream', 'GetRecords', records('the beginning of the new stream')],
  ['a read of the old stream', 'GetRecords', records('the end before large changes', { Limit: 1 })],
];
