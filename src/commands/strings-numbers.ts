/** Strings that hold numbers. */
import { genericError, notFloat, notInteger, overflow } from '../errors';
import {
  MAX_LONG_DOUBLE_LENGTH,
  addLongDoubles,
  formatLongDouble,
  parseLongDouble,
  type LongDouble,
} from '../lib/long-double';
import { INT64_MAX, INT64_MIN, parseSafeInteger } from '../lib/numbers';
import { bulkText, integer, type Reply } from '../protocol/reply';
import {
  expectString,
  int64Of,
  safeIntegerOf,
  shortText,
  stringFrom,
  stringFromInt64,
} from '../values/string';
import type { StringValue, Value } from '../values/value';
import type { Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { Key } from '../store/record';
import { int64At, keyAt, textAt } from './args';
import { defineCommand, firstKey } from './command';

const decrementOverflow = genericError('decrement would overflow');
const notFinite = genericError('increment would produce NaN or Infinity');

/**
 * Adds to the integer at `key`, an absent one counts as 0; the deadline stays. `delta` is within
 * ±(2^53 - 1).
 * @throws ReplyError WRONGTYPE, not an integer, overflow of int64
 */
function add(ctx: Context, key: Key, delta: number): Reply {
  const value = ctx.peek(key);
  const before = typeof value === 'number' ? value : smallInteger(value);
  if (before === undefined) return addInt64(ctx, key, BigInt(delta));
  const sum = before + delta;
  // Beyond ±2^53 the sum may have been rounded.
  if (!Number.isSafeInteger(sum)) return addInt64(ctx, key, BigInt(delta));
  ctx.replace(key, sum);
  ctx.notify('$', 'incrby', key);
  return integer(sum);
}

function smallInteger(value: Value | undefined): number | undefined {
  return value === undefined ? 0 : safeIntegerOf(expectString(value)!);
}

function addInt64(ctx: Context, key: Key, delta: bigint): Reply {
  const value = expectString(ctx.peek(key));
  const before = value === undefined ? 0n : int64Of(value);
  if (before === undefined) throw notInteger;
  const sum = before + delta;
  if (sum < INT64_MIN || sum > INT64_MAX) throw overflow;
  ctx.replace(key, stringFromInt64(sum));
  ctx.notify('$', 'incrby', key);
  return integer(sum);
}

/**
 * INCR key
 *
 * Adds 1 to the integer at key, a missing key counts as 0, and answers the sum.
 * Source: https://redis.io/docs/latest/commands/incr/
 * @throws ReplyError WRONGTYPE, not an integer, overflow of int64
 */
const incr = defineCommand({
  name: 'incr',
  arity: 2,
  quickArgs: 2,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Increment the integer value of a key by one',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  run: (ctx, argv) => add(ctx, keyAt(argv, 1), 1),
});

/**
 * DECR key
 *
 * Takes 1 from the integer at key, a missing key counts as 0, and answers the difference.
 * Source: https://redis.io/docs/latest/commands/decr/
 * @throws ReplyError WRONGTYPE, not an integer, overflow of int64
 */
const decr = defineCommand({
  name: 'decr',
  arity: 2,
  quickArgs: 2,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Decrement the integer value of a key by one',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  run: (ctx, argv) => add(ctx, keyAt(argv, 1), -1),
});

/**
 * INCRBY key increment
 *
 * Adds to the integer at key, a missing key counts as 0, and answers the sum.
 * Source: https://redis.io/docs/latest/commands/incrby/
 * @throws ReplyError WRONGTYPE, not an integer (argument first, then value), overflow of int64
 */
const incrby = defineCommand({
  name: 'incrby',
  arity: 3,
  quickArgs: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Increment the integer value of a key by the given amount',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  run(ctx, argv) {
    const delta = parseSafeInteger(textAt(argv, 2));
    if (delta !== undefined) return add(ctx, keyAt(argv, 1), delta);
    return addInt64(ctx, keyAt(argv, 1), int64At(argv, 2));
  },
});

/**
 * DECRBY key decrement
 *
 * Takes from the integer at key, a missing key counts as 0, and answers the difference.
 * Source: https://redis.io/docs/latest/commands/decrby/
 * @throws ReplyError WRONGTYPE, not an integer (argument first, then value), overflow of int64
 */
const decrby = defineCommand({
  name: 'decrby',
  arity: 3,
  quickArgs: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Decrement the integer value of a key by the given number',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  run(ctx, argv) {
    const delta = parseSafeInteger(textAt(argv, 2));
    if (delta !== undefined) return add(ctx, keyAt(argv, 1), -delta);
    const large = int64At(argv, 2);
    // Its negative is not an int64: Redis refuses it whatever the value is.
    if (large === INT64_MIN) throw decrementOverflow;
    return addInt64(ctx, keyAt(argv, 1), -large);
  },
});

/** @throws ReplyError not a valid float */
function longDouble(value: StringValue): LongDouble {
  const text = shortText(value, MAX_LONG_DOUBLE_LENGTH);
  const number = text === undefined ? undefined : parseLongDouble(text);
  if (number === undefined) throw notFloat;
  return number;
}

/**
 * INCRBYFLOAT key increment
 *
 * Adds to the number at key, a missing key counts as 0, and answers the sum with at most 17
 * decimals, never with an exponent. Computes as Redis does with 80-bit numbers.
 * Source: https://redis.io/docs/latest/commands/incrbyfloat/
 * @throws ReplyError WRONGTYPE, not a valid float (value or argument), NaN or Infinity
 */
const incrbyfloat = defineCommand({
  name: 'incrbyfloat',
  arity: 3,
  quickArgs: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '2.6.0',
  summary: 'Increment the float value of a key by the given amount',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const value = expectString(ctx.peek(key));
    const before = longDouble(value ?? 0);
    const sum = addLongDoubles(before, longDouble(stringFrom(argv[2]!)));
    if (sum === undefined) throw notFinite;
    const text = formatLongDouble(sum);
    ctx.replace(key, text);
    ctx.notify('$', 'incrbyfloat', key);
    return bulkText(text);
  },
});

export const stringsNumbers: readonly Command[] = [incr, decr, incrby, decrby, incrbyfloat];
