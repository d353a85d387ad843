/** Strings: reading and setting one key. The rest of the family is in the files listed at the end. */
import { bulk, bulkText, ok, one, zero, type Reply } from '../protocol/reply';
import { NO_EXPIRY, type Key } from '../store/record';
import { lentBytes, stringFrom } from '../values/string';
import type { StringValue } from '../values/value';
import type { Argv, Command, KeyFlag } from '../engine/command';
import type { Context } from '../engine/context';
import { deadlineAt, keyAt, wordAt } from './args';
import { defineCommand, firstKey } from './command';
import { lcs } from './lcs';
import { isAbsolute, optionDeadlineMs, stringOptions } from './string-options';
import { stringsMulti } from './strings-multi';
import { stringsNumbers } from './strings-numbers';
import { stringsRanges } from './strings-ranges';

function valueReply(ctx: Context, value: StringValue | undefined): Reply {
  return value === undefined ? ctx.form.nil : bulk(lentBytes(value));
}

/** Sets a value without a deadline and says so. */
function overwrite(ctx: Context, key: Key, value: StringValue): void {
  ctx.set(key, value, NO_EXPIRY);
  ctx.notify('$', 'set', key);
}

function setWithDeadline(ctx: Context, key: Key, value: StringValue, deadlineMs: number): void {
  ctx.set(key, value, deadlineMs);
  ctx.notify('$', 'set', key);
  ctx.notify('g', 'expire', key);
}

/**
 * GET key
 *
 * The value, nil for a missing key.
 * Source: https://redis.io/docs/latest/commands/get/
 * @throws ReplyError WRONGTYPE
 */
const get = defineCommand({
  name: 'get',
  arity: 2,
  quickArgs: 2,
  flags: ['readonly', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Get the value of a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO', 'access'],
  run(ctx, argv) {
    const value = ctx.string(keyAt(argv, 1));
    return typeof value === 'string' ? bulkText(value) : valueReply(ctx, value);
  },
});

/**
 * GETEX key [EX seconds | PX milliseconds | EXAT unix-seconds | PXAT unix-milliseconds | PERSIST]
 *
 * The value, nil for a missing key, and sets or removes its deadline. A deadline in the past
 * deletes the key.
 * Source: https://redis.io/docs/latest/commands/getex/
 * @throws ReplyError WRONGTYPE, syntax error, invalid expire time (only if the key is there)
 */
const getex = defineCommand({
  name: 'getex',
  arity: -2,
  flags: ['write', 'fast'],
  group: 'string',
  since: '6.2.0',
  summary: 'Get the value of a key and optionally set its expiration',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  keyNotes: 'RW and UPDATE because it changes the TTL',
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const options = stringOptions(argv, 2, 'getex');
    const value = ctx.string(key);
    if (value === undefined) return ctx.form.nil;
    const deadlineMs = optionDeadlineMs(options, argv, ctx.nowMs, 'getex');
    const reply = valueReply(ctx, value);
    ctx.replied();
    if (deadlineMs === undefined) {
      if (options.persist && ctx.expiresAtMs(key) !== NO_EXPIRY) {
        ctx.setExpiry(key, NO_EXPIRY);
        ctx.notify('g', 'persist', key);
      }
    } else if (isAbsolute(options) && deadlineMs <= ctx.nowMs) {
      ctx.remove(key);
      ctx.notify('g', 'del', key);
    } else {
      ctx.setExpiry(key, deadlineMs);
      ctx.notify('g', 'expire', key);
    }
    return reply;
  },
});

/**
 * GETDEL key
 *
 * The value, nil for a missing key, and deletes it.
 * Source: https://redis.io/docs/latest/commands/getdel/
 * @throws ReplyError WRONGTYPE
 */
const getdel = defineCommand({
  name: 'getdel',
  arity: 2,
  quickArgs: 2,
  flags: ['write', 'fast'],
  group: 'string',
  since: '6.2.0',
  summary: 'Get the value of a key and delete the key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'delete'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const value = ctx.string(key);
    const reply = valueReply(ctx, value);
    if (value === undefined) return reply;
    ctx.replied();
    ctx.remove(key);
    ctx.notify('g', 'del', key);
    return reply;
  },
});

/**
 * GETSET key value
 *
 * Sets the value, takes a deadline away, and answers the old value, nil if there was none.
 * Source: https://redis.io/docs/latest/commands/getset/
 * @throws ReplyError WRONGTYPE
 */
const getset = defineCommand({
  name: 'getset',
  arity: 3,
  quickArgs: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Set the string value of a key and return its old value',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const reply = valueReply(ctx, ctx.string(key));
    ctx.replied();
    overwrite(ctx, key, stringFrom(argv[2]!));
    return reply;
  },
});

/** Options that make SET depend on what is there. An argument of EX that looks like one does no harm. */
function isBlindSet(argv: Argv): boolean {
  for (let at = 3; at < argv.length; at++) {
    const word = wordAt(argv, at);
    if (word === 'NX' || word === 'XX' || word === 'GET' || word === 'KEEPTTL') return false;
  }
  return true;
}

/** With GET the old value is read, else the key is only written. Source: setGetKeys in db.c */
function setKeyFlags(argv: Argv): readonly KeyFlag[] {
  for (let at = 3; at < argv.length; at++) {
    if (wordAt(argv, at) === 'GET') return ['RW', 'access', 'update'];
  }
  return ['OW', 'update'];
}

/**
 * SET key value [NX | XX] [GET] [EX s | PX ms | EXAT unix-s | PXAT unix-ms | KEEPTTL]
 *
 * Sets the value, whatever was there before, and removes or sets the deadline. NX: only an absent
 * key, XX: only a present one, else nil. GET: answers the old value (nil if there was none),
 * whether the new one was set or not. A deadline in the past sets a key that has expired at once.
 * Source: https://redis.io/docs/latest/commands/set/
 * @throws ReplyError WRONGTYPE (with GET only), syntax error, invalid expire time
 */
const set = defineCommand({
  name: 'set',
  arity: -3,
  quickArgs: 8,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '1.0.0',
  summary: 'Set the string value of a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update', 'variable_flags'],
  keyNotes: 'RW and ACCESS due to the optional `GET` argument',
  history: [
    ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
    ['6.0.0', 'Added the `KEEPTTL` option.'],
    ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
    ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
  ],
  findKeyFlags: setKeyFlags,
  blind: isBlindSet,
  run(ctx, argv) {
    if (argv.length > 3) return setWithOptions(ctx, argv);
    const key = keyAt(argv, 1);
    const value = argv[2]!;
    ctx.set(key, typeof value === 'string' ? value : stringFrom(value), NO_EXPIRY);
    ctx.notify('$', 'set', key);
    return ok;
  },
});

function setWithOptions(ctx: Context, argv: Argv): Reply {
  const key = keyAt(argv, 1);
  const options = stringOptions(argv, 3, 'set');
  const deadlineMs = optionDeadlineMs(options, argv, ctx.nowMs, 'set');
  let refusal: Reply = ctx.form.nil;
  let success: Reply = ok;
  if (options.get) {
    success = refusal = valueReply(ctx, ctx.string(key));
    ctx.replied();
  }
  if (options.nx || options.xx) {
    const found = ctx.peek(key) !== undefined;
    if (found ? options.nx : options.xx) return refusal;
  }
  const value = stringFrom(argv[2]!);
  if (deadlineMs !== undefined) {
    setWithDeadline(ctx, key, value, deadlineMs);
  } else if (options.keepTtl) {
    ctx.replace(key, value);
    ctx.notify('$', 'set', key);
  } else {
    overwrite(ctx, key, value);
  }
  return success;
}

/**
 * SETNX key value
 *
 * Sets the value of an absent key: 1. Does nothing to a present one of any type: 0.
 * Source: https://redis.io/docs/latest/commands/setnx/
 */
const setnx = defineCommand({
  name: 'setnx',
  arity: 3,
  quickArgs: 3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Set the value of a key, only if the key does not exist',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['OW', 'insert'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    if (ctx.peek(key) !== undefined) return zero;
    overwrite(ctx, key, stringFrom(argv[2]!));
    return one;
  },
});

/**
 * SETEX key seconds value
 *
 * Sets the value and its deadline, whatever was there before.
 * Source: https://redis.io/docs/latest/commands/setex/
 * @throws ReplyError not an integer, invalid expire time
 */
const setex = defineCommand({
  name: 'setex',
  arity: 4,
  quickArgs: 4,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '2.0.0',
  summary: 'Set the value and expiration of a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['OW', 'update'],
  blind: () => true,
  run(ctx, argv) {
    const deadlineMs = deadlineAt(argv, 2, 's', 'now', ctx.nowMs, 'setex');
    setWithDeadline(ctx, keyAt(argv, 1), stringFrom(argv[3]!), deadlineMs);
    return ok;
  },
});

/**
 * PSETEX key milliseconds value
 *
 * As SETEX, in milliseconds.
 * Source: https://redis.io/docs/latest/commands/psetex/
 * @throws ReplyError not an integer, invalid expire time
 */
const psetex = defineCommand({
  name: 'psetex',
  arity: 4,
  quickArgs: 4,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '2.6.0',
  summary: 'Set the value and expiration in milliseconds of a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['OW', 'update'],
  blind: () => true,
  run(ctx, argv) {
    const deadlineMs = deadlineAt(argv, 2, 'ms', 'now', ctx.nowMs, 'psetex');
    setWithDeadline(ctx, keyAt(argv, 1), stringFrom(argv[3]!), deadlineMs);
    return ok;
  },
});

/** All string commands: the registry reads this list. */
export const strings: readonly Command[] = [
  get,
  getdel,
  getex,
  getset,
  psetex,
  set,
  setex,
  setnx,
  lcs,
  ...stringsMulti,
  ...stringsNumbers,
  ...stringsRanges,
];
