/** SHUTDOWN. */
import { genericError, notPersistent, syntaxError } from '../errors';
import type { Reply } from '../protocol/reply';
import type { Argv } from '../engine/command';
import type { Context } from '../engine/context';
import { wordAt } from './args';
import { defineCommand } from './command';

const notShuttingDown = genericError('No shutdown in progress.');

const WORDS = new Set(['NOSAVE', 'SAVE', 'NOW', 'FORCE', 'ABORT']);

/** Source: shutdownCommand in Redis's db.c */
function shutdown({ client, server }: Context, argv: Argv): Reply {
  const words = new Set(argv.slice(1).map((_word, at) => wordAt(argv, at + 1)));
  if ([...words].some((word) => !WORDS.has(word))) throw syntaxError;
  if (words.has('SAVE') && words.has('NOSAVE')) throw syntaxError;
  if (words.has('ABORT')) {
    if (words.size > 1) throw syntaxError;
    // When one is under way no connection is left that could ask.
    throw notShuttingDown;
  }
  if (words.has('SAVE') && !words.has('FORCE')) throw notPersistent;
  client.closeAfterReply();
  server.shutdown();
  return '';
}

/**
 * SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]
 *
 * Ends the server as SIGTERM does: what was asked for is answered, this request excepted, then all
 * connections close. SAVE is an error without FORCE, because nothing can be saved. ABORT is always
 * one: there is nothing to wait for that could be broken off.
 * Source: https://redis.io/docs/latest/commands/shutdown/
 */
export const shutdownCommand = defineCommand({
  name: 'shutdown',
  arity: -1,
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  group: 'server',
  since: '1.0.0',
  summary: 'Synchronously save the dataset to disk and then shut down the server',
  complexity:
    'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
  history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
  difference: 'Saves nothing: `SAVE` is an error unless `FORCE` is given.',
  barrier: true,
  run: shutdown,
});
