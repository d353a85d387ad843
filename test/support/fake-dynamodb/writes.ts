/** UpdateItem, PutItem, DeleteItem, TransactWriteItems. */
import { MAX_ITEM_BYTES, checkItem, itemSize, typeOf, type Item } from './attributes';
import { Consumption, indexUnits, readUnits, writeUnits } from './capacity';
import { WireError, cancelled, conditionFailed, invalid, type CancellationReason } from './errors';
import { holds, updated } from './expression-evaluator';
import { expressionsOf, type Body, type Expressions } from './expressions';
import { checkDistinct, checkTransactionBytes, checkTransactionSize } from './reads';
import type { Table } from './table';
import type { Tables } from './tables';

/** How long DynamoDB remembers the token of a transaction that succeeded. */
const TOKEN_MS = 600_000;

export type WriteKind = 'Update' | 'Put' | 'Delete' | 'ConditionCheck';

interface Write {
  readonly kind: WriteKind;
  readonly body: Body;
  readonly table: Table;
  readonly key: Item;
  readonly order: string;
  readonly expressions: Expressions;
}

interface Effect {
  readonly write: Write;
  readonly old: Item | undefined;
  readonly now: Item | undefined;
}

export function writeItem(tables: Tables, kind: WriteKind, body: Body): Body {
  const write = writeOf(tables, kind, body);
  const effect = effectOf(write);
  apply(effect);
  const used = new Consumption(body['ReturnConsumedCapacity']);
  const { table } = write;
  const { old, now } = effect;
  used.add(table, writeUnits(old, now), indexUnits(table, old, now));
  const returned = returnedOf(effect);
  return { ...(returned !== undefined && { Attributes: returned }), ...used.one };
}

/** Transactions that succeeded, by their tokens. */
export class Transactions {
  private readonly done = new Map<string, { atMs: number; body: string }>();

  constructor(private readonly tables: Tables) {}

  write(body: Body): Body {
    const items = body['TransactItems'] as Partial<Record<WriteKind, Body>>[];
    checkTransactionSize(items);
    const token = body['ClientRequestToken'] as string | undefined;
    const text = JSON.stringify({ ...body, ReturnConsumedCapacity: undefined });
    if (token !== undefined && this.isDone(token, text)) return this.replayed(body, items);
    const writes = items.map((item) => {
      const [kind, of] = Object.entries(item)[0] as [WriteKind, Body];
      return writeOf(this.tables, kind, of);
    });
    checkDistinct(writes);
    const effects = allOrNone(writes);
    checkTransactionBytes(
      effects.reduce((sum, { old, now }) => sum + Math.max(itemSize(old), itemSize(now)), 0),
    );
    const used = new Consumption(body['ReturnConsumedCapacity'], 'WriteCapacityUnits');
    for (const effect of effects) {
      const { old, now, write } = effect;
      apply(effect);
      used.add(write.table, 2 * writeUnits(old, now), 2 * indexUnits(write.table, old, now));
    }
    if (token !== undefined) this.done.set(token, { atMs: this.tables.nowMs(), body: text });
    return used.many;
  }

  private isDone(token: string, body: string): boolean {
    const done = this.done.get(token);
    if (done === undefined || this.tables.nowMs() - done.atMs > TOKEN_MS) return false;
    if (done.body === body) return true;
    throw new WireError('IdempotentParameterMismatchException', '');
  }

  /** A repetition changes nothing and costs a read of what was written. */
  private replayed(body: Body, items: readonly Partial<Record<WriteKind, Body>>[]): Body {
    const used = new Consumption(body['ReturnConsumedCapacity'], 'ReadCapacityUnits');
    for (const item of items) {
      const [kind, of] = Object.entries(item)[0] as [WriteKind, Body];
      const { table, order } = writeOf(this.tables, kind, of);
      used.add(table, 2 * readUnits(itemSize(table.get(order)), true));
    }
    return used.many;
  }
}

function writeOf(tables: Tables, kind: WriteKind, body: Body): Write {
  const table = tables.named(body['TableName']);
  const expressions = expressionsOf(body);
  const key = kind === 'Put' ? table.keyOf(checkItem(body['Item'])) : checkItem(body['Key']);
  const order = table.orderOf(key);
  const { hash, range } = table.definition;
  const { set = [], remove = [] } = expressions.update ?? {};
  for (const name of [...set.map((each) => each.name), ...remove]) {
    if (name !== hash.name && name !== range?.name) continue;
    throw invalid(
      'One or more parameter values were invalid: Cannot update attribute ' +
        `${name}. This attribute is part of the key`,
    );
  }
  return { kind, body, table, key, order, expressions };
}

/** @throws WireError if its condition does not hold, or the item would be none */
function effectOf(write: Write): Effect {
  const { kind, body, table, key, order, expressions } = write;
  const old = table.get(order);
  const { condition, values, update } = expressions;
  if (condition !== undefined && !holds(condition, old ?? {}, values)) {
    const shown = body['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' ? old : undefined;
    const error = conditionFailed(shown);
    error.writeUnits = writeUnits(old, undefined);
    throw error;
  }
  switch (kind) {
    case 'ConditionCheck':
      return { write, old, now: old };
    case 'Delete':
      return { write, old, now: undefined };
    case 'Put':
      return { write, old, now: checked(table, checkItem(body['Item']), 'Item size') };
    case 'Update': {
      const base = old ?? key;
      const now = update === undefined ? base : updated(update, base, values);
      return { write, old, now: checked(table, now, 'Item size to update') };
    }
  }
}

function apply({ write: { table, order, key }, now }: Effect): void {
  table.set(order, key, now);
}

function allOrNone(writes: readonly Write[]): readonly Effect[] {
  const effects: Effect[] = [];
  const reasons = writes.map((write): CancellationReason => {
    try {
      effects.push(effectOf(write));
      return { Code: 'None' };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const refused = error.type === 'ConditionalCheckFailedException';
      return {
        Code: refused ? 'ConditionalCheckFailed' : 'ValidationError',
        ...error.more,
        Message: error.message,
      };
    }
  });
  if (effects.length === writes.length) return effects;
  const error = cancelled(reasons);
  for (const { table, order } of writes) {
    error.writeUnits += 2 * writeUnits(table.get(order), undefined);
  }
  throw error;
}

/** @throws WireError for an item that is too large or that an index cannot hold */
function checked(table: Table, item: Item, what: string): Item {
  for (const { name, hash, range } of table.definition.indexes) {
    for (const part of [hash, range]) {
      const value = part && item[part.name];
      if (part === undefined || value === undefined || typeOf(value) === part.type) continue;
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for Index Key ${part.name} ` +
          `Expected: ${part.type} Actual: ${typeOf(value)} IndexName: ${name}`,
      );
    }
  }
  if (itemSize(item) <= MAX_ITEM_BYTES) return item;
  throw invalid(`${what} has exceeded the maximum allowed size`);
}

function returnedOf({ write: { body }, old, now }: Effect): Item | undefined {
  const wanted = body['ReturnValues'] ?? 'NONE';
  switch (wanted) {
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return old;
    case 'ALL_NEW':
      return now;
    default:
      throw new Error(`the fake DynamoDB knows no ReturnValues ${String(wanted)}`);
  }
}
