/** Commands on keys of any type. */
import { dbOutOfRange, genericError, noSuchKey, syntaxError } from '../errors';
import { parseSafeInteger } from '../lib/numbers';
import { integer, ok, one, simple, zero } from '../protocol/reply';
import { cloneValue, typeOf } from '../values/value';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { Key, KeyRef } from '../store/record';
import { databaseAt, keyAt, textAt, wordAt } from './args';
import { allKeys, defineCommand, firstKey, twoKeys } from './command';

const sameObject = genericError('source and destination objects are the same');

function removeAll(ctx: Context, argv: Argv): string {
  let removed = 0;
  for (let i = 1; i < argv.length; i++) {
    const key = keyAt(argv, i);
    if (!ctx.remove(key)) continue;
    ctx.notify('g', 'del', key);
    removed++;
  }
  return integer(removed);
}

/**
 * DEL key [key ...]
 *
 * Removes keys of any type and answers how many were there. Absent keys are skipped.
 * Source: https://redis.io/docs/latest/commands/del/
 */
const del = defineCommand({
  name: 'del',
  arity: -2,
  overLimit: 'parts',
  quickArgs: 2,
  flags: ['write'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Delete a key',
  complexity:
    'O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).',
  keys: allKeys,
  keyFlags: ['RM', 'delete'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: removeAll,
});

/**
 * UNLINK key [key ...]
 *
 * The same as DEL: memory is reclaimed by the garbage collector in either case.
 * Source: https://redis.io/docs/latest/commands/unlink/
 */
const unlink = defineCommand({
  name: 'unlink',
  arity: -2,
  overLimit: 'parts',
  quickArgs: 2,
  flags: ['write', 'fast'],
  group: 'generic',
  since: '4.0.0',
  summary:
    'Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non blocking.',
  complexity:
    'O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.',
  keys: allKeys,
  keyFlags: ['RM', 'delete'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run: removeAll,
});

/**
 * EXISTS key [key ...]
 *
 * Answers how many of the keys exist; a key that is named twice counts twice. It is no use of them.
 * Source: https://redis.io/docs/latest/commands/exists/
 */
const exists = defineCommand({
  name: 'exists',
  arity: -2,
  overLimit: 'moments',
  quickArgs: 2,
  flags: ['readonly', 'fast'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Determine if a key exists',
  complexity: 'O(N) where N is the number of keys to check.',
  keys: allKeys,
  keyFlags: ['RO'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  history: [['3.0.3', 'Accepts multiple `key` arguments.']],
  run(ctx, argv) {
    let found = 0;
    for (let i = 1; i < argv.length; i++) if (ctx.ask(keyAt(argv, i)) !== undefined) found++;
    return integer(found);
  },
});

/**
 * TOUCH key [key ...]
 *
 * As EXISTS, but it is a use of the keys: their idle time starts again.
 * Source: https://redis.io/docs/latest/commands/touch/
 */
const touch = defineCommand({
  name: 'touch',
  arity: -2,
  overLimit: 'moments',
  quickArgs: 2,
  flags: ['readonly', 'fast'],
  group: 'generic',
  since: '3.2.1',
  summary:
    'Alters the last access time of a key(s). Returns the number of existing keys specified.',
  complexity: 'O(N) where N is the number of keys that will be touched.',
  keys: allKeys,
  keyFlags: ['RO'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  run(ctx, argv) {
    let found = 0;
    for (let i = 1; i < argv.length; i++) if (ctx.get(keyAt(argv, i)) !== undefined) found++;
    return integer(found);
  },
});

/**
 * TYPE key
 *
 * Answers the name of the value's type, `none` for an absent key. It is no use of the key.
 * Source: https://redis.io/docs/latest/commands/type/
 */
const type = defineCommand({
  name: 'type',
  arity: 2,
  quickArgs: 2,
  flags: ['readonly', 'fast'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Determine the type stored at key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO'],
  run(ctx, argv) {
    const value = ctx.ask(keyAt(argv, 1));
    return simple(value === undefined ? 'none' : typeOf(value));
  },
});

/**
 * Moves the value and its deadline from one key of the selected database to another, over whatever
 * is there. `false`: the new name is taken and `onlyNew` forbids that.
 * @throws ReplyError noSuchKey
 */
function renameKey(ctx: Context, from: Key, to: Key, onlyNew: boolean): boolean {
  const value = ctx.peek(from);
  if (value === undefined) throw noSuchKey;
  if (from === to) return !onlyNew;
  const taken = ctx.peek(to) !== undefined;
  if (taken && onlyNew) return false;
  const expiresAtMs = ctx.expiresAtMs(from);
  ctx.remove(from);
  // Redis removes the old key first, so that the name is new even if it was taken.
  if (taken) ctx.notify('n', 'new', to);
  ctx.set(to, value, expiresAtMs);
  ctx.notify('g', 'rename_from', from);
  ctx.notify('g', 'rename_to', to);
  return true;
}

/**
 * RENAME key newkey
 *
 * Moves a value and its deadline to another key, whatever was there. An absent key is an error.
 * Source: https://redis.io/docs/latest/commands/rename/
 */
const rename = defineCommand({
  name: 'rename',
  arity: 3,
  flags: ['write'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Rename a key',
  complexity: 'O(1)',
  keys: twoKeys,
  keyFlags: ['RW', 'access', 'delete'],
  lastKeyFlags: ['OW', 'update'],
  run(ctx, argv) {
    renameKey(ctx, keyAt(argv, 1), keyAt(argv, 2), false);
    return ok;
  },
});

/**
 * RENAMENX key newkey
 *
 * As RENAME if the new key is absent: 1. Otherwise 0, and nothing happens.
 * Source: https://redis.io/docs/latest/commands/renamenx/
 */
const renamenx = defineCommand({
  name: 'renamenx',
  arity: 3,
  flags: ['write', 'fast'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Rename a key, only if the new key does not exist',
  complexity: 'O(1)',
  keys: twoKeys,
  keyFlags: ['RW', 'access', 'delete'],
  lastKeyFlags: ['OW', 'insert'],
  history: [
    [
      '3.2.0',
      'The command no longer returns an error when source and destination names are the same.',
    ],
  ],
  run: (ctx, argv) => (renameKey(ctx, keyAt(argv, 1), keyAt(argv, 2), true) ? one : zero),
});

/** The key in the database that an argument names; none if it names none. */
function inDatabase(argv: Argv, index: number, key: Key): readonly KeyRef[] {
  const db = parseSafeInteger(textAt(argv, index));
  return db === undefined || db < 0 ? [] : [{ db, key }];
}

/** The options of COPY. They are checked in turn, the database's range included. */
function copyOptions(ctx: Context, argv: Argv): { db: number; replace: boolean } {
  const options = { db: ctx.db, replace: false };
  for (let i = 3; i < argv.length; i++) {
    const word = wordAt(argv, i);
    if (word === 'REPLACE') {
      options.replace = true;
    } else if (word === 'DB' && i + 1 < argv.length) {
      options.db = databaseAt(argv, ++i);
      if (options.db < 0 || options.db >= ctx.server.databases) throw dbOutOfRange;
    } else {
      throw syntaxError;
    }
  }
  return options;
}

/**
 * COPY source destination [DB destination-db] [REPLACE]
 *
 * Gives another key a copy of the value and its deadline: 1. An absent source, or a taken
 * destination without REPLACE, is 0, and nothing happens.
 * Source: https://redis.io/docs/latest/commands/copy/
 */
const copy = defineCommand({
  name: 'copy',
  arity: -3,
  flags: ['write', 'denyoom'],
  group: 'generic',
  since: '6.2.0',
  summary: 'Copy a key',
  complexity:
    'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
  keys: twoKeys,
  keyFlags: ['RO', 'access'],
  lastKeyFlags: ['OW', 'update'],
  foreignKeys: (argv) =>
    argv.flatMap((_, i) =>
      i >= 3 && wordAt(argv, i) === 'DB' ? inDatabase(argv, i + 1, keyAt(argv, 2)) : [],
    ),
  run(ctx, argv) {
    const { db, replace } = copyOptions(ctx, argv);
    const source = keyAt(argv, 1);
    const destination = keyAt(argv, 2);
    if (db === ctx.db && source === destination) throw sameObject;

    const value = ctx.get(source);
    if (value === undefined) return zero;
    const taken = ctx.peek(destination, db) !== undefined;
    if (taken && !replace) return zero;
    if (taken) ctx.notify('n', 'new', destination, db);
    ctx.set(destination, cloneValue(value), ctx.expiresAtMs(source), db);
    ctx.notify('g', 'copy_to', destination, db);
    return one;
  },
});

/**
 * MOVE key db
 *
 * Moves a value and its deadline to the same key of another database: 1. An absent key, or one that
 * the other database has too, is 0, and nothing happens.
 * Source: https://redis.io/docs/latest/commands/move/
 */
const move = defineCommand({
  name: 'move',
  arity: 3,
  flags: ['write', 'fast'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Move a key to another database',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'update'],
  foreignKeys: (argv) => inDatabase(argv, 2, keyAt(argv, 1)),
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    const db = databaseAt(argv, 2);
    if (db < 0 || db >= ctx.server.databases) throw dbOutOfRange;
    if (db === ctx.db) throw sameObject;

    const value = ctx.peek(key);
    if (value === undefined || ctx.peek(key, db) !== undefined) return zero;
    const expiresAtMs = ctx.expiresAtMs(key);
    ctx.remove(key);
    ctx.set(key, value, expiresAtMs, db);
    ctx.notify('g', 'move_from', key);
    ctx.notify('g', 'move_to', key, db);
    return one;
  },
});

export const keys: readonly Command[] = [
  copy,
  del,
  exists,
  move,
  rename,
  renamenx,
  touch,
  type,
  unlink,
];
