/** How commands read their arguments. All throw the error Redis answers. */
import { asText } from '../lib/bytes';
import { genericError, invalidExpire, notFloat, notInteger, type ReplyError } from '../errors';
import { INT64_MAX, parseDouble, parseInt64, parseSafeInteger } from '../lib/numbers';
import type { Argv } from '../engine/command';
import type { Key } from '../store/record';

/** No option word and no integer is longer. */
const MAX_WORD_LENGTH = 64;

/** The key at a position that arity has checked. */
export function keyAt(argv: Argv, index: number): Key {
  const arg = argv[index]!;
  return typeof arg === 'string' ? arg : asText(arg);
}

/** The argument as text, '' beyond the end. */
export function textAt(argv: Argv, index: number): string {
  const arg = argv[index];
  return arg === undefined ? '' : asText(arg);
}

/** The argument as Redis prints it in error texts: a C string, which a NUL ends. */
export function printedText(argv: Argv, index: number): string {
  const text = textAt(argv, index);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** The argument as text, cut where nothing that is looked for could be as long. */
function shortTextAt(argv: Argv, index: number): string {
  const arg = argv[index];
  if (arg === undefined) return '';
  return typeof arg === 'string' ? arg : arg.latin1Slice(0, Math.min(arg.length, MAX_WORD_LENGTH));
}

/**
 * An option word in upper case, '' beyond the end. Redis compares C strings: a NUL ends the word,
 * and only the letters A to Z have two cases.
 */
export function wordAt(argv: Argv, index: number): string {
  const text = shortTextAt(argv, index);
  if (/^[\x01-\x7f]*$/.test(text)) return text.toUpperCase();
  const end = text.indexOf('\0');
  const word = end === -1 ? text : text.slice(0, end);
  return word.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** An int64. Beyond ±2^53 it is rounded: right for indexes and counts, which nothing that large reaches. */
export function integerAt(argv: Argv, index: number, error = notInteger): number {
  const text = shortTextAt(argv, index);
  const small = parseSafeInteger(text);
  if (small !== undefined) return small;
  const large = parseInt64(text);
  if (large === undefined) throw error;
  return Number(large);
}

const INT32_MAX = 2 ** 31 - 1;
const notInt32 = genericError(
  'value is out of range, value must between -2147483648 and 2147483647',
);

/**
 * The number of a database. Whether there is such a one is the caller's to check.
 * @param error for anything that is not an int32; without it Redis has two texts for that
 * Source: getIntFromObjectOrReply in Redis's object.c
 */
export function databaseAt(argv: Argv, index: number, error?: ReplyError): number {
  const value = integerAt(argv, index, error);
  if (value < -INT32_MAX - 1 || value > INT32_MAX) throw error ?? notInt32;
  return value;
}

export function int64At(argv: Argv, index: number): bigint {
  const value = parseInt64(shortTextAt(argv, index));
  if (value === undefined) throw notInteger;
  return value;
}

export function doubleAt(argv: Argv, index: number): number {
  const value = parseDouble(textAt(argv, index));
  if (value === undefined) throw notFloat;
  return value;
}

const notTimeout = genericError('timeout is not an integer or out of range');
const negativeTimeout = genericError('timeout is negative');

/** How long to wait, in milliseconds. Source: getTimeoutFromObjectOrReply in Redis's timeout.c */
export function timeoutAt(argv: Argv, index: number): number {
  const timeoutMs = integerAt(argv, index, notTimeout);
  if (timeoutMs < 0) throw negativeTimeout;
  return timeoutMs;
}

/**
 * A deadline in Unix milliseconds from an argument that must be positive (SET EX, GETEX, SETEX).
 * It may lie in the past. Redis computes in int64 milliseconds and refuses what does not fit.
 * Source: getExpireMillisecondsOrReply in t_string.c
 * @throws ReplyError notInteger, or `invalid expire time in '<name>' command`
 */
export function deadlineAt(
  argv: Argv,
  index: number,
  unit: 's' | 'ms',
  from: 'now' | 'epoch',
  nowMs: number,
  name: string,
): number {
  const small = parseSafeInteger(shortTextAt(argv, index));
  if (small !== undefined && small > 0) {
    const deadlineMs = (unit === 's' ? small * 1000 : small) + (from === 'now' ? nowMs : 0);
    if (deadlineMs <= Number.MAX_SAFE_INTEGER) return deadlineMs;
  }
  const value = int64At(argv, index);
  const ms = unit === 's' ? value * 1000n : value;
  const deadline = from === 'now' ? ms + BigInt(nowMs) : ms;
  if (value <= 0n || ms > INT64_MAX || deadline > INT64_MAX) throw invalidExpire(name);
  return clampDeadline(deadline);
}

/**
 * A deadline in the form in which it is kept. Deadlines are doubles, exact up to 2^53 - 1 ms (the
 * year 287396): later ones become that.
 */
export function clampDeadline(deadlineMs: bigint): number {
  const max = Number.MAX_SAFE_INTEGER;
  return deadlineMs > BigInt(max) ? max : Number(deadlineMs);
}
