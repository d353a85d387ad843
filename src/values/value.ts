/**
 * The values a key can hold. Small strings are latin1 strings and integers numbers: they are
 * immutable, so a store and a command can share them. Everything else is an object with `clone`.
 */
import type { HashValue } from './hash';
import type { ListValue } from './list';
import { RawString } from './raw-string';

/** A number is an integer within ±(2^53 - 1): what INCR leaves behind. */
export type StringValue = string | number | RawString;
export type Value = StringValue | HashValue | ListValue;
export type TypeName = 'string' | 'hash' | 'list';

export function typeOf(value: Value): TypeName {
  if (typeof value !== 'object' || value instanceof RawString) return 'string';
  return value.type;
}

export function isString(value: Value): value is StringValue {
  return typeof value !== 'object' || value instanceof RawString;
}

/** A value of its own: nothing done to it shows in `value`. */
export function cloneValue(value: Value): Value {
  return typeof value === 'object' ? value.clone() : value;
}

/** Collections without elements do not exist in Redis: their key goes away. A string may be empty. */
export function isEmptyCollection(value: Value): boolean {
  return !isString(value) && value.size === 0;
}
