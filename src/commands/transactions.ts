/**
 * Transactions. MULTI only says that from now on commands are queued: the gate in front of the
 * engine queues them, refuses what cannot be queued, and hands EXEC's calls to the engine as one.
 * Source: https://redis.io/docs/latest/develop/interact/transactions/
 */
import { genericError } from '../errors';
import { ok } from '../protocol/reply';
import type { Command, CommandFlag } from '../engine/command';
import { keyAt } from './args';
import { allKeys, defineCommand } from './command';

const nestedMulti = genericError('MULTI calls can not be nested');
const execWithoutMulti = genericError('EXEC without MULTI');
const discardWithoutMulti = genericError('DISCARD without MULTI');

const flags: readonly CommandFlag[] = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'];

/**
 * MULTI
 *
 * Queues all that follows, up to EXEC or DISCARD. A nested MULTI is an error and changes nothing.
 * Source: https://redis.io/docs/latest/commands/multi/
 */
const multi = defineCommand({
  name: 'multi',
  arity: 1,
  flags,
  group: 'transactions',
  since: '1.2.0',
  summary: 'Mark the start of a transaction block',
  complexity: 'O(1)',
  run(ctx) {
    if (ctx.client.inMulti) throw nestedMulti;
    ctx.client.beginMulti();
    return ok;
  },
});

/**
 * EXEC
 *
 * Runs what was queued, as one: nil if a watched key has changed, an error if something could not
 * be queued, else all replies. A command that fails does not undo the others. Inside MULTI it never
 * comes here (see the head of this file).
 * Source: https://redis.io/docs/latest/commands/exec/
 */
const exec = defineCommand({
  name: 'exec',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
  group: 'transactions',
  since: '1.2.0',
  summary: 'Execute all commands issued after MULTI',
  complexity: 'Depends on commands in the transaction',
  run() {
    throw execWithoutMulti;
  },
});

/**
 * DISCARD
 *
 * Forgets what was queued, and all watches.
 * Source: https://redis.io/docs/latest/commands/discard/
 */
const discard = defineCommand({
  name: 'discard',
  arity: 1,
  flags,
  group: 'transactions',
  since: '2.0.0',
  summary: 'Discard all commands issued after MULTI',
  complexity: 'O(N), when N is the number of queued commands',
  run(ctx) {
    if (!ctx.client.inMulti) throw discardWithoutMulti;
    ctx.client.discardMulti();
    return ok;
  },
});

/**
 * WATCH key [key ...]
 *
 * EXEC answers nil if one of the keys, absent ones included, has changed, been flushed or swapped
 * away, or has expired since. A key that had expired already counts as absent. Between MULTI and
 * EXEC the gate refuses it.
 * Source: https://redis.io/docs/latest/commands/watch/
 */
const watch = defineCommand({
  name: 'watch',
  arity: -2,
  flags,
  group: 'transactions',
  since: '2.2.0',
  summary: 'Watch the given keys to determine execution of the MULTI/EXEC block',
  complexity: 'O(1) for every key.',
  keys: allKeys,
  keyFlags: ['RO'],
  barrier: true,
  run(ctx, argv) {
    for (let i = 1; i < argv.length; i++) ctx.watch(keyAt(argv, i));
    return ok;
  },
});

/**
 * UNWATCH
 *
 * Forgets all watches of the connection. Queued in a transaction it does nothing: EXEC ends the
 * watches before the first command runs.
 * Source: https://redis.io/docs/latest/commands/unwatch/
 */
const unwatch = defineCommand({
  name: 'unwatch',
  arity: 1,
  flags,
  group: 'transactions',
  since: '2.2.0',
  summary: 'Forget about all watched keys',
  complexity: 'O(1)',
  run(ctx) {
    ctx.client.resetWatches();
    return ok;
  },
});

export const transactions: readonly Command[] = [discard, exec, multi, unwatch, watch];
