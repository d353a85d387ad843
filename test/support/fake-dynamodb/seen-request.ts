/** A request as tests look at it. */
import type { Attribute } from './attributes';
import type { Body } from './expressions';
import { shardOfIterator } from './streams/iterators';

export interface SeenRequest {
  /** The call's name: 'UpdateItem'. */
  readonly operation: string;
  readonly body: Body;
  /** The Redis keys of its items, in order; those above 1,017 bytes are not in the request's keys. */
  readonly keys: readonly string[];
  /** The shard that a GetShardIterator or GetRecords reads. */
  readonly shardId: string | undefined;
  /** What it has used; nothing before it is applied, or if it was refused. */
  readonly used: { readUnits: number; writeUnits: number };
}

/** In front of a Redis key in the sort key stands a hash of so many bytes. */
const HASH_BYTES = 7;

export function seenRequest(operation: string, body: Body): SeenRequest {
  return {
    operation,
    body,
    keys: itemKeys(operation, body).map(redisKey),
    shardId: shardOf(body),
    used: { readUnits: 0, writeUnits: 0 },
  };
}

function shardOf({ ShardId: shardId, ShardIterator: iterator }: Body): string | undefined {
  if (typeof shardId === 'string') return shardId;
  return iterator === undefined ? undefined : shardOfIterator(iterator);
}

type Keys = Readonly<Record<string, Attribute>>;

function itemKeys(operation: string, body: Body): readonly Keys[] {
  if (operation === 'BatchGetItem') {
    const tables = Object.values(body['RequestItems'] as Record<string, { Keys: Keys[] }>);
    return tables.flatMap((table) => table.Keys);
  }
  if (operation === 'TransactGetItems' || operation === 'TransactWriteItems') {
    const items = body['TransactItems'] as Record<string, Body>[];
    return items.flatMap((item) => Object.values(item).flatMap((of) => itemKeys('', of)));
  }
  const key = (body['Key'] ?? body['Item']) as Keys | undefined;
  return key === undefined ? [] : [key];
}

export function redisKey(key: Keys): string {
  const s = key['s'];
  if (s === undefined || !('B' in s)) return '';
  return Buffer.from(s.B, 'base64').subarray(HASH_BYTES).latin1Slice();
}
