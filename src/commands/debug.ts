/** DEBUG: what tests of servers and clients need, where `enable-debug-command` allows it. */
import { genericError, noSuchKey } from '../errors';
import { parseMemory } from '../lib/memory-size';
import { sleepMs } from '../lib/sleep';
import {
  array,
  bulkText,
  integer,
  ok,
  sequence,
  simple,
  type Reply,
  type ReplyForm,
} from '../protocol/reply';
import { encodingOf, refcountOf } from '../values/encoding';
import { ListValue } from '../values/list';
import { listNodes, serializedLength } from '../values/serialized-length';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import { keyAt, printedText, textAt, wordAt } from './args';
import { defineCommand } from './command';
import { datasetDigest, keyDigest } from './debug-digest';
import { helpReply, subcommandSyntax } from './subcommands';

const notAllowed = genericError(
  'DEBUG command not allowed. If the enable-debug-command option is set to "local", ' +
    'you can run it from a local connection, otherwise you need to set this option ' +
    'in the configuration file, and then restart the server.',
);
const badThreshold = genericError(
  'argument must be a memory value bigger than 1 and smaller than 4gb',
);
const badProtocolType = genericError(
  'Wrong protocol type name. Please use one of the following: ' +
    'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
);
const onlyResp3 = genericError('RESP2 is not supported by this command');

/** Source: quicklistisSetPackedThreshold in Redis's quicklist.c */
const MAX_PACKED_THRESHOLD = 2n ** 32n - 2n ** 20n;
const LRU_CLOCK_MASK = 0xffffff;
const LFU_MINUTES_MASK = 0xffff;

const help = [
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a Redis protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate Redis errors.',
  'LOG <message>',
  '    Write <message> to the server log.',
  'OBJECT <key>',
  '    Show low level info about `key` and associated value.',
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, bignum, null, array, set, map, attrib, push, verbatim,',
  '    true, false.',
  'SET-ACTIVE-EXPIRE <0|1>',
  '    Setting it to 0 disables expiring keys in background when they are not',
  '    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the',
  '    default.',
  'QUICKLIST-PACKED-THRESHOLD <size>',
  '    Sets the threshold for elements to be inserted as plain vs packed nodes',
  '    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.',
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
];

function describeObject(ctx: Context, argv: Argv): Reply {
  const key = keyAt(argv, 2);
  const value = ctx.peek(key);
  if (value === undefined) throw noSuchKey;
  const idleS = ctx.idleSeconds(key) ?? 0;
  const nowS = Math.floor(ctx.nowMs / 1000);
  const uses = ctx.useFrequency(key);
  const lru =
    uses === undefined
      ? (nowS - idleS) & LRU_CLOCK_MASK
      : ((Math.floor(nowS / 60) & LFU_MINUTES_MASK) << 8) | uses;
  const fields = [
    'Value at:0x0',
    `refcount:${refcountOf(value)}`,
    `encoding:${encodingOf(value)}`,
    `serializedlength:${serializedLength(value)}`,
    `lru:${lru}`,
    `lru_seconds_idle:${idleS}`,
  ];
  if (value instanceof ListValue) {
    const nodes = listNodes(value);
    fields.push(
      `ql_nodes:${nodes.length}`,
      `ql_avg_node:${(value.size / nodes.length).toFixed(2)}`,
      'ql_listpack_max:-2',
      'ql_compressed:0',
      `ql_uncompressed_size:${nodes.reduce((sum, bytes) => sum + bytes, 0)}`,
    );
  }
  return simple(fields.join(' '));
}

/** As strtod reads it: as many characters as make a number, 0 without any. */
function sleep(_ctx: Context, argv: Argv): Reply {
  const seconds = parseFloat(textAt(argv, 2));
  if (Number.isFinite(seconds)) sleepMs(seconds * 1000);
  return ok;
}

/** A value that is not an integer is 0, as atoi reads it. */
function setActiveExpire({ server }: Context, argv: Argv): Reply {
  server.debug.setActiveExpire((parseInt(textAt(argv, 2), 10) || 0) !== 0);
  return ok;
}

/** Without effect: lists have no nodes here. */
function setPackedThreshold(_ctx: Context, argv: Argv): Reply {
  const bytes = parseMemory(textAt(argv, 2));
  if (bytes === undefined || bytes > MAX_PACKED_THRESHOLD) throw badThreshold;
  return ok;
}

function protocolSample(form: ReplyForm, type: string): Reply {
  const numbers = [0, 1, 2].map(integer);
  switch (type) {
    case 'STRING':
      return bulkText('Hello World');
    case 'INTEGER':
      return integer(12345);
    case 'DOUBLE':
      return form.double(3.141);
    case 'BIGNUM':
      return form.bigNumber(1234567999999999999999999999999999999n);
    case 'NULL':
      return form.nil;
    case 'ARRAY':
      return array(numbers);
    case 'SET':
      return form.set(numbers);
    case 'MAP':
      return form.map(numbers.flatMap((number, at) => [number, form.boolean(at === 1)]));
    case 'ATTRIB': {
      const popularity = array([bulkText('key:123'), integer(90)]);
      const attribute = ['|1\r\n', bulkText('key-popularity'), popularity];
      const real = bulkText('Some real reply following the attribute');
      return sequence(form.version === 3 ? [...attribute, real] : [real]);
    }
    case 'PUSH':
      if (form.version === 2) throw onlyResp3;
      return sequence([
        form.push([bulkText('server-cpu-usage'), integer(42)]),
        bulkText('Some real reply following the push reply'),
      ]);
    case 'TRUE':
      return form.boolean(true);
    case 'FALSE':
      return form.boolean(false);
    case 'VERBATIM':
      return form.verbatim('txt', 'This is a verbatim\nstring');
    default:
      throw badProtocolType;
  }
}

interface Handler {
  /** How many words the request has, at least if `more`. */
  readonly words: number;
  readonly more?: boolean;
  readonly run: (ctx: Context, argv: Argv) => Reply;
}

const handlers = new Map<string, Handler>(
  Object.entries({
    DIGEST: { words: 2, run: (ctx) => simple(datasetDigest(ctx)) },
    'DIGEST-VALUE': {
      words: 2,
      more: true,
      run: (ctx, argv) =>
        array(argv.slice(2).map((_key, at) => simple(keyDigest(ctx, keyAt(argv, at + 2))))),
    },
    ERROR: {
      words: 3,
      run: (_ctx, argv) => `-${textAt(argv, 2).replace(/[\r\n]/g, ' ')}\r\n`,
    },
    HELP: { words: 2, run: () => helpReply('debug', help) },
    LOG: {
      words: 3,
      run({ server }, argv) {
        server.debug.log(printedText(argv, 2));
        return ok;
      },
    },
    OBJECT: { words: 3, run: describeObject },
    PROTOCOL: { words: 3, run: ({ form }, argv) => protocolSample(form, wordAt(argv, 2)) },
    'QUICKLIST-PACKED-THRESHOLD': { words: 3, run: setPackedThreshold },
    'SET-ACTIVE-EXPIRE': { words: 3, run: setActiveExpire },
    SLEEP: { words: 3, run: sleep },
  } satisfies Record<string, Handler>),
);

const admit: NonNullable<Command['admit']> = (client, debug) => {
  if (!debug.allows(client)) throw notAllowed;
};

/**
 * DEBUG subcommand [argument ...]
 *
 * Refused unless `enable-debug-command` allows it. SLEEP stops the server, and everything else in
 * its thread; SET-ACTIVE-EXPIRE concerns the memory store only. Redis knows no subcommands here: a
 * wrong number of arguments is the same error as an unknown name.
 * Source: debugCommand in Redis's debug.c
 */
export const debugCommand = defineCommand({
  name: 'debug',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '1.0.0',
  summary: 'A container for debugging commands',
  complexity: 'Depends on subcommand.',
  systemCommand: true,
  difference:
    'Only `DIGEST`, `DIGEST-VALUE`, `ERROR`, `HELP`, `LOG`, `OBJECT`, `PROTOCOL`, `QUICKLIST-PACKED-THRESHOLD`, `SET-ACTIVE-EXPIRE`, `SLEEP`.',
  barrier: true,
  admit,
  run(ctx, argv) {
    admit(ctx.client, ctx.server.debug);
    const handler = handlers.get(wordAt(argv, 1));
    if (handler === undefined) throw subcommandSyntax('debug', argv);
    const { words, more, run } = handler;
    if (more === true ? argv.length < words : argv.length !== words) {
      throw subcommandSyntax('debug', argv);
    }
    return run(ctx, argv);
  },
});
