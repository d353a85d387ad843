/** Commands on databases as a whole. None of them names keys, all are barriers of their connection. */
import { dbOutOfRange, genericError, invalidCursor, syntaxError } from '../errors';
import { cString } from '../lib/bytes';
import { compileGlob, type Matcher } from '../lib/glob';
import { array, bulkText, integer, LongArray, ok } from '../protocol/reply';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { Cursor, ScanPage } from '../store/store';
import { databaseAt, integerAt, textAt, wordAt } from './args';
import { defineCommand } from './command';

const DEFAULT_COUNT = 10;
const FIRST: Cursor = '0';

/** Undefined: everything matches. Redis does not ask its matcher for `*`, which matches the empty key so. */
function matcherOf(pattern: string): Matcher | undefined {
  return pattern === '*' ? undefined : compileGlob(pattern);
}

/**
 * KEYS pattern
 *
 * Answers all keys of the database that match, in no order. https://redis.io/docs/latest/commands/keys/
 */
const keys = defineCommand({
  name: 'keys',
  arity: 2,
  flags: ['readonly'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Find all keys matching the given pattern',
  complexity:
    'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
  categories: ['dangerous'],
  barrier: true,
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  run(ctx, argv) {
    const matches = matcherOf(textAt(argv, 1));
    const found = new LongArray();
    ctx.eachKey((key) => {
      if (matches === undefined || matches(key)) found.add(bulkText(key));
    });
    return found.reply();
  },
});

const CURSOR_END = 2n ** 64n;

/**
 * A cursor as strtoul reads it: an optional sign, digits, and nothing at all is 0.
 * Source: parseScanCursorOrReply in Redis's db.c
 */
function cursorAt(argv: Argv, index: number): Cursor {
  const text = cString(textAt(argv, index));
  if (text === '' || text === FIRST) return FIRST;
  const parsed = /^([+-]?)([0-9]+)$/.exec(text);
  if (parsed === null) throw invalidCursor;
  const value = BigInt(parsed[2]!);
  if (value >= CURSOR_END) throw invalidCursor;
  return String(parsed[1] === '-' ? BigInt.asUintN(64, -value) : value);
}

interface ScanOptions {
  count: number;
  matches: Matcher | undefined;
  /** In lower case. One that does not exist filters everything out. */
  type: string | undefined;
}

function scanOptions(argv: Argv): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, matches: undefined, type: undefined };
  for (let i = 2; i < argv.length; i += 2) {
    const word = i + 1 < argv.length ? wordAt(argv, i) : '';
    if (word === 'COUNT') {
      options.count = integerAt(argv, i + 1);
      if (options.count < 1) throw syntaxError;
    } else if (word === 'MATCH') {
      options.matches = matcherOf(textAt(argv, i + 1));
    } else if (word === 'TYPE') {
      options.type = wordAt(argv, i + 1).toLowerCase();
    } else {
      throw syntaxError;
    }
  }
  return options;
}

/** Redis takes any number for a cursor; a store that cannot make sense of one says so. */
function pageAt(ctx: Context, cursor: Cursor, count: number): ScanPage {
  try {
    return ctx.scan(cursor, count);
  } catch (error) {
    throw error instanceof RangeError ? invalidCursor : error;
  }
}

/**
 * SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
 *
 * Answers a page of keys and the cursor of the next one, `0` after the last. Every key that is
 * present from the first page to the last is in one of them. COUNT is how many keys are looked at.
 * Source: https://redis.io/docs/latest/commands/scan/
 */
const scanCommand = defineCommand({
  name: 'scan',
  arity: -2,
  flags: ['readonly'],
  group: 'generic',
  since: '2.8.0',
  summary: 'Incrementally iterate the keys space',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  barrier: true,
  tips: ['nondeterministic_output', 'request_policy:special'],
  history: [['6.0.0', 'Added the `TYPE` subcommand.']],
  run(ctx, argv) {
    const cursor = cursorAt(argv, 1);
    const { count, matches, type } = scanOptions(argv);
    const page = pageAt(ctx, cursor, count);
    const found: string[] = [];
    for (const entry of page.keys) {
      if (type !== undefined && entry.type !== type) continue;
      if (matches === undefined || matches(entry.key)) found.push(bulkText(entry.key));
    }
    return array([bulkText(page.cursor), array(found)]);
  },
});

/**
 * RANDOMKEY
 *
 * Answers a key of the database, drawn at random; nil if there is none.
 * Source: https://redis.io/docs/latest/commands/randomkey/
 */
const randomkey = defineCommand({
  name: 'randomkey',
  arity: 1,
  flags: ['readonly'],
  group: 'generic',
  since: '1.0.0',
  summary: 'Return a random key from the keyspace',
  complexity: 'O(1)',
  barrier: true,
  tips: ['request_policy:all_shards', 'nondeterministic_output'],
  run(ctx) {
    const key = ctx.randomKey();
    return key === undefined ? ctx.form.nil : bulkText(key);
  },
});

/**
 * DBSIZE
 *
 * Answers how many keys the database holds. Expired ones may count until they are removed.
 * Source: https://redis.io/docs/latest/commands/dbsize/
 */
const dbsize = defineCommand({
  name: 'dbsize',
  arity: 1,
  flags: ['readonly', 'fast'],
  group: 'server',
  since: '1.0.0',
  summary: 'Return the number of keys in the selected database',
  complexity: 'O(1)',
  categories: ['keyspace'],
  barrier: true,
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  run: (ctx) => integer(ctx.size(ctx.db)),
});

/** ASYNC and SYNC are checked and make no difference: clients do not wait for memory to be freed. */
function checkFlushOption(argv: Argv): void {
  if (argv.length === 1) return;
  const word = wordAt(argv, 1);
  if (argv.length !== 2 || (word !== 'ASYNC' && word !== 'SYNC')) throw syntaxError;
}

const flushHistory = [
  ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
  ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
] as const;

/**
 * FLUSHDB [ASYNC | SYNC]
 *
 * Removes all keys of the selected database. https://redis.io/docs/latest/commands/flushdb/
 */
const flushdb = defineCommand({
  name: 'flushdb',
  arity: -1,
  flags: ['write'],
  group: 'server',
  since: '1.0.0',
  summary: 'Remove all keys from the current database',
  complexity: 'O(N) where N is the number of keys in the selected database',
  categories: ['keyspace', 'dangerous'],
  barrier: true,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: flushHistory,
  run(ctx, argv) {
    checkFlushOption(argv);
    ctx.flush(ctx.db);
    return ok;
  },
});

/**
 * FLUSHALL [ASYNC | SYNC]
 *
 * Removes all keys of all databases. https://redis.io/docs/latest/commands/flushall/
 */
const flushall = defineCommand({
  name: 'flushall',
  arity: -1,
  flags: ['write'],
  group: 'server',
  since: '1.0.0',
  summary: 'Remove all keys from all databases',
  complexity: 'O(N) where N is the total number of keys in all databases',
  categories: ['keyspace', 'dangerous'],
  barrier: true,
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  history: flushHistory,
  run(ctx, argv) {
    checkFlushOption(argv);
    ctx.flush('all');
    return ok;
  },
});

const invalidFirstDb = genericError('invalid first DB index');
const invalidSecondDb = genericError('invalid second DB index');

/**
 * SWAPDB index1 index2
 *
 * Exchanges two databases: every connection sees the other's keys at once. A store on which other
 * nodes could not know of that in time refuses it.
 * Source: https://redis.io/docs/latest/commands/swapdb/
 */
const swapdb = defineCommand({
  name: 'swapdb',
  arity: 3,
  flags: ['write', 'fast'],
  group: 'server',
  since: '4.0.0',
  summary: 'Swaps two Redis databases',
  complexity:
    'O(N) where N is the count of clients watching or blocking on keys from both databases.',
  categories: ['keyspace', 'dangerous'],
  barrier: true,
  run(ctx, argv) {
    const first = databaseAt(argv, 1, invalidFirstDb);
    const second = databaseAt(argv, 2, invalidSecondDb);
    const { databases } = ctx.server;
    if (first < 0 || first >= databases || second < 0 || second >= databases) throw dbOutOfRange;
    if (first !== second) ctx.swap(first, second);
    return ok;
  },
});

export const scan: readonly Command[] = [
  dbsize,
  flushall,
  flushdb,
  keys,
  randomkey,
  scanCommand,
  swapdb,
];
