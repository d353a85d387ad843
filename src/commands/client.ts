/** CLIENT: what a connection can ask and say about itself. */
import { genericError } from '../errors';
import { bulkText, integer, ok } from '../protocol/reply';
import type { Command, CommandFlag, Subcommand } from '../engine/command';
import type { ClientPort } from '../engine/ports';
import { printedText, textAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

const badName = genericError('Client names cannot contain spaces, newlines or special characters.');

/** Only printable ASCII without the space: names are printed in lists separated by spaces. */
function isPlain(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

/** Gives the connection a name; the empty one takes it away. @throws ReplyError for a bad name */
export function setClientName(client: ClientPort, name: string): void {
  if (!isPlain(name)) throw badName;
  client.name = name;
}

/** Source: clientSetinfoCommand in networking.c of Redis 7.2 */
function setInfo(client: ClientPort, option: string, value: string): void {
  const attribute = option.toLowerCase();
  if (attribute !== 'lib-name' && attribute !== 'lib-ver') {
    throw genericError(`Unrecognized option '${option}'`);
  }
  if (!isPlain(value)) {
    throw genericError(`${option} cannot contain spaces, newlines or special characters.`);
  }
  if (attribute === 'lib-name') client.libName = value;
  else client.libVersion = value;
}

const flags: readonly CommandFlag[] = ['noscript', 'loading', 'stale'];

const subcommands: readonly Subcommand[] = [
  {
    name: 'getname',
    arity: 2,
    flags,
    since: '2.6.9',
    summary: 'Get the current connection name',
    complexity: 'O(1)',
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
    name: 'id',
    arity: 2,
    flags,
    since: '5.0.0',
    summary: 'Returns the client ID for the current connection',
    complexity: 'O(1)',
  },
  {
    name: 'setinfo',
    arity: 4,
    flags,
    since: '7.2.0',
    summary: 'Set client or connection specific info',
    complexity: 'O(1)',
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    difference: 'Redis has it from 7.2 on.',
  },
  {
    name: 'setname',
    arity: 3,
    flags,
    since: '2.6.9',
    summary: 'Set the current connection name',
    complexity: 'O(1)',
  },
];

const help = [
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'SETINFO <option> <value>',
  '    Set client meta attr. Options are:',
  '    * LIB-NAME: the client lib name.',
  '    * LIB-VER: the client lib version.',
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
];

/**
 * CLIENT GETNAME | HELP | ID | SETINFO option value | SETNAME name
 *
 * GETNAME of a connection without a name is nil. Names and attributes are printable ASCII without
 * spaces; an empty one takes the former away.
 * Source: https://redis.io/docs/latest/commands/client/
 */
const clientCommand = defineCommand({
  name: 'client',
  arity: -2,
  flags: [],
  group: 'connection',
  since: '2.4.0',
  summary: 'A container for client connection commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  run: runSubcommands('client', subcommands, {
    getname: (ctx) => (ctx.client.name === '' ? ctx.form.nil : bulkText(ctx.client.name)),
    help: () => helpReply('client', help),
    id: (ctx) => integer(ctx.client.id),
    setinfo(ctx, argv) {
      setInfo(ctx.client, printedText(argv, 2), textAt(argv, 3));
      return ok;
    },
    setname(ctx, argv) {
      setClientName(ctx.client, textAt(argv, 2));
      return ok;
    },
  }),
});

export const client: readonly Command[] = [clientCommand];
