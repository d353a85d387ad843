/** CONFIG, over the server's option table. */
import { syntaxError } from '../errors';
import { bulkText, ok, type Reply } from '../protocol/reply';
import type { Argv, CommandFlag, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import { textAt, wordAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

function get(ctx: Context, argv: Argv): Reply {
  const patterns = argv.slice(2).map((_pattern, i) => textAt(argv, i + 2));
  const found = ctx.server.config.get(patterns);
  return ctx.form.map(found.flatMap((option) => option.map(bulkText)));
}

function set(ctx: Context, argv: Argv): Reply {
  if (argv.length % 2 !== 0) throw syntaxError;
  const pairs: [name: string, value: string][] = [];
  for (let i = 2; i < argv.length; i += 2) pairs.push([textAt(argv, i), textAt(argv, i + 1)]);
  const { config } = ctx.server;
  const before = config.get(pairs.map(([name]) => name));
  config.set(pairs);
  try {
    for (const [name] of pairs) {
      const shared = name.toLowerCase();
      if (!sharedOptions.has(shared)) continue;
      for (const [, value] of config.get([shared])) ctx.saveSetting(shared, value);
    }
  } catch (error) {
    // It is not kept yet, or cannot be.
    config.set(before);
    throw error;
  }
  return ok;
}

/** Options with one value for all nodes that use the same data. */
const sharedOptions = new Set(['notify-keyspace-events']);

/** Options whose values nobody may read who sees what others send. */
const secretOptions = new Set(['masterauth', 'masteruser', 'requirepass']);

function secretsOf(argv: Argv): number[] {
  if (wordAt(argv, 1) !== 'SET') return [];
  return argv
    .map((_arg, at) => at)
    .filter(
      (at) => at >= 3 && at % 2 === 1 && secretOptions.has(textAt(argv, at - 1).toLowerCase()),
    );
}

const flags: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const ofOptions = 'O(N) when N is the number of configuration parameters provided';

const subcommands: readonly Subcommand[] = [
  {
    name: 'get',
    arity: -3,
    flags,
    since: '2.0.0',
    summary: 'Get the values of configuration parameters',
    complexity: ofOptions,
    history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '5.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'resetstat',
    arity: 2,
    flags,
    since: '2.0.0',
    summary: 'Reset the stats returned by INFO',
    complexity: 'O(1)',
  },
  {
    name: 'rewrite',
    arity: 2,
    flags,
    since: '2.8.0',
    summary: 'Rewrite the configuration file with the in memory configuration',
    complexity: 'O(1)',
  },
  {
    name: 'set',
    arity: -4,
    flags,
    since: '2.0.0',
    summary: 'Set configuration parameters to the given values',
    complexity: ofOptions,
    history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  },
];

const help = [
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
];

/**
 * CONFIG GET pattern [pattern ...] | HELP | RESETSTAT | REWRITE | SET name value [name value ...]
 *
 * SET changes all the options or none. REWRITE is an error without a configuration file.
 * Source: https://redis.io/docs/latest/commands/config/
 */
export const configCommand = defineCommand({
  name: 'config',
  arity: -2,
  flags: [],
  group: 'server',
  since: '2.0.0',
  summary: 'A container for server configuration commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  barrier: true,
  secrets: secretsOf,
  run: runSubcommands('config', subcommands, {
    get,
    help: () => helpReply('config', help),
    resetstat(ctx) {
      ctx.server.resetStats();
      return ok;
    },
    rewrite(ctx) {
      ctx.server.config.rewrite();
      return ok;
    },
    set,
  }),
});
