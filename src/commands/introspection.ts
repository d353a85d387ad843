/** COMMAND: the command table, for clients that route, check or document commands. */
import { genericError, syntaxError } from '../errors';
import { compileGlob } from '../lib/glob';
import { array, bulk, bulkArray, integer, type Reply } from '../protocol/reply';
import type { Argv, KeyFlag, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import { keyIndexes } from '../engine/keys';
import { findSubcommand } from '../engine/subcommand';
import type { CommandTable } from '../engine/ports';
import { textAt, wordAt } from './args';
import { defineCommand } from './command';
import {
  categoriesOf,
  describeCommand,
  describeSubcommands,
  docsReply,
  infoReply,
  keyFlagReply,
  keySpecsOf,
  type Described,
} from './command-info';
import { arityFits, helpReply, runSubcommands } from './subcommands';

const invalidCommand = genericError('Invalid command specified');
const noKeys = genericError('The command has no key arguments');
const invalidNumber = genericError('Invalid number of arguments specified for command');
const invalidArguments = genericError('Invalid arguments specified for command');

/** `get`, `GET` or `client|id`; undefined if there is no such command. */
function lookUp(table: CommandTable, name: string): Described | undefined {
  const [parent = '', sub, ...rest] = name.toLowerCase().split('|');
  const command = table.get(parent);
  if (command === undefined || rest.length > 0) return undefined;
  if (sub === undefined) return describeCommand(command);
  return describeSubcommands(command).find(({ metadata }) => metadata.name === sub);
}

function info(ctx: Context, argv: Argv): Reply {
  const { commands } = ctx.server;
  if (argv.length <= 2) {
    return array(commands.all().map((command) => infoReply(ctx.form, describeCommand(command))));
  }
  return array(
    argv.slice(2).map((_name, i) => {
      const described = lookUp(commands, textAt(argv, i + 2));
      return described ? infoReply(ctx.form, described) : ctx.form.nil;
    }),
  );
}

function docs(ctx: Context, argv: Argv): Reply {
  const { commands } = ctx.server;
  const wanted =
    argv.length === 2
      ? commands.all().map(describeCommand)
      : argv.slice(2).flatMap((_name, i) => lookUp(commands, textAt(argv, i + 2)) ?? []);
  return ctx.form.map(wanted.flatMap((described) => docsReply(ctx.form, described)));
}

function listFilter(argv: Argv): (described: Described) => boolean {
  if (argv.length === 2) return () => true;
  if (argv.length !== 5 || wordAt(argv, 2) !== 'FILTERBY') throw syntaxError;
  const value = textAt(argv, 4);
  switch (wordAt(argv, 3)) {
    case 'MODULE':
      return () => false;
    case 'ACLCAT':
      return (described) => categoriesOf(described).includes(value.toLowerCase());
    case 'PATTERN': {
      const matches = compileGlob(value, { nocase: true });
      return ({ fullName }) => matches(fullName);
    }
    default:
      throw syntaxError;
  }
}

/** Subcommands are listed beside their containers. */
function list(ctx: Context, argv: Argv): Reply {
  const filter = listFilter(argv);
  const names = ctx.server.commands
    .all()
    .flatMap((command) => [describeCommand(command), ...describeSubcommands(command)])
    .filter(filter)
    .map(({ fullName }) => fullName);
  return bulkArray(names);
}

interface FoundKey {
  readonly index: number;
  readonly flags: readonly KeyFlag[];
}

/** The keys of the request `request`, and what it does to them. @throws ReplyError if there can be none */
function findKeys(table: CommandTable, request: Argv): readonly FoundKey[] {
  const command = table.get(textAt(request, 0).toLowerCase());
  if (command === undefined) throw invalidCommand;
  const subcommand =
    command.subcommands && request.length > 1
      ? findSubcommand(command.subcommands, request)
      : undefined;
  if (command.subcommands && request.length > 1 && !subcommand) throw invalidCommand;
  const metadata = subcommand ?? command;
  const specs = keySpecsOf(metadata);
  // Channels of shards stand where keys do, and are none.
  const hasKeys = specs.some(({ flags }) => !flags.includes('not_key'));
  if (!hasKeys && command.findKeys === undefined) throw noKeys;
  if (!arityFits(metadata.arity, request.length)) throw invalidNumber;

  const indexes = keyIndexes(command, request);
  if (indexes.length === 0 && !metadata.flags.includes('no_mandatory_keys')) {
    throw invalidArguments;
  }
  const flagsOfRequest = command.findKeyFlags?.(request);
  return indexes.map((index) => {
    // Only a specification of its own for the last key starts behind the first key.
    const spec = specs.findLast(({ keys }) => index >= keys.first);
    return { index, flags: flagsOfRequest ?? spec?.flags ?? [] };
  });
}

function getKeys(ctx: Context, argv: Argv): Reply {
  const request = argv.slice(2);
  const found = findKeys(ctx.server.commands, request);
  return array(found.map(({ index }) => bulk(request[index]!)));
}

function getKeysAndFlags(ctx: Context, argv: Argv): Reply {
  const request = argv.slice(2);
  const found = findKeys(ctx.server.commands, request);
  return array(
    found.map(({ index, flags }) => array([bulk(request[index]!), keyFlagReply(ctx.form, flags)])),
  );
}

/** All subcommands are allowed while a server loads or is stale. */
function subcommand(metadata: Omit<Subcommand, 'flags' | 'categories'>): Subcommand {
  return { ...metadata, flags: ['loading', 'stale'], categories: ['connection'] };
}

const ofTable = 'O(N) where N is the total number of Redis commands';
const ofArguments = 'O(N) where N is the number of arguments to the command';
const ofNames = 'O(N) where N is the number of commands to look up';
const unordered = ['nondeterministic_output_order'];

const subcommands: readonly Subcommand[] = [
  subcommand({
    name: 'count',
    arity: 2,
    since: '2.8.13',
    summary: 'Get total number of Redis commands',
    complexity: 'O(1)',
  }),
  subcommand({
    name: 'docs',
    arity: -2,
    since: '7.0.0',
    summary: 'Get array of specific Redis command documentation',
    complexity: ofNames,
    tips: unordered,
    difference: 'Without the tree of arguments.',
  }),
  subcommand({
    name: 'getkeys',
    arity: -4,
    since: '2.8.13',
    summary: 'Extract keys given a full Redis command',
    complexity: ofArguments,
  }),
  subcommand({
    name: 'getkeysandflags',
    arity: -4,
    since: '7.0.0',
    summary: 'Extract keys and access flags given a full Redis command',
    complexity: ofArguments,
  }),
  subcommand({
    name: 'help',
    arity: 2,
    since: '5.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  }),
  subcommand({
    name: 'info',
    arity: -2,
    since: '2.8.13',
    summary: 'Get array of specific Redis command details, or all when no argument is given.',
    complexity: ofNames,
    history: [['7.0.0', 'Allowed to be called with no argument to get info on all commands.']],
    tips: unordered,
  }),
  subcommand({
    name: 'list',
    arity: -2,
    since: '7.0.0',
    summary: 'Get an array of Redis command names',
    complexity: ofTable,
    tips: unordered,
  }),
];

const help = [
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'DOCS [<command-name> ...]',
  '    Return documentation details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full Redis command.',
];

/**
 * COMMAND [COUNT | DOCS [name ...] | GETKEYS command ... | GETKEYSANDFLAGS command ... | HELP |
 * INFO [name ...] | LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]]
 *
 * The commands that goredis has, with the metadata that Redis 7.0 gives them. Names may be those of
 * subcommands, `client|id`; an unknown one is nil in INFO and left out of DOCS.
 * Source: https://redis.io/docs/latest/commands/command/
 */
export const commandCommand = defineCommand({
  name: 'command',
  arity: -1,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '2.8.13',
  summary: 'Get array of Redis command details',
  complexity: ofTable,
  categories: ['connection'],
  tips: unordered,
  subcommands,
  run: runSubcommands(
    'command',
    subcommands,
    {
      count: (ctx) => integer(ctx.server.commands.all().length),
      docs,
      getkeys: getKeys,
      getkeysandflags: getKeysAndFlags,
      help: () => helpReply('command', help),
      info,
      list,
    },
    info,
  ),
});
