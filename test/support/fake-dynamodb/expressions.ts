/** The expressions of one request, with their placeholders. */
import { checkAttribute, type Attribute } from './attributes';
import { invalid } from './errors';
import {
  Placeholders,
  parseCondition,
  parseProjection,
  parseUpdate,
  type Condition,
  type UpdateExpression,
} from './expression-parser';

export type Body = Readonly<Record<string, unknown>>;

export interface Expressions {
  readonly values: Readonly<Record<string, Attribute>>;
  readonly condition: Condition | undefined;
  readonly filter: Condition | undefined;
  readonly keyCondition: Condition | undefined;
  readonly update: UpdateExpression | undefined;
  readonly projection: readonly string[] | undefined;
}

/** @throws WireError for what does not parse, or placeholders that nothing uses */
export function expressionsOf(body: Body): Expressions {
  const names = (body['ExpressionAttributeNames'] ?? {}) as Record<string, string>;
  const values = Object.fromEntries(
    Object.entries((body['ExpressionAttributeValues'] ?? {}) as Body).map(([name, value]) => [
      name,
      checkAttribute(value, {
        before: 'ExpressionAttributeValues contains invalid value: ',
        after: ` for key ${name}`,
      }),
    ]),
  );
  const known = new Placeholders(names, values);
  const parse = <T>(field: string, parser: (text: string, known: Placeholders) => T) => {
    const text = body[field] as string | undefined;
    return text === undefined ? undefined : parser(text, known);
  };
  const condition = (field: string): Condition | undefined =>
    parse(field, (text) => parseCondition(text, field, known));
  const expressions = {
    values,
    update: parse('UpdateExpression', parseUpdate),
    condition: condition('ConditionExpression'),
    filter: condition('FilterExpression'),
    keyCondition: condition('KeyConditionExpression'),
    projection: parse('ProjectionExpression', parseProjection),
  };
  checkUsed('ExpressionAttributeNames', Object.keys(names), known.usedNames);
  checkUsed('ExpressionAttributeValues', Object.keys(values), known.usedValues);
  return expressions;
}

function checkUsed(field: string, given: readonly string[], used: ReadonlySet<string>): void {
  const unused = given.filter((name) => !used.has(name));
  if (unused.length === 0) return;
  throw invalid(`Value provided in ${field} unused in expressions: keys: {${unused.join(', ')}}`);
}
