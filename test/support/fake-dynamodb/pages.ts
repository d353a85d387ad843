/** Scan, and Query on an index: a page of at most 1 MB, and where the next one begins. */
import { compare, checkItem, itemSize, type Attribute, type Item } from './attributes';
import { Consumption, readUnits } from './capacity';
import { invalid } from './errors';
import { holds, projected } from './expression-evaluator';
import type { Condition } from './expression-parser';
import { expressionsOf, type Body } from './expressions';
import { pick, type IndexDefinition, type Table } from './table';
import type { Tables } from './tables';

const MAX_PAGE_BYTES = 1 << 20;

export function scan(tables: Tables, body: Body): Body {
  const table = tables.named(body['TableName']);
  const start = body['ExclusiveStartKey'];
  const order = start === undefined ? undefined : table.orderOf(checkItem(start));
  return page(body, table, table.after(order), (item) => table.keyOf(item), segmentOf(body, table));
}

export function query(tables: Tables, body: Body): Body {
  const table = tables.named(body['TableName']);
  const index = table.definition.indexes.find(({ name }) => name === body['IndexName']);
  if (index === undefined) {
    throw invalid(`The table does not have the specified index: ${String(body['IndexName'])}`);
  }
  if (body['ConsistentRead'] === true) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const { keyCondition, values } = expressionsOf(body);
  const hash = hashOf(index, keyCondition, values);
  const entries = table
    .inIndex(index, hash)
    .filter((item) => holds(keyCondition!, item, values))
    .map((item) => entryOf(table, index, item));
  const start = body['ExclusiveStartKey'] as Item | undefined;
  const rest = start === undefined ? entries : behind(entries, start, table, index);
  return page(
    body,
    table,
    rest,
    (item) => item,
    () => true,
  );
}

function page(
  body: Body,
  table: Table,
  items: Iterable<Item>,
  keyOf: (item: Item) => Item,
  isOwn: (item: Item) => boolean,
): Body {
  const { filter, projection, values } = expressionsOf(body);
  const limit = (body['Limit'] as number | undefined) ?? Infinity;
  if (limit < 1) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: ` +
        'Member must have value greater than or equal to 1',
    );
  }
  const Items: Item[] = [];
  let last: Item | undefined;
  let looked = 0;
  let bytes = 0;
  let isCut = false;
  for (const item of items) {
    if (!isOwn(item)) continue;
    // The page ends behind the item that fills it, also when that was the last one.
    if (looked === limit || bytes >= MAX_PAGE_BYTES) {
      isCut = true;
      break;
    }
    looked++;
    bytes += itemSize(item);
    last = item;
    if (filter === undefined || holds(filter, item, values))
      Items.push(projected(projection, item));
  }
  isCut ||= looked === limit;
  const used = new Consumption(body['ReturnConsumedCapacity']);
  used.add(table, readUnits(bytes, body['ConsistentRead'] === true));
  return {
    ...(body['Select'] !== 'COUNT' && { Items }),
    Count: Items.length,
    ScannedCount: looked,
    ...(isCut && last !== undefined && { LastEvaluatedKey: keyOf(last) }),
    ...used.one,
  };
}

/** The part of a parallel scan; by the place of the partition among all. */
function segmentOf(body: Body, table: Table): (item: Item) => boolean {
  const total = body['TotalSegments'] as number | undefined;
  if (total === undefined) return () => true;
  return (item) => {
    const place = parseInt(table.orderOf(table.keyOf(item)).slice(0, 4), 16);
    return Math.floor((place / 2 ** 16) * total) === body['Segment'];
  };
}

function entryOf(table: Table, { hash, range }: IndexDefinition, item: Item): Item {
  const names = [hash.name, ...(range === undefined ? [] : [range.name])];
  return { ...table.keyOf(item), ...pick(item, names) };
}

/** The value that the hash key must be equal to. */
function hashOf(
  { hash }: IndexDefinition,
  condition: Condition | undefined,
  values: Readonly<Record<string, Attribute>>,
): Attribute {
  for (const part of condition === undefined ? [] : conjuncts(condition)) {
    if (part.kind !== 'compare' || part.by !== '=') continue;
    const { left, right } = part;
    if (left.kind === 'attribute' && left.name === hash.name && right.kind === 'value') {
      return values[right.name]!;
    }
  }
  throw invalid(`Query condition missed key schema element: ${hash.name}`);
}

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind !== 'and') return [condition];
  return [...conjuncts(condition.left), ...conjuncts(condition.right)];
}

/** What follows a position, whether or not something is still there. */
function behind(
  entries: readonly Item[],
  start: Item,
  table: Table,
  index: IndexDefinition,
): Item[] {
  const order = table.orderOf(table.keyOf(start));
  const by = index.range?.name;
  return entries.filter((entry) => {
    const distance = by === undefined ? 0 : (compare(entry[by]!, start[by]!) ?? 0);
    return distance > 0 || (distance === 0 && table.orderOf(table.keyOf(entry)) > order);
  });
}
