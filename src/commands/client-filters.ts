/** CLIENT LIST and CLIENT KILL: choosing connections. Source: clientCommand in networking.c */
import { genericError, syntaxError } from '../errors';
import { integer, ok, type Reply } from '../protocol/reply';
import type { Argv } from '../engine/command';
import type { Context } from '../engine/context';
import type { ClientPort } from '../engine/ports';
import { integerAt, printedText, textAt, wordAt } from './args';

type Filter = (client: ClientPort) => boolean;

const noSuchClient = genericError('No such client');
const badClientId = genericError('Invalid client ID');
const notClientId = genericError('client-id should be greater than 0');

/** There is one user, whether a password is asked for or not. */
const DEFAULT_USER = 'default';

/** Redis's names of the classes. There are no masters and no replicas, so those match nobody. */
const kinds = new Map([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
  ['master', 'master'],
]);

function kindAt(argv: Argv, index: number): Filter {
  const kind = kinds.get(wordAt(argv, index).toLowerCase());
  if (kind === undefined) throw genericError(`Unknown client type '${printedText(argv, index)}'`);
  return (client) => client.kind === kind;
}

/** CLIENT LIST [TYPE type | ID id [id ...]]: a line a connection; ids that nobody has add none. */
export function listClients(ctx: Context, argv: Argv): Reply {
  const { client: self, form, server } = ctx;
  let listed = [...server.clients.all()];
  const option = wordAt(argv, 2);
  if (option === 'TYPE' && argv.length === 4) {
    listed = listed.filter(kindAt(argv, 3));
  } else if (option === 'ID' && argv.length > 3) {
    const byId = new Map(listed.map((client) => [client.id, client]));
    listed = argv.slice(3).flatMap((_id, i) => byId.get(integerAt(argv, i + 3, badClientId)) ?? []);
  } else if (argv.length !== 2) {
    throw syntaxError;
  }
  const lines = listed.map((client) => client.describe(client === self ? argv : undefined) + '\n');
  return form.verbatim('txt', lines.join(''));
}

/** One option of CLIENT KILL and its value. */
function filterAt(argv: Argv, index: number): Filter {
  const value = index + 1;
  if (value >= argv.length) throw syntaxError;
  switch (wordAt(argv, index)) {
    case 'ID': {
      const id = integerAt(argv, value, notClientId);
      if (id < 1) throw notClientId;
      return (client) => client.id === id;
    }
    case 'TYPE':
      return kindAt(argv, value);
    case 'ADDR': {
      const address = textAt(argv, value);
      return (client) => client.address === address;
    }
    case 'LADDR': {
      const address = textAt(argv, value);
      return (client) => client.localAddress === address;
    }
    case 'USER': {
      const user = textAt(argv, value);
      if (user !== DEFAULT_USER) throw genericError(`No such user '${printedText(argv, value)}'`);
      // As in Redis, who has not authenticated is that user, too.
      return () => true;
    }
    default:
      throw syntaxError;
  }
}

/** SKIPME yes | no. @returns undefined if the option is another one */
function skipMeAt(argv: Argv, index: number): boolean | undefined {
  if (wordAt(argv, index) !== 'SKIPME' || index + 1 >= argv.length) return undefined;
  const word = wordAt(argv, index + 1);
  if (word !== 'YES' && word !== 'NO') throw syntaxError;
  return word === 'YES';
}

/**
 * CLIENT KILL address | option value [option value ...]: closes the connections that all options
 * match. The old form must find one, and may find the connection itself; the other one counts, and
 * leaves the connection itself alone unless SKIPME is no.
 */
export function killClients(ctx: Context, argv: Argv): Reply {
  const oldForm = argv.length === 3;
  // Of options that are given twice the last one holds.
  const filters = new Map<string, Filter>();
  let skipMe = !oldForm;
  if (oldForm) {
    const address = textAt(argv, 2);
    filters.set('ADDR', (client) => client.address === address);
  }
  for (let i = oldForm ? argv.length : 2; i < argv.length; i += 2) {
    const skip = skipMeAt(argv, i);
    if (skip === undefined) filters.set(wordAt(argv, i), filterAt(argv, i));
    else skipMe = skip;
  }
  let killed = 0;
  for (const client of [...ctx.server.clients.all()]) {
    if (skipMe && client === ctx.client) continue;
    if (![...filters.values()].every((matches) => matches(client))) continue;
    killed++;
    // The connection itself still hears the reply.
    if (client === ctx.client) client.closeAfterReply();
    else client.destroy();
  }
  if (!oldForm) return integer(killed);
  if (killed === 0) throw noSuchClient;
  return ok;
}
