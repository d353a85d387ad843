/** GOREDIS.CONSISTENCY: how fresh what a connection reads must be. No command of Redis fits. */
import { genericError } from '../errors';
import { bulkText, ok } from '../protocol/reply';
import { wordAt } from './args';
import { defineCommand } from './command';

const unknown = genericError('consistency must be strong or bounded');

/**
 * GOREDIS.CONSISTENCY [strong | bounded]
 *
 * `strong`: from now on reads of this connection see every write that was acknowledged before they
 * were sent, on whatever node; they ask the table, one read unit for each started 4 KB of a key,
 * twice that for several keys at once, which are read as of one moment. `bounded`: they may be older
 * by `max-staleness`. Without an argument it answers which of both holds. It has an effect on the
 * store `cached`; all others are strong. Atomicity of writes is the same in both.
 */
export const consistency = defineCommand({
  name: 'goredis.consistency',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast'],
  group: 'connection',
  since: '0.1.0',
  summary: 'Gets or sets how fresh what the connection reads must be',
  complexity: 'O(1)',
  difference: 'A command of goredis: Redis has none for this.',
  run(ctx, argv) {
    const { client } = ctx;
    if (argv.length === 1) return bulkText(client.strongReads ? 'strong' : 'bounded');
    const word = wordAt(argv, 1);
    if (argv.length > 2 || (word !== 'STRONG' && word !== 'BOUNDED')) throw unknown;
    client.strongReads = word === 'STRONG';
    return ok;
  },
});
