/** LATENCY, over the latency monitor and the times of the commands. */
import { genericError } from '../errors';
import { array, bulkText, integer, type Reply } from '../protocol/reply';
import type { Argv, CommandFlag, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import type { Histogram } from '../lib/histogram';
import { printedText } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

/** Where the histogram's bounds begin; each is twice the one before. */
const FIRST_BOUND_NS = 1024;

function latest({ server }: Context): Reply {
  return array(
    server.latency.all().map(({ event, samples, maxMs }) => {
      const { atS, ms } = samples.at(-1)!;
      return array([bulkText(event), integer(atS), integer(ms), integer(maxMs)]);
    }),
  );
}

function history({ server }: Context, argv: Argv): Reply {
  const { samples = [] } = server.latency.of(printedText(argv, 2)) ?? {};
  return array(samples.map(({ atS, ms }) => array([integer(atS), integer(ms)])));
}

function graph({ form, server }: Context, argv: Argv): Reply {
  const event = printedText(argv, 2);
  const text = server.latency.graph(event);
  if (text === undefined) throw genericError(`No samples available for event '${event}'`);
  return form.verbatim('txt', text);
}

function reset({ server }: Context, argv: Argv): Reply {
  const { latency } = server;
  if (argv.length === 2) return integer(latency.reset());
  const events = argv.slice(2).map((_, at) => printedText(argv, at + 2));
  return integer(events.reduce((sum, event) => sum + latency.reset(event), 0));
}

/** A container stands for its subcommands, too; what there is no command for is left out. */
function histogram({ form, server }: Context, argv: Argv): Reply {
  const all: (readonly [name: string, latency: Histogram])[] = [];
  for (const [name, { latency }] of server.calls.named(server.commands.all())) {
    if (latency !== undefined) all.push([name, latency]);
  }
  const asked = argv.slice(2).map((_, at) => printedText(argv, at + 2).toLowerCase());
  const shown =
    asked.length === 0
      ? all
      : asked.flatMap((of) => all.filter(([name]) => name === of || name.startsWith(`${of}|`)));
  return form.map(
    shown.flatMap(([name, latency]) => [
      bulkText(name),
      form.map([
        bulkText('calls'),
        integer(latency.count),
        bulkText('histogram_usec'),
        form.map(
          latency
            .distribution(FIRST_BOUND_NS)
            .flatMap(({ upTo, count }) => [integer(Math.floor(upTo / 1000)), integer(count)]),
        ),
      ]),
    ]),
  );
}

const flags: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const tips = [
  'nondeterministic_output',
  'request_policy:all_nodes',
  'response_policy:special',
] as const;

const subcommands: readonly Subcommand[] = [
  {
    name: 'doctor',
    arity: 2,
    flags,
    since: '2.8.13',
    summary: 'Return a human readable latency analysis report.',
    complexity: 'O(1)',
    tips,
  },
  {
    name: 'graph',
    arity: 3,
    flags,
    since: '2.8.13',
    summary: 'Return a latency graph for the event.',
    complexity: 'O(1)',
    tips,
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '2.8.13',
    summary: 'Show helpful text about the different subcommands.',
    complexity: 'O(1)',
  },
  {
    name: 'histogram',
    arity: -2,
    flags,
    since: '7.0.0',
    summary: 'Return the cumulative distribution of latencies of a subset of commands or all.',
    complexity: 'O(N) where N is the number of commands with latency information being retrieved.',
    tips,
  },
  {
    name: 'history',
    arity: 3,
    flags,
    since: '2.8.13',
    summary: 'Return timestamp-latency samples for the event.',
    complexity: 'O(1)',
    tips,
  },
  {
    name: 'latest',
    arity: 2,
    flags,
    since: '2.8.13',
    summary: 'Return the latest latency samples for all events.',
    complexity: 'O(1)',
    tips,
  },
  {
    name: 'reset',
    arity: -2,
    flags,
    since: '2.8.13',
    summary: 'Reset latency data for one or more events.',
    complexity: 'O(1)',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  },
];

const help = [
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
];

/**
 * LATENCY DOCTOR | GRAPH event | HELP | HISTOGRAM [command ...] | HISTORY event | LATEST |
 * RESET [event ...]
 *
 * What stopped the server for at least `latency-monitor-threshold` milliseconds, by event, and how
 * long the calls of each command took.
 * Source: https://redis.io/docs/latest/commands/latency/
 */
export const latencyCommand = defineCommand({
  name: 'latency',
  arity: -2,
  flags: [],
  group: 'server',
  since: '2.8.13',
  summary: 'A container for latency diagnostics commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  run: runSubcommands('latency', subcommands, {
    doctor: ({ form, server }) => form.verbatim('txt', server.latency.report()),
    graph,
    help: () => helpReply('latency', help),
    histogram,
    history,
    latest,
    reset,
  }),
});
