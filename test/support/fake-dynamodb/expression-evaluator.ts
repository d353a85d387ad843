/** What expressions say of an item, and what they make of it. */
import { beginsWith, compare, sum, type Attribute, type Item } from './attributes';
import { invalid } from './errors';
import type { Comparator, Condition, Operand, UpdateExpression } from './expression-parser';

type Values = Readonly<Record<string, Attribute>>;

export function holds(condition: Condition, item: Item, values: Values): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, values) && holds(condition.right, item, values);
    case 'or':
      return holds(condition.left, item, values) || holds(condition.right, item, values);
    case 'not':
      return !holds(condition.of, item, values);
    case 'exists':
      return (item[condition.name] !== undefined) === condition.wanted;
    case 'begins_with': {
      const of = valueOf(condition.of, item, values);
      const start = valueOf(condition.start, item, values);
      return of !== undefined && start !== undefined && beginsWith(of, start);
    }
    case 'compare': {
      const left = valueOf(condition.left, item, values);
      const right = valueOf(condition.right, item, values);
      return fits(condition.by, left, right);
    }
  }
}

function fits(by: Comparator, left: Attribute | undefined, right: Attribute | undefined): boolean {
  // Nothing is equal to what is absent, and everything is unequal to it.
  const order = left === undefined || right === undefined ? undefined : compare(left, right);
  if (by === '<>') return order !== 0;
  if (order === undefined) return false;
  switch (by) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** The item after an update; every right-hand side sees the item as it was. */
export function updated(update: UpdateExpression, item: Item, values: Values): Item {
  const result: Record<string, Attribute> = { ...item };
  for (const { name, to } of update.set) {
    const value = valueOf(to, item, values);
    if (value === undefined) {
      throw invalid(
        'The provided expression refers to an attribute that does not exist in the item',
      );
    }
    result[name] = value;
  }
  for (const name of update.remove) delete result[name];
  return result;
}

export function projected(names: readonly string[] | undefined, item: Item): Item {
  if (names === undefined) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

function valueOf(operand: Operand, item: Item, values: Values): Attribute | undefined {
  switch (operand.kind) {
    case 'attribute':
      return item[operand.name];
    case 'value':
      return values[operand.name];
    case 'if_not_exists':
      return item[operand.name] ?? valueOf(operand.otherwise, item, values);
    case 'sum': {
      const left = valueOf(operand.left, item, values);
      const right = valueOf(operand.right, item, values);
      return left && right && sum(left, right, operand.sign);
    }
  }
}
