/**
 * What a string value is made of, whichever form it has: a latin1 string, a number, or a RawString.
 */
import { wrongType } from '../errors';
import { LARGE_BYTES, asText, type Bytes } from '../lib/bytes';
import { parseInt64, parseSafeInteger } from '../lib/numbers';
import { RawString } from './raw-string';
import type { StringValue, Value } from './value';

/** The digits of an int64 and its sign. */
const MAX_INT64_LENGTH = 20;

/**
 * The value as a string, undefined for an absent key.
 * @throws ReplyError WRONGTYPE
 */
export function expectString(value: Value | undefined): StringValue | undefined {
  if (typeof value !== 'object' || value instanceof RawString) return value;
  throw wrongType;
}

/** The value a request argument becomes. A large one is taken over without a copy. */
export function stringFrom(bytes: Bytes): StringValue {
  if (typeof bytes === 'string') return bytes;
  return bytes.length < LARGE_BYTES ? asText(bytes) : RawString.of(bytes);
}

export function stringLength(value: StringValue): number {
  return typeof value === 'number' ? String(value).length : value.length;
}

/** All bytes. A Buffer stays as it is, whatever becomes of the value later. */
export function stringBytes(value: StringValue): Bytes {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : value.bytes();
}

/** The bytes from `start` up to, not including, `end`; both within the length. */
export function stringSlice(value: StringValue, start: number, end: number): Bytes {
  if (value instanceof RawString) return value.slice(start, end);
  return stringBytes(value).slice(start, end);
}

/** The same for a reply, which gives them back when it has gone (see Loans). */
export function lentBytes(value: StringValue): Bytes {
  return value instanceof RawString ? value.lend(0, value.length) : stringBytes(value);
}

/** `stringSlice` for a reply. */
export function lentSlice(value: StringValue, start: number, end: number): Bytes {
  return value instanceof RawString ? value.lend(start, end) : stringSlice(value, start, end);
}

/** The text if it has at most `maxLength` bytes: for readers of numbers, which never are longer. */
export function shortText(value: StringValue, maxLength: number): string | undefined {
  if (typeof value === 'number') return String(value);
  if (value.length > maxLength) return undefined;
  return typeof value === 'string' ? value : value.text();
}

/** The integer that the value spells canonically, within ±(2^53 - 1); undefined for all else. */
export function safeIntegerOf(value: StringValue): number | undefined {
  if (typeof value === 'number') return value;
  const text = shortText(value, MAX_INT64_LENGTH);
  return text === undefined ? undefined : parseSafeInteger(text);
}

/** The same over all of int64. */
export function int64Of(value: StringValue): bigint | undefined {
  if (typeof value === 'number') return BigInt(value);
  const text = shortText(value, MAX_INT64_LENGTH);
  return text === undefined ? undefined : parseInt64(text);
}

/** The form in which an int64 is kept: a number while that is exact, canonical text beyond. */
export function stringFromInt64(value: bigint): StringValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
