/** Strings: parts of a value, and values that grow. */
import { genericError, stringTooLong } from '../errors';
import { bulk, emptyBulk, integer, zero } from '../protocol/reply';
import { NO_EXPIRY, type Key } from '../store/record';
import { RawString } from '../values/raw-string';
import { expectString, lentSlice, stringBytes, stringFrom, stringLength } from '../values/string';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { Reply } from '../protocol/reply';
import type { StringValue } from '../values/value';
import { integerAt, keyAt } from './args';
import { defineCommand, firstKey } from './command';

const offsetOutOfRange = genericError('offset is out of range');

/** The string at `key` in a form that can be written into. `endEdit` must follow. */
function beginEdit(ctx: Context, key: Key, value: StringValue): RawString {
  if (value instanceof RawString) return ctx.edit(key) as RawString;
  return RawString.of(stringBytes(value));
}

/** Puts what `beginEdit` made of `value` in its place; the deadline stays. */
function endEdit(ctx: Context, key: Key, value: StringValue, raw: RawString): void {
  if (value instanceof RawString) ctx.changed(key);
  else ctx.replace(key, raw);
}

/**
 * APPEND key value
 *
 * Appends to the string, creates a missing key, and answers the new length in bytes.
 * Source: https://redis.io/docs/latest/commands/append/
 * @throws ReplyError WRONGTYPE, string exceeds maximum allowed size
 */
const append = defineCommand({
  name: 'append',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '2.0.0',
  summary: 'Append a value to a key',
  complexity:
    'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
  keys: firstKey,
  keyFlags: ['RW', 'insert'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const bytes = argv[2]!;
    const value = expectString(ctx.peek(key));
    let length = bytes.length;
    if (value === undefined) {
      // As a SET would: `5` is an integer here, and a raw string when appended to something.
      ctx.set(key, stringFrom(bytes), NO_EXPIRY);
    } else {
      if (stringLength(value) + length > ctx.server.maxBulkBytes) throw stringTooLong;
      const raw = beginEdit(ctx, key, value);
      raw.append(bytes);
      endEdit(ctx, key, value, raw);
      length = raw.length;
    }
    ctx.notify('$', 'append', key);
    return integer(length);
  },
});

/**
 * STRLEN key
 *
 * The length in bytes, 0 for a missing key.
 * Source: https://redis.io/docs/latest/commands/strlen/
 * @throws ReplyError WRONGTYPE
 */
const strlen = defineCommand({
  name: 'strlen',
  arity: 2,
  quickArgs: 2,
  flags: ['readonly', 'fast'],
  group: 'string',
  since: '2.2.0',
  summary: 'Get the length of the value stored in a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO'],
  run(ctx, argv) {
    const value = ctx.string(keyAt(argv, 1));
    return value === undefined ? zero : integer(stringLength(value));
  },
});

function rangeReply(ctx: Context, argv: Argv): Reply {
  let start = integerAt(argv, 2);
  let end = integerAt(argv, 3);
  const value = ctx.string(keyAt(argv, 1));
  // From behind, backwards: empty, although both would become 0 when they are before the beginning.
  if (value === undefined || (start < 0 && end < 0 && start > end)) return emptyBulk;
  const length = stringLength(value);
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  if (end >= length) end = length - 1;
  return start > end ? emptyBulk : bulk(lentSlice(value, start, end + 1));
}

const rangeFacts = {
  arity: 4,
  flags: ['readonly'],
  group: 'string',
  summary: 'Get a substring of the string stored at a key',
  complexity:
    'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
  keys: firstKey,
  keyFlags: ['RO', 'access'],
  run: rangeReply,
} as const;

/**
 * GETRANGE key start end
 *
 * The bytes from start to end, both included, counted from the end when negative. Empty for a
 * missing key and where there is nothing.
 * Source: https://redis.io/docs/latest/commands/getrange/
 * @throws ReplyError WRONGTYPE, not an integer
 */
const getrange = defineCommand({ name: 'getrange', since: '2.4.0', ...rangeFacts });

/** SUBSTR key start end: the old name of GETRANGE. Source: https://redis.io/docs/latest/commands/substr/ */
const substr = defineCommand({
  name: 'substr',
  since: '1.0.0',
  deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
  ...rangeFacts,
});

/**
 * SETRANGE key offset value
 *
 * Overwrites from offset (in bytes) on and answers the new length. A missing key counts as empty,
 * a gap is filled with zero bytes. An empty value changes nothing and creates nothing.
 * Source: https://redis.io/docs/latest/commands/setrange/
 * @throws ReplyError not an integer, offset is out of range, WRONGTYPE, string exceeds maximum allowed size
 */
const setrange = defineCommand({
  name: 'setrange',
  arity: 4,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '2.2.0',
  summary: 'Overwrite part of a string at key starting at the specified offset',
  complexity:
    'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
  keys: firstKey,
  keyFlags: ['RW', 'update'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const offset = integerAt(argv, 2);
    if (offset < 0) throw offsetOutOfRange;
    const bytes = argv[3]!;
    const value = expectString(ctx.peek(key)) ?? '';
    if (bytes.length === 0) return integer(stringLength(value));
    if (offset + bytes.length > ctx.server.maxBulkBytes) throw stringTooLong;
    const raw = beginEdit(ctx, key, value);
    raw.write(offset, bytes);
    endEdit(ctx, key, value, raw);
    ctx.notify('$', 'setrange', key);
    return integer(raw.length);
  },
});

export const stringsRanges: readonly Command[] = [append, strlen, getrange, substr, setrange];
