/** Options of Redis on replicas and clusters. Those that would make goredis one are refused. */
import { inert } from './inert-option';
import { only } from './inert-types';
import { anyBytes, integer, memory, oneOf, text, yesNo } from './types';

const INT_MAX = 2 ** 31 - 1;
const LONG_MAX = 2n ** 63n - 1n;
const ULLONG_MAX = 2n ** 64n - 1n;
const count = (min = 0): ReturnType<typeof integer> => integer({ min, max: INT_MAX });
const port = (): ReturnType<typeof integer> => integer({ min: 0, max: 65535 });
const alias = (name: string): { alias: string } => ({ alias: name });

export const nodeOptions = [
  inert('replicaof', only('', 'goredis cannot be a replica'), '', {
    alias: 'slaveof',
    live: false,
  }),
  inert('masterauth', anyBytes(), ''),
  inert('masteruser', text(), ''),
  inert('replica-serve-stale-data', yesNo(), 'yes', alias('slave-serve-stale-data')),
  inert('replica-read-only', yesNo(), 'yes', alias('slave-read-only')),
  inert('replica-lazy-flush', yesNo(), 'no', alias('slave-lazy-flush')),
  inert('replica-ignore-maxmemory', yesNo(), 'yes', alias('slave-ignore-maxmemory')),
  inert('replica-ignore-disk-write-errors', yesNo(), 'no'),
  inert('replica-priority', count(), '100', alias('slave-priority')),
  inert('replica-announced', yesNo(), 'yes'),
  inert('replica-announce-ip', text(), '', alias('slave-announce-ip')),
  inert('replica-announce-port', port(), '0', alias('slave-announce-port')),
  inert(
    'min-replicas-to-write',
    only('0', 'goredis has no replicas'),
    '0',
    alias('min-slaves-to-write'),
  ),
  inert('min-replicas-max-lag', count(), '10', alias('min-slaves-max-lag')),
  inert('propagation-error-behavior', oneOf(['ignore', 'panic', 'panic-on-replicas']), 'ignore'),
  inert('repl-disable-tcp-nodelay', yesNo(), 'no'),
  inert('repl-diskless-sync', yesNo(), 'yes'),
  inert('repl-diskless-sync-delay', count(), '5'),
  inert('repl-diskless-sync-max-replicas', count(), '0'),
  inert('repl-diskless-load', oneOf(['disabled', 'on-empty-db', 'swapdb']), 'disabled'),
  inert('repl-timeout', count(1), '60'),
  inert('repl-ping-replica-period', count(1), '10', alias('repl-ping-slave-period')),
  inert('repl-backlog-size', memory({ min: 1, max: LONG_MAX }), '1mb'),
  inert('repl-backlog-ttl', integer({ min: 0, max: LONG_MAX }), '3600'),
  inert('cluster-enabled', only('no', 'goredis has no cluster mode'), 'no', { live: false }),
  inert('cluster-config-file', text(), 'nodes.conf', { live: false }),
  inert('cluster-port', port(), '0', { live: false }),
  inert('cluster-node-timeout', integer({ min: 0, max: LONG_MAX }), '15000'),
  inert('cluster-migration-barrier', count(), '1'),
  inert('cluster-require-full-coverage', yesNo(), 'yes'),
  inert('cluster-replica-no-failover', yesNo(), 'no', alias('cluster-slave-no-failover')),
  inert('cluster-replica-validity-factor', count(), '10', alias('cluster-slave-validity-factor')),
  inert('cluster-allow-replica-migration', yesNo(), 'yes'),
  inert('cluster-allow-reads-when-down', yesNo(), 'no'),
  inert('cluster-allow-pubsubshard-when-down', yesNo(), 'yes'),
  inert('cluster-link-sendbuf-limit', memory({ min: 0, max: ULLONG_MAX, unsigned: true }), '0'),
  inert('cluster-announce-ip', text(), ''),
  inert('cluster-announce-port', port(), '0'),
  inert('cluster-announce-tls-port', port(), '0'),
  inert('cluster-announce-bus-port', port(), '0'),
  inert('cluster-announce-hostname', text(), ''),
  inert('cluster-preferred-endpoint-type', oneOf(['ip', 'hostname', 'unknown-endpoint']), 'ip'),
  inert('tls-session-cache-size', count(), '20480'),
  inert('tls-cluster', yesNo(), 'no'),
  inert('tls-replication', yesNo(), 'no'),
  inert('tls-client-cert-file', text(), ''),
  inert('tls-client-key-file', text(), ''),
  inert('tls-client-key-file-pass', text(), ''),
];
