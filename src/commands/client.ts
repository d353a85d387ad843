/** CLIENT: what a connection can ask and say about itself, and do to others. */
import { genericError, syntaxError } from '../errors';
import { bulkText, emptyArray, integer, ok, zero, type Reply } from '../protocol/reply';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { ClientPort } from '../engine/ports';
import { integerAt, printedText, textAt, timeoutAt, wordAt } from './args';
import { killClients, listClients } from './client-filters';
import { clientHelp, clientSubcommands } from './client-metadata';
import { defineCommand } from './command';
import { helpReply, runSubcommands, subcommandSyntax } from './subcommands';

const badName = genericError('Client names cannot contain spaces, newlines or special characters.');
const badPauseMode = genericError('CLIENT PAUSE mode must be WRITE or ALL');
const badUnblockReason = genericError('CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
const noTracking = genericError('CLIENT TRACKING is not supported by goredis yet');
const oneRedirect = genericError('A client can only redirect to a single other client');
const noRedirect = genericError('The client ID you want redirect to does not exist');
const trackingOptions: ReadonlySet<string> = new Set(['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP']);
const cachingNeedsTracking = genericError(
  'CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
);

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

/** ON or OFF. @throws ReplyError syntax error */
function switchAt(argv: Argv, index: number): boolean {
  const word = wordAt(argv, index);
  if (word !== 'ON' && word !== 'OFF') throw syntaxError;
  return word === 'ON';
}

/** While replies are off SKIP changes nothing, and only ON is answered. */
function reply({ client }: Context, argv: Argv): Reply {
  switch (wordAt(argv, 2)) {
    case 'ON':
      client.replyMode = 'on';
      return ok;
    case 'OFF':
      client.replyMode = 'off';
      return '';
    case 'SKIP':
      if (client.replyMode !== 'off') client.replyMode = 'skip';
      return '';
    default:
      throw syntaxError;
  }
}

function pause(ctx: Context, argv: Argv): Reply {
  if (argv.length > 4) throw subcommandSyntax('client', argv);
  const mode = argv.length === 4 ? wordAt(argv, 3) : 'ALL';
  if (mode !== 'ALL' && mode !== 'WRITE') throw badPauseMode;
  const untilMs = ctx.nowMs + timeoutAt(argv, 2);
  // The sum overflows in Redis: its end is in the past, and there is no pause.
  const endMs = untilMs < 2 ** 63 ? untilMs : 0;
  ctx.server.clients.pause(mode === 'ALL' ? 'all' : 'write', endMs);
  return ok;
}

/** No command waits for anything but the end of a pause, which UNBLOCK does not end. */
function unblock(argv: Argv): Reply {
  if (argv.length > 4) throw subcommandSyntax('client', argv);
  const reason = argv.length === 4 ? wordAt(argv, 3) : 'TIMEOUT';
  if (reason !== 'TIMEOUT' && reason !== 'ERROR') throw badUnblockReason;
  integerAt(argv, 2);
  return zero;
}

/** Options are read as in Redis, whether they turn something on or off. */
function tracking({ server }: Context, argv: Argv): Reply {
  let redirect = 0;
  for (let i = 3; i < argv.length; i++) {
    const option = wordAt(argv, i);
    if (option === 'REDIRECT' && i + 1 < argv.length) {
      if (redirect !== 0) throw oneRedirect;
      redirect = integerAt(argv, ++i);
      if (![...server.clients.all()].some(({ id }) => id === redirect)) throw noRedirect;
    } else if (option === 'PREFIX' && i + 1 < argv.length) {
      i++;
    } else if (!trackingOptions.has(option)) {
      throw syntaxError;
    }
  }
  if (switchAt(argv, 2)) throw noTracking;
  return ok;
}

/** As for a connection that has never asked for tracking. */
function trackingInfo({ form }: Context): Reply {
  return form.map([
    bulkText('flags'),
    form.set([bulkText('off')]),
    bulkText('redirect'),
    integer(-1),
    bulkText('prefixes'),
    emptyArray,
  ]);
}

/**
 * CLIENT CACHING | GETNAME | GETREDIR | HELP | ID | INFO | KILL | LIST | NO-EVICT | NO-TOUCH |
 * PAUSE | REPLY | SETINFO | SETNAME | TRACKING | TRACKINGINFO | UNBLOCK | UNPAUSE
 *
 * GETNAME of a connection without a name is nil. Names and attributes are printable ASCII without
 * spaces; an empty one takes the former away. TRACKING ON is an error.
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
  subcommands: clientSubcommands,
  run: runSubcommands('client', clientSubcommands, {
    caching() {
      throw cachingNeedsTracking;
    },
    getname: (ctx) => (ctx.client.name === '' ? ctx.form.nil : bulkText(ctx.client.name)),
    getredir: () => integer(-1),
    help: () => helpReply('client', clientHelp),
    id: (ctx) => integer(ctx.client.id),
    info: ({ client, form }, argv) => form.verbatim('txt', `${client.describe(argv)}\n`),
    kill: killClients,
    list: listClients,
    'no-evict'(ctx, argv) {
      ctx.client.noEvict = switchAt(argv, 2);
      return ok;
    },
    'no-touch'(ctx, argv) {
      ctx.client.noTouch = switchAt(argv, 2);
      return ok;
    },
    pause,
    reply,
    setinfo(ctx, argv) {
      setInfo(ctx.client, printedText(argv, 2), textAt(argv, 3));
      return ok;
    },
    setname(ctx, argv) {
      setClientName(ctx.client, textAt(argv, 2));
      return ok;
    },
    tracking,
    trackinginfo: trackingInfo,
    unblock: (_ctx, argv) => unblock(argv),
    unpause(ctx) {
      ctx.server.clients.unpause();
      return ok;
    },
  }),
});

export const client: readonly Command[] = [clientCommand];
