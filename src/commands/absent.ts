/**
 * Commands about what goredis does not do: snapshots, replicas, modules, functions, a cluster.
 * They answer as a redis-server that has none of it, so that clients and tools which ask go on.
 */
import { genericError, notPersistent, syntaxError } from '../errors';
import { array, bulkText, emptyArray, integer, ok, zero, type Reply } from '../protocol/reply';
import type { Argv, Command, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import { integerAt, printedText, timeoutAt, wordAt } from './args';
import { clusterSubcommands } from './cluster-metadata';
import { defineCommand } from './command';
import { functionHelp, functionSubcommands } from './function-metadata';
import { helpReply, runSubcommands, subcommandSyntax } from './subcommands';

const clusterDisabled = genericError('This instance has cluster support disabled');
const noReplication = genericError('goredis cannot be a replica');
const badPort = genericError('Invalid master port');
const noLibraryName = genericError('library name argument was not given');
const badFlushMode = genericError('FUNCTION FLUSH only supports SYNC|ASYNC option');

/**
 * LASTSAVE
 *
 * Redis answers the time of its start as long as nothing was saved; so does goredis, for ever.
 * Source: https://redis.io/docs/latest/commands/lastsave/
 */
const lastsave = defineCommand({
  name: 'lastsave',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'server',
  since: '1.0.0',
  summary: 'Get the UNIX time stamp of the last successful save to disk',
  complexity: 'O(1)',
  categories: ['admin', 'dangerous'],
  tips: ['nondeterministic_output'],
  difference: 'The time of the start: nothing is ever saved.',
  run: ({ server }) => integer(server.startedAtS),
});

/** What the commands that would save have in common. */
const saving = {
  flags: ['admin', 'noscript', 'no_async_loading'],
  group: 'server',
  since: '1.0.0',
  difference: 'An error: the memory store does not persist.',
  run() {
    throw notPersistent;
  },
} as const satisfies Partial<Command>;

/**
 * SAVE
 *
 * An error: a store that persists does so with every commit, and the memory store never does.
 * Source: https://redis.io/docs/latest/commands/save/
 */
const save = defineCommand({
  ...saving,
  name: 'save',
  arity: 1,
  flags: [...saving.flags, 'no_multi'],
  summary: 'Synchronously save the dataset to disk',
  complexity: 'O(N) where N is the total number of keys in all databases',
});

/**
 * BGSAVE [SCHEDULE]
 *
 * Source: https://redis.io/docs/latest/commands/bgsave/
 */
const bgsave = defineCommand({
  ...saving,
  name: 'bgsave',
  arity: -1,
  summary: 'Asynchronously save the dataset to disk',
  complexity: 'O(1)',
  history: [['3.2.2', 'Added the `SCHEDULE` option.']],
  run(_ctx, argv) {
    const plain = argv.length === 1 || (argv.length === 2 && wordAt(argv, 1) === 'SCHEDULE');
    throw plain ? notPersistent : syntaxError;
  },
});

/**
 * BGREWRITEAOF
 *
 * Source: https://redis.io/docs/latest/commands/bgrewriteaof/
 */
const bgrewriteaof = defineCommand({
  ...saving,
  name: 'bgrewriteaof',
  arity: 1,
  summary: 'Asynchronously rewrite the append-only file',
  complexity: 'O(1)',
});

/**
 * ROLE
 *
 * A master without replicas.
 * Source: https://redis.io/docs/latest/commands/role/
 */
const role = defineCommand({
  name: 'role',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  group: 'server',
  since: '2.8.12',
  summary: 'Return the role of the instance in the context of replication',
  complexity: 'O(1)',
  categories: ['admin', 'dangerous'],
  run: () => array([bulkText('master'), zero, emptyArray]),
});

/** NO ONE is what a master is already; a replica goredis cannot become. */
function becomeReplica(argv: Argv): Reply {
  if (wordAt(argv, 1) === 'NO' && wordAt(argv, 2) === 'ONE') return ok;
  const port = integerAt(argv, 2, badPort);
  throw port < 0 || port > 65535 ? badPort : noReplication;
}

/** What REPLICAOF and its old name have in common. */
const replicating = {
  arity: 3,
  flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
  group: 'server',
  summary: 'Make the server a replica of another instance, or promote it as master.',
  complexity: 'O(1)',
  difference: 'Only `NO ONE`: goredis cannot be a replica.',
  run: (_ctx: Context, argv: Argv) => becomeReplica(argv),
} as const satisfies Partial<Command>;

/**
 * REPLICAOF NO ONE
 *
 * Source: https://redis.io/docs/latest/commands/replicaof/
 */
const replicaof = defineCommand({
  ...replicating,
  name: 'replicaof',
  since: '5.0.0',
});

/**
 * SLAVEOF NO ONE
 *
 * Source: https://redis.io/docs/latest/commands/slaveof/
 */
const slaveof = defineCommand({
  ...replicating,
  name: 'slaveof',
  since: '1.0.0',
  deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
});

/**
 * WAIT numreplicas timeout
 *
 * 0 at once: there are no replicas, and a reply to a write means that the store has it.
 * Source: https://redis.io/docs/latest/commands/wait/
 */
const wait = defineCommand({
  name: 'wait',
  arity: 3,
  flags: ['noscript'],
  group: 'generic',
  since: '3.0.0',
  summary:
    'Wait for the synchronous replication of all the write commands sent in the context of the current connection',
  complexity: 'O(1)',
  categories: ['connection'],
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  difference: 'Answers at once: there are no replicas to wait for.',
  barrier: true,
  run(_ctx, argv) {
    integerAt(argv, 1);
    timeoutAt(argv, 2);
    return zero;
  },
});

const moduleSubcommands: readonly Subcommand[] = [
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '5.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'list',
    arity: 2,
    flags: ['admin', 'noscript'],
    since: '4.0.0',
    summary: 'List all modules loaded by the server',
    complexity: 'O(N) where N is the number of loaded modules.',
    tips: ['nondeterministic_output_order'],
  },
];

/**
 * MODULE HELP | LIST
 *
 * There are no modules.
 * Source: https://redis.io/docs/latest/commands/module-list/
 */
const moduleCommand = defineCommand({
  name: 'module',
  arity: -2,
  flags: [],
  group: 'server',
  since: '4.0.0',
  summary: 'A container for module commands',
  complexity: 'Depends on subcommand.',
  subcommands: moduleSubcommands,
  run: runSubcommands('module', moduleSubcommands, {
    help: () => helpReply('module', ['LIST', '    Return a list of loaded modules.']),
    list: () => emptyArray,
  }),
});

/** CLUSTER subcommand: the error of a server that is no node of a cluster. HELP, too, as in Redis. */
const cluster = defineCommand({
  name: 'cluster',
  arity: -2,
  flags: [],
  group: 'cluster',
  since: '3.0.0',
  summary: 'A container for cluster commands',
  complexity: 'Depends on subcommand.',
  subcommands: clusterSubcommands,
  run: runSubcommands(
    'cluster',
    clusterSubcommands,
    Object.fromEntries(clusterSubcommands.map(({ name }) => [name, refuseCluster])),
  ),
});

function refuseCluster(): Reply {
  throw clusterDisabled;
}

/** What the commands of a node's client have in common. */
const clusterClient = {
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'cluster',
  since: '3.0.0',
  complexity: 'O(1)',
  categories: ['connection'],
  run: refuseCluster,
} as const satisfies Partial<Command>;

/** READONLY. Source: https://redis.io/docs/latest/commands/readonly/ */
const readonly = defineCommand({
  ...clusterClient,
  name: 'readonly',
  summary: 'Enables read queries for a connection to a cluster replica node',
});

/** READWRITE. Source: https://redis.io/docs/latest/commands/readwrite/ */
const readwrite = defineCommand({
  ...clusterClient,
  name: 'readwrite',
  summary: 'Disables read queries for a connection to a cluster replica node',
});

/** ASKING. Source: https://redis.io/docs/latest/commands/asking/ */
const asking = defineCommand({
  ...clusterClient,
  name: 'asking',
  flags: ['fast'],
  summary: 'Sent by cluster clients after an -ASK redirect',
});

/** FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE] */
function listFunctions(argv: Argv): Reply {
  let named = false;
  let withCode = false;
  for (let i = 2; i < argv.length; i++) {
    const option = wordAt(argv, i);
    if (!withCode && option === 'WITHCODE') {
      withCode = true;
    } else if (!named && option === 'LIBRARYNAME') {
      if (i === argv.length - 1) throw noLibraryName;
      named = true;
      i++;
    } else {
      throw genericError(`Unknown argument ${printedText(argv, i)}`);
    }
  }
  return emptyArray;
}

function flushFunctions(argv: Argv): Reply {
  if (argv.length > 3) throw subcommandSyntax('function', argv);
  const mode = argv.length === 3 ? wordAt(argv, 2) : 'SYNC';
  if (mode !== 'SYNC' && mode !== 'ASYNC') throw badFlushMode;
  return ok;
}

function functionStats({ form }: Context): Reply {
  const counts = form.map([bulkText('libraries_count'), zero, bulkText('functions_count'), zero]);
  return form.map([
    bulkText('running_script'),
    form.nil,
    bulkText('engines'),
    form.map([bulkText('LUA'), counts]),
  ]);
}

/**
 * FUNCTION FLUSH [ASYNC | SYNC] | HELP | LIST [LIBRARYNAME pattern] [WITHCODE] | STATS
 *
 * There are no functions.
 * Source: https://redis.io/docs/latest/commands/function-list/
 */
const functionCommand = defineCommand({
  name: 'function',
  arity: -2,
  flags: [],
  group: 'scripting',
  since: '7.0.0',
  summary: 'A container for function commands',
  complexity: 'Depends on subcommand.',
  subcommands: functionSubcommands,
  run: runSubcommands('function', functionSubcommands, {
    flush: (_ctx, argv) => flushFunctions(argv),
    help: () => helpReply('function', functionHelp),
    list: (_ctx, argv) => listFunctions(argv),
    stats: functionStats,
  }),
});

export const absent: readonly Command[] = [
  asking,
  bgrewriteaof,
  bgsave,
  cluster,
  functionCommand,
  lastsave,
  moduleCommand,
  readonly,
  readwrite,
  replicaof,
  role,
  save,
  slaveof,
  wait,
];
