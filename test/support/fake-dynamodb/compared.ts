/** What requests to compare are made of, and where DynamoDB Local is known to deviate. */
import { BLIND, type Change } from '../../../src/store/change';
import { itemKey, type ItemKey } from '../../../src/stores/dynamodb/item-key';
import { contentOf } from '../../../src/stores/dynamodb/items';
import type { Fence, Operation } from '../../../src/stores/dynamodb/operations';
import type { Answer } from './ask';
import {
  checkOf,
  fenceOf,
  updateOf,
  type FenceObstacle,
} from '../../../src/stores/dynamodb/updates';

export const TABLE = 'compared';
export const NOW_MS = 1_700_000_000_000;
export const NOW_US = NOW_MS * 1000;

export interface ComparedRequest {
  readonly title: string;
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Turns what DynamoDB Local answers into what DynamoDB would, where it is known to deviate. */
  readonly differs?: (local: Answer) => Answer;
}

type Differs = NonNullable<ComparedRequest['differs']>;
export type Fields = Readonly<Record<string, unknown>>;

export const differing =
  (more: (body: Fields) => Fields): Differs =>
  ({ status, body }) => ({ status, body: { ...(body as Fields), ...more(body as Fields) } });

/** Its own words for an error that goredis knows by its type. */
export const text = (message: string): Differs => differing(() => ({ message }));
/** Reads and checks of absent items, and empty pages, cost nothing there. */
export const units = (used: Fields | readonly Fields[]): Differs =>
  differing(() => ({ ConsumedCapacity: used }));

export const TOO_MANY =
  "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
  'Member must have length less than or equal to 100';
export const NO_KEY = 'The provided key element does not match the schema';

/** A reason has a period more there. */
export const reasonsWithoutPeriod = differing(({ CancellationReasons: reasons }) => ({
  CancellationReasons: (reasons as Fields[]).map((reason) => ({
    ...reason,
    ...(reason['Message'] !== undefined && { Message: 'The conditional request failed' }),
  })),
}));
/** An item that is too large is an error of the whole request there. */
export const cancelledForSize = differing(({ message: Message }) => ({
  __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
  message:
    'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError]',
  CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError', Message }],
}));

/** All in one partition, since the order of partitions is nobody's promise. */
export const at = (name: string): ItemKey => {
  const { s } = itemKey({ db: 0, key: name });
  return {
    p: { B: Buffer.of(0, 1, 2) },
    s: { B: Buffer.concat([Buffer.alloc(7), s.B.subarray(7)]) },
  };
};
export const KEY = { p: { B: 'AAEC' }, s: { B: 'AA==' } };

let sentAtUs = NOW_US;
export const FENCE = 'f0123456789abcdef';
export const operations = new Map<string, Operation>();
export function operation(name: string): Operation {
  const id = Buffer.alloc(16, name);
  const made = { id, sentAtUs: ++sentAtUs, clockUs: sentAtUs, fence: FENCE };
  operations.set(name, made);
  return made;
}

export function change(key: string, value: Change['value'], more: Partial<Change> = {}): Change {
  return { db: 0, key, value, expiresAtMs: 0, base: BLIND, events: [], ...more };
}

export function update(
  { key, ...rest }: Change,
  name: string,
  more: object = {},
  outdated: readonly Fence[] = [],
): object {
  const place = at(key);
  const content = contentOf({ key, ...rest }, place, NOW_MS);
  const request = updateOf(TABLE, place, content, rest.base, operation(name), NOW_MS, outdated);
  return { ...request, ReturnValues: 'ALL_OLD', ...more };
}

export function fence(key: string, name: string, obstacle?: FenceObstacle, nowMs = NOW_MS): object {
  return fenceOf(TABLE, at(key), key, operation(name), nowMs, obstacle);
}

/** A member of a transaction. */
export function member(of: Change, name: string): object {
  return { Update: update(of, name, { ReturnValues: undefined }) };
}

export const check = (key: string, version: number): object => ({
  ConditionCheck: checkOf(TABLE, at(key), version),
});

export const get = (key: string): object => ({ TableName: TABLE, Key: at(key) });
export const TOTAL = { ReturnConsumedCapacity: 'TOTAL' };

export const plainUpdate = (
  expression: string,
  values: object = {},
  names: object = {},
): object => ({
  TableName: TABLE,
  Key: KEY,
  UpdateExpression: expression,
  ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
});

export type Row = readonly [
  title: string,
  operation: string,
  body: object,
  differs?: ComparedRequest['differs'],
];

export function tooLarge(): object {
  return {
    UpdateExpression: 'SET d = :d',
    ExpressionAttributeValues: { ':d': { B: Buffer.alloc(410_000) } },
  };
}
