/** Attribute values in their form on the wire: one type letter and, for B, base64. */
import { isDeepStrictEqual } from 'node:util';
import { invalid } from './errors';

/** What goredis uses of the types. Items of other programs may have others. */
export type Attribute = { readonly S: string } | { readonly N: string } | { readonly B: string };
export type Item = Readonly<Record<string, Attribute>>;
export type TypeLetter = 'S' | 'N' | 'B';

export const MAX_ITEM_BYTES = 400 * 1024;

export function typeOf(value: Attribute): TypeLetter {
  return Object.keys(value)[0] as TypeLetter;
}

function contentOf(value: Attribute): string {
  return Object.values(value)[0] as string;
}

/**
 * @param where what an error is to say of the place of the value, if anything
 * @throws WireError for what is no value of the three types
 */
export function checkAttribute(value: unknown, where = { before: '', after: '' }): Attribute {
  const wrong = (text: string): Error => invalid(where.before + text + where.after);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [type, content] = entries[0] ?? [];
  if (entries.length !== 1 || type === undefined || !'SNB'.includes(type)) {
    throw wrong(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  if (typeof content !== 'string') throw wrong(`not a value of type ${type}`);
  if (type !== 'N') return value as Attribute;
  const number = normalNumber(content);
  if (number === undefined) throw wrong('A value provided cannot be converted into a number');
  return { N: number };
}

export function checkItem(item: unknown): Item {
  return Object.fromEntries(
    Object.entries(item as Record<string, unknown>).map(([name, value]) => [
      name,
      checkAttribute(value),
    ]),
  );
}

/** Numbers come back without leading or trailing zeros. Only plain decimals are understood. */
function normalNumber(text: string): string | undefined {
  const match = /^([+-]?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  if ((whole! + fraction).replace(/^0+/, '').length > 38) return undefined;
  const digits = fraction === '' ? whole! : `${whole}.${fraction}`;
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

/** @param sign 1 for a sum, -1 for a difference */
export function sum(left: Attribute, right: Attribute, sign: 1 | -1): Attribute {
  if (!('N' in left) || !('N' in right)) {
    throw invalid('An operand in the update expression has an incorrect data type');
  }
  return { N: String(BigInt(left.N) + BigInt(sign) * BigInt(right.N)) };
}

/** Below, at or above 0; undefined if the types differ, when no comparison holds. */
export function compare(left: Attribute, right: Attribute): number | undefined {
  if (typeOf(left) !== typeOf(right)) return undefined;
  if (!'SNB'.includes(typeOf(left))) return isDeepStrictEqual(left, right) ? 0 : undefined;
  if ('N' in left) return compareNumbers(left.N, contentOf(right));
  const encoding = 'B' in left ? 'base64' : 'utf8';
  return Buffer.compare(
    Buffer.from(contentOf(left), encoding),
    Buffer.from(contentOf(right), encoding),
  );
}

function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  const whole = /^-?\d+$/;
  if (whole.test(left) && whole.test(right)) return BigInt(left) < BigInt(right) ? -1 : 1;
  return Number(left) - Number(right);
}

export function beginsWith(value: Attribute, start: Attribute): boolean {
  if (typeOf(value) !== typeOf(start)) return false;
  if ('S' in value) return value.S.startsWith(contentOf(start));
  const bytes = Buffer.from(contentOf(value), 'base64');
  const first = Buffer.from(contentOf(start), 'base64');
  return bytes.subarray(0, first.length).equals(first);
}

/**
 * Bytes as DynamoDB counts them.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function sizeOf(value: Attribute): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  // Roughly; nobody compares the size of such.
  if (!('N' in value)) return JSON.stringify(value).length;
  const digits = value.N.replace(/^-|\./g, '').replace(/^0+|0+$/g, '').length;
  return Math.ceil(digits / 2) + (value.N.startsWith('-') ? 2 : 1);
}

export function itemSize(item: Item | undefined): number {
  let size = 0;
  for (const [name, value] of Object.entries(item ?? {})) {
    size += Buffer.byteLength(name) + sizeOf(value);
  }
  return size;
}
