/** Commands about the connection itself. All of them run at once, whatever the store is doing. */
import { ReplyError, dbOutOfRange, genericError, syntaxError, wrongArity } from '../errors';
import {
  array,
  bulk,
  bulkText,
  emptyArray,
  integer,
  ok,
  pong,
  resp2,
  resp3,
  simple,
} from '../protocol/reply';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import { databaseAt, integerAt, printedText, textAt, wordAt } from './args';
import { setClientName } from './client';
import { consistency } from './consistency';
import { defineCommand } from './command';
import { REDIS_VERSION } from './versions';

/** The one user there is. */
const DEFAULT_USER = 'default';

/** What Redis before 6 answered, and what the first users of goredis rely on. */
const invalidPassword = genericError('invalid password');
const wrongPass = new ReplyError(
  'WRONGPASS',
  'invalid username-password pair or user is disabled.',
);
const noPasswordConfigured = genericError(
  'AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
);
const helloNeedsAuth = new ReplyError(
  'NOAUTH',
  'HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
);
const protocolNotInteger = genericError('Protocol version is not an integer or out of range');
const unsupportedProtocol = new ReplyError('NOPROTO', 'unsupported protocol version');

/** @throws ReplyError WRONGPASS; the connection then stays as authenticated as it was */
function authenticate(ctx: Context, user: string, password: string): void {
  const { server } = ctx;
  if (user !== DEFAULT_USER || (server.authRequired && !server.checkPassword(password))) {
    throw wrongPass;
  }
  ctx.client.authenticated = true;
}

/**
 * AUTH [username] password
 *
 * The only user is `default`. A wrong password given alone answers `-ERR invalid password`, with a
 * user name it answers as Redis 7 does.
 * Source: https://redis.io/docs/latest/commands/auth/
 */
const auth = defineCommand({
  name: 'auth',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Authenticate to the server',
  complexity: 'O(N) where N is the number of passwords defined for the user',
  history: [['6.0.0', 'Added ACL style (username and password).']],
  secrets: (argv) => (argv.length > 3 ? [] : [1, 2]),
  difference: 'A wrong password given without a user name is answered `-ERR invalid password`.',
  run(ctx, argv) {
    if (argv.length > 3) throw syntaxError;
    if (argv.length === 3) {
      authenticate(ctx, textAt(argv, 1), textAt(argv, 2));
      return ok;
    }
    if (!ctx.server.authRequired) throw noPasswordConfigured;
    if (!ctx.server.checkPassword(textAt(argv, 1))) throw invalidPassword;
    ctx.client.authenticated = true;
    return ok;
  },
});

/** User name and password behind each AUTH, read as `hello` reads; also behind what it refuses. */
function helloSecrets(argv: Argv): number[] {
  const places: number[] = [];
  for (let i = 2; i < argv.length; i++) {
    const option = wordAt(argv, i);
    const left = argv.length - 1 - i;
    if (option === 'AUTH' && left >= 2) places.push(++i, ++i);
    else if (option === 'SETNAME' && left >= 1) i++;
  }
  return places;
}

/**
 * HELLO [protover [AUTH username password] [SETNAME clientname]]
 *
 * Describes the server and chooses the protocol version, from this very reply on. As in Redis 7.0
 * each option takes effect as soon as it is read, even if what follows is wrong; the version changes
 * last.
 * Source: https://redis.io/docs/latest/commands/hello/
 */
const hello = defineCommand({
  name: 'hello',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '6.0.0',
  summary: 'Handshake with Redis',
  complexity: 'O(1)',
  history: [
    [
      '6.2.0',
      "`protover` made optional; when called without arguments the command reports the current connection's context.",
    ],
  ],
  secrets: helloSecrets,
  difference: 'The reply has one field more at its end, `goredis_version`.',
  run(ctx, argv) {
    const { client } = ctx;
    const version = argv.length > 1 ? integerAt(argv, 1, protocolNotInteger) : undefined;
    if (version !== undefined && version !== 2 && version !== 3) throw unsupportedProtocol;

    for (let i = 2; i < argv.length; i++) {
      const option = wordAt(argv, i);
      const left = argv.length - 1 - i;
      if (option === 'AUTH' && left >= 2) {
        authenticate(ctx, textAt(argv, i + 1), textAt(argv, i + 2));
        i += 2;
      } else if (option === 'SETNAME' && left >= 1) {
        setClientName(client, textAt(argv, ++i));
      } else {
        throw genericError(`Syntax error in HELLO option '${printedText(argv, i)}'`);
      }
    }
    if (!client.authenticated) throw helloNeedsAuth;
    if (version !== undefined) client.form = version === 3 ? resp3 : resp2;
    return client.form.map([
      bulkText('server'),
      bulkText('redis'),
      bulkText('version'),
      bulkText(REDIS_VERSION),
      bulkText('proto'),
      integer(client.form.version),
      bulkText('id'),
      integer(client.id),
      bulkText('mode'),
      bulkText('standalone'),
      bulkText('role'),
      bulkText('master'),
      bulkText('modules'),
      emptyArray,
      bulkText('goredis_version'),
      bulkText(ctx.server.version),
    ]);
  },
});

/**
 * SELECT index
 *
 * Chooses the database that later commands of the connection work on.
 * Source: https://redis.io/docs/latest/commands/select/
 */
const select = defineCommand({
  name: 'select',
  arity: 2,
  quickArgs: 2,
  flags: ['loading', 'stale', 'fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Change the selected database for the current connection',
  complexity: 'O(1)',
  run(ctx, argv) {
    const db = databaseAt(argv, 1);
    if (db < 0 || db >= ctx.server.databases) throw dbOutOfRange;
    ctx.client.db = db;
    return ok;
  },
});

/**
 * PING [message]
 *
 * Answers `PONG`, or the message. A RESP2 connection with subscriptions gets both in an array, as it
 * gets messages.
 * Source: https://redis.io/docs/latest/commands/ping/
 */
const ping = defineCommand({
  name: 'ping',
  arity: -1,
  quickArgs: 2,
  flags: ['fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Ping the server',
  complexity: 'O(1)',
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  run(ctx, argv) {
    if (argv.length > 2) throw wrongArity('ping');
    if (ctx.client.onlySubscribes) return array([bulkText('pong'), bulk(argv[1] ?? '')]);
    return argv.length === 2 ? bulk(argv[1]!) : pong;
  },
});

/**
 * ECHO message
 *
 * Source: https://redis.io/docs/latest/commands/echo/
 */
const echo = defineCommand({
  name: 'echo',
  arity: 2,
  quickArgs: 2,
  flags: ['loading', 'stale', 'fast'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Echo the given string',
  complexity: 'O(1)',
  run: (_ctx, argv) => bulk(argv[1]!),
});

/**
 * QUIT
 *
 * Closes the connection once all replies have been sent.
 * Source: https://redis.io/docs/latest/commands/quit/
 */
const quit = defineCommand({
  name: 'quit',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '1.0.0',
  summary: 'Close the connection',
  complexity: 'O(1)',
  run(ctx) {
    ctx.client.closeAfterReply();
    return ok;
  },
});

/**
 * RESET
 *
 * Ends the transaction and all subscriptions, forgets watches, name, database, protocol version and authentication.
 * Source: https://redis.io/docs/latest/commands/reset/
 */
const reset = defineCommand({
  name: 'reset',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  group: 'connection',
  since: '6.2.0',
  summary: 'Reset the connection',
  complexity: 'O(1)',
  run(ctx) {
    ctx.client.reset();
    return simple('RESET');
  },
});

export const connection: readonly Command[] = [
  auth,
  consistency,
  echo,
  hello,
  ping,
  quit,
  reset,
  select,
];
