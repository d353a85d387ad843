/** Hashes. */
import { wrongArity } from '../errors';
import { bulk, integer, ok, zero, type Reply } from '../protocol/reply';
import { NO_EXPIRY } from '../store/record';
import { HashValue } from '../values/hash';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import { keyAt } from './args';
import { defineCommand, firstKey } from './command';

/** @returns how many of the fields are new */
function setFields(ctx: Context, argv: Argv): number {
  const key = keyAt(argv, 1);
  const existing = ctx.editHash(key);
  const hash = existing ?? new HashValue();
  let created = 0;
  for (let at = 2; at < argv.length; at += 2) {
    if (hash.set(keyAt(argv, at), argv[at + 1]!)) created++;
  }
  if (existing === undefined) ctx.set(key, hash, NO_EXPIRY);
  else ctx.changed(key);
  ctx.replied();
  ctx.notify('h', 'hset', key);
  return created;
}

/**
 * HSET key field value [field value ...]
 *
 * Sets fields, creates a missing hash, and answers how many fields are new.
 * Source: https://redis.io/docs/latest/commands/hset/
 * @throws ReplyError wrong number of arguments (a field without value), WRONGTYPE
 */
const hset = defineCommand({
  name: 'hset',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Set the string value of a hash field',
  complexity:
    'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
  keys: firstKey,
  keyFlags: ['RW', 'update'],
  history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
  run(ctx, argv) {
    if (argv.length % 2 !== 0) throw wrongArity('hset');
    return integer(setFields(ctx, argv));
  },
});

/**
 * HMSET key field value [field value ...]
 *
 * HSET that answers OK.
 * Source: https://redis.io/docs/latest/commands/hmset/
 * @throws ReplyError wrong number of arguments (a field without value), WRONGTYPE
 */
const hmset = defineCommand({
  name: 'hmset',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Set multiple hash fields to multiple values',
  complexity: 'O(N) where N is the number of fields being set.',
  keys: firstKey,
  keyFlags: ['RW', 'update'],
  deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
  run(ctx, argv) {
    if (argv.length % 2 !== 0) throw wrongArity('hmset');
    setFields(ctx, argv);
    return ok;
  },
});

/**
 * HGET key field
 *
 * The value of the field, nil if the key or the field is missing.
 * Source: https://redis.io/docs/latest/commands/hget/
 * @throws ReplyError WRONGTYPE
 */
const hget = defineCommand({
  name: 'hget',
  arity: 3,
  flags: ['readonly', 'fast'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Get the value of a hash field',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO', 'access'],
  run(ctx, argv) {
    const value = ctx.hash(keyAt(argv, 1))?.get(keyAt(argv, 2));
    return value === undefined ? ctx.form.nil : bulk(value);
  },
});

/**
 * HDEL key field [field ...]
 *
 * Removes fields and answers how many were there. A hash without fields goes away with its key.
 * Source: https://redis.io/docs/latest/commands/hdel/
 * @throws ReplyError WRONGTYPE
 */
const hdel = defineCommand({
  name: 'hdel',
  arity: -3,
  flags: ['write', 'fast'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Delete one or more hash fields',
  complexity: 'O(N) where N is the number of fields to be removed.',
  keys: firstKey,
  keyFlags: ['RW', 'delete'],
  history: [['2.4.0', 'Accepts multiple `field` arguments.']],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const hash = ctx.editHash(key);
    if (hash === undefined) return zero;
    let removed = 0;
    for (let at = 2; at < argv.length; at++) {
      if (hash.delete(keyAt(argv, at))) removed++;
    }
    if (removed === 0) return zero;
    // First: `changed` announces `del` when no field is left.
    ctx.notify('h', 'hdel', key);
    ctx.changed(key);
    return integer(removed);
  },
});

/**
 * HGETALL key
 *
 * Fields and values in the order in which the fields came; empty for a missing key.
 * Source: https://redis.io/docs/latest/commands/hgetall/
 * @throws ReplyError WRONGTYPE
 */
const hgetall = defineCommand({
  name: 'hgetall',
  arity: 2,
  flags: ['readonly'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Get all the fields and values in a hash',
  complexity: 'O(N) where N is the size of the hash.',
  keys: firstKey,
  keyFlags: ['RO', 'access'],
  tips: ['nondeterministic_output_order'],
  run(ctx, argv) {
    const items: Reply[] = [];
    const hash = ctx.hash(keyAt(argv, 1));
    if (hash !== undefined) {
      for (const [field, value] of hash.entries()) items.push(bulk(field), bulk(value));
    }
    return ctx.form.map(items);
  },
});

/**
 * HLEN key
 *
 * How many fields there are, 0 for a missing key.
 * Source: https://redis.io/docs/latest/commands/hlen/
 * @throws ReplyError WRONGTYPE
 */
const hlen = defineCommand({
  name: 'hlen',
  arity: 2,
  flags: ['readonly', 'fast'],
  group: 'hash',
  since: '2.0.0',
  summary: 'Get the number of fields in a hash',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO'],
  run: (ctx, argv) => integer(ctx.hash(keyAt(argv, 1))?.size ?? 0),
});

/** All hash commands: the registry reads this list. */
export const hashes: readonly Command[] = [hdel, hget, hgetall, hlen, hmset, hset];
