/**
 * Options of Redis that tune what goredis does not have: other encodings, snapshots, an append-only
 * file, replicas. Client libraries, test suites and the redis.conf of distributions set
 * them, so they are accepted and echoed. One that is set at the start is named in a warning in the
 * log. Of options that promise what is not kept (`aclfile`, `replicaof`) only the value that turns
 * them off is accepted.
 */
import { inert } from './inert-option';
import { clamped } from './inert-types';
import { nodeOptions } from './inert-nodes';
import { processOptions } from './inert-process';
import { integer, memory, oneOf, savePoints, yesNo, type OptionType } from './types';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
const LONG_MAX = 2n ** 63n - 1n;

const count = (): OptionType<number> => integer({ min: 0, max: LONG_MAX, unsigned: true });
const small = (min = 0, max = INT_MAX): OptionType<number> => integer({ min, max });
const size = (): OptionType<number> => memory({ min: 0, max: LONG_MAX, unsigned: true });

/** For the tests of Redis: they slow it down or watch it. */
const testOptions = [
  inert('rdb-key-save-delay', small(INT_MIN), '0', { hidden: true }),
  inert('key-load-delay', small(INT_MIN), '0', { hidden: true }),
  inert('loading-process-events-interval-bytes', small(1024), '2097152', { hidden: true }),
  inert('use-exit-on-panic', yesNo(), 'no', { hidden: true }),
  inert('watchdog-period', small(), '0', { hidden: true }),
];

export const inertOptions = [
  inert('hash-max-listpack-entries', count(), '512', { alias: 'hash-max-ziplist-entries' }),
  inert('hash-max-listpack-value', size(), '64', { alias: 'hash-max-ziplist-value' }),
  inert('list-max-listpack-size', small(INT_MIN), '-2', { alias: 'list-max-ziplist-size' }),
  inert('list-compress-depth', small(), '0'),
  inert('set-max-intset-entries', count(), '512'),
  inert('zset-max-listpack-entries', count(), '128', { alias: 'zset-max-ziplist-entries' }),
  inert('zset-max-listpack-value', size(), '64', { alias: 'zset-max-ziplist-value' }),
  inert('stream-node-max-bytes', size(), '4096'),
  inert('stream-node-max-entries', integer({ min: 0, max: LONG_MAX }), '100'),
  inert('hll-sparse-max-bytes', size(), '3000'),
  inert('activerehashing', yesNo(), 'yes'),
  inert('active-expire-effort', small(1, 10), '1'),
  inert('lazyfree-lazy-eviction', yesNo(), 'no'),
  inert('lazyfree-lazy-expire', yesNo(), 'no'),
  inert('lazyfree-lazy-server-del', yesNo(), 'no'),
  inert('lazyfree-lazy-user-del', yesNo(), 'no'),
  inert('lazyfree-lazy-user-flush', yesNo(), 'no'),
  inert('hz', clamped(small(), 1, 500), '10'),
  inert('dynamic-hz', yesNo(), 'yes'),
  inert('save', savePoints(), ''),
  inert('appendonly', yesNo(), 'no'),
  inert('appendfsync', oneOf(['everysec', 'always', 'no']), 'everysec'),
  ...processOptions,
  ...nodeOptions,
  ...testOptions,
];
