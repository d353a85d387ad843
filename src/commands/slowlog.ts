/** SLOWLOG, over the server's log of slow commands. */
import { genericError } from '../errors';
import { array, bulkArray, bulkText, integer, ok, type Reply } from '../protocol/reply';
import type { Argv, CommandFlag, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import { integerAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands, subcommandSyntax } from './subcommands';

const DEFAULT_COUNT = 10;

const badCount = genericError('count should be greater than or equal to -1');

function get(ctx: Context, argv: Argv): Reply {
  if (argv.length > 3) throw subcommandSyntax('slowlog', argv);
  const count = argv.length === 3 ? integerAt(argv, 2, badCount) : DEFAULT_COUNT;
  if (count < -1) throw badCount;
  const entries = ctx.server.slowlog.newest(count === -1 ? Infinity : count);
  return array(
    entries.map((entry) =>
      array([
        integer(entry.id),
        integer(entry.atS),
        integer(entry.us),
        bulkArray(entry.argv),
        bulkText(entry.address),
        bulkText(entry.clientName),
      ]),
    ),
  );
}

const flags: readonly CommandFlag[] = ['admin', 'loading', 'stale'];

const subcommands: readonly Subcommand[] = [
  {
    name: 'get',
    arity: -2,
    flags,
    since: '2.2.12',
    summary: "Get the slow log's entries",
    complexity: 'O(N) where N is the number of entries returned',
    history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
    tips: ['request_policy:all_nodes', 'nondeterministic_output'],
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '6.2.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'len',
    arity: 2,
    flags,
    since: '2.2.12',
    summary: "Get the slow log's length",
    complexity: 'O(1)',
    tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
  },
  {
    name: 'reset',
    arity: 2,
    flags,
    since: '2.2.12',
    summary: 'Clear all entries from the slow log',
    complexity: 'O(N) where N is the number of entries in the slowlog',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  },
];

const help = [
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
];

/**
 * SLOWLOG GET [count] | HELP | LEN | RESET
 *
 * Commands that took at least `slowlog-log-slower-than` microseconds, the newest first. Passwords
 * are not shown, nor is EXEC: what it runs is.
 * Source: https://redis.io/docs/latest/commands/slowlog/
 */
export const slowlogCommand = defineCommand({
  name: 'slowlog',
  arity: -2,
  flags: [],
  group: 'server',
  since: '2.2.12',
  summary: 'A container for slow log commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  run: runSubcommands('slowlog', subcommands, {
    get,
    help: () => helpReply('slowlog', help),
    len: ({ server }) => integer(server.slowlog.length),
    reset({ server }) {
      server.slowlog.reset();
      return ok;
    },
  }),
});
