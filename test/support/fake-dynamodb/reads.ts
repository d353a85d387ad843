/** GetItem, BatchGetItem, TransactGetItems. */
import { checkItem, itemSize, type Item } from './attributes';
import { Consumption, readUnits } from './capacity';
import { invalid } from './errors';
import { projected } from './expression-evaluator';
import { expressionsOf, type Body } from './expressions';
import type { Table } from './table';
import type { Tables } from './tables';

export const MAX_TRANSACTION_ITEMS = 100;
export const MAX_TRANSACTION_BYTES = 4 << 20;
const MAX_BATCH_ITEMS = 100;
const MAX_BATCH_BYTES = 16 << 20;

export function getItem(tables: Tables, body: Body): Body {
  const table = tables.named(body['TableName']);
  const { projection } = expressionsOf(body);
  const item = table.get(table.orderOf(checkItem(body['Key'])));
  const used = new Consumption(body['ReturnConsumedCapacity']);
  used.add(table, readUnits(itemSize(item), body['ConsistentRead'] === true));
  return { ...(item !== undefined && { Item: projected(projection, item) }), ...used.one };
}

interface KeysOfTable {
  readonly Keys: readonly unknown[];
  readonly ConsistentRead?: boolean;
}

/** @param isLeft which keys, counted from 0, to answer as unprocessed although they could be read */
export function batchGetItem(
  tables: Tables,
  body: Body,
  isLeft: (index: number) => boolean = () => false,
): Body {
  const asked = Object.entries(body['RequestItems'] as Record<string, KeysOfTable>);
  const count = asked.reduce((sum, [, { Keys }]) => sum + Keys.length, 0);
  if (count > MAX_BATCH_ITEMS) {
    throw invalid('Too many items requested for the BatchGetItem call');
  }
  const used = new Consumption(body['ReturnConsumedCapacity']);
  const Responses: Record<string, Item[]> = {};
  const UnprocessedKeys: Record<string, KeysOfTable> = {};
  let index = 0;
  let bytes = 0;
  for (const [name, request] of asked) {
    const table = tables.named(name);
    const orders = request.Keys.map((key) => table.orderOf(checkItem(key)));
    if (new Set(orders).size < orders.length) {
      throw invalid('Provided list of item keys contains duplicates');
    }
    const items: Item[] = [];
    const rest: unknown[] = [];
    for (const [i, order] of orders.entries()) {
      const item = table.get(order);
      bytes += itemSize(item);
      if (isLeft(index++) || bytes > MAX_BATCH_BYTES) {
        rest.push(request.Keys[i]);
        continue;
      }
      used.add(table, readUnits(itemSize(item), request.ConsistentRead === true));
      if (item !== undefined) items.push(item);
    }
    Responses[name] = items;
    if (rest.length > 0) UnprocessedKeys[name] = { ...request, Keys: rest };
  }
  return { Responses, UnprocessedKeys, ...used.many };
}

export function transactGetItems(tables: Tables, body: Body): Body {
  const asked = body['TransactItems'] as { readonly Get: Body }[];
  checkTransactionSize(asked);
  const used = new Consumption(body['ReturnConsumedCapacity'], 'ReadCapacityUnits');
  const seen: { table: Table; order: string }[] = asked.map(({ Get }) => {
    const table = tables.named(Get['TableName']);
    return { table, order: table.orderOf(checkItem(Get['Key'])) };
  });
  checkDistinct(seen);
  const items = seen.map(({ table, order }) => table.get(order));
  const bytes = items.reduce((sum, item) => sum + itemSize(item), 0);
  if (bytes > MAX_TRANSACTION_BYTES) throw invalid(`Payload in response is too large.${bytes}`);
  items.forEach((item, i) => used.add(seen[i]!.table, 2 * readUnits(itemSize(item), true)));
  const Responses = items.map((item) => (item === undefined ? {} : { Item: item }));
  return { Responses, ...used.many };
}

export function checkTransactionSize(items: readonly unknown[]): void {
  if (items.length <= MAX_TRANSACTION_ITEMS) return;
  throw invalid(
    "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: " +
      `Member must have length less than or equal to ${MAX_TRANSACTION_ITEMS}`,
  );
}

export function checkDistinct(items: readonly { table: Table; order: string }[]): void {
  const ids = items.map(({ table, order }) => `${table.definition.name} ${order}`);
  if (new Set(ids).size === ids.length) return;
  throw invalid('Transaction request cannot include multiple operations on one item');
}

export function checkTransactionBytes(bytes: number): void {
  if (bytes <= MAX_TRANSACTION_BYTES) return;
  throw invalid('Transaction payload size cannot exceed 4MB');
}
