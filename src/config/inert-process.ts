/**
 * Options of Redis on its process, its files and its log of commands. Only those that cannot be
 * changed in Redis are not live here.
 */
import { inert } from './inert-option';
import {
  directory,
  memoryOrPercent,
  numbers,
  only,
  shutdownFlags,
  titleTemplate,
} from './inert-types';
import { integer, keptWhenEmpty, memory, oneOf, text, yesNo } from './types';

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
const LONG_MAX = 2n ** 63n - 1n;
const fixed = { live: false };
const local = ['no', 'yes', 'local'] as const;
const count = (min = 0, max = INT_MAX): ReturnType<typeof integer> => integer({ min, max });
const long = (min = 0): ReturnType<typeof integer> => integer({ min, max: LONG_MAX });
const size = (min: number): ReturnType<typeof memory> => memory({ min, max: LONG_MAX });

const badScore = 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.';
const oomScores = numbers({ min: -2000, max: 2000, count: 3, refusals: [badScore, badScore] });
export const processOptions = [
  inert('daemonize', yesNo(), 'no', fixed),
  inert('supervised', oneOf(['upstart', 'systemd', 'auto', 'no']), 'no', fixed),
  inert('pidfile', text(), '', fixed),
  inert('always-show-logo', yesNo(), 'no', fixed),
  inert('set-proc-title', yesNo(), 'yes', fixed),
  inert('proc-title-template', titleTemplate(), '{title} {listen-addr} {server-mode}'),
  inert('syslog-enabled', yesNo(), 'no', fixed),
  inert('syslog-ident', text(), 'redis', fixed),
  inert(
    'syslog-facility',
    oneOf([
      ...(['user', 'local0', 'local1', 'local2', 'local3'] as const),
      ...(['local4', 'local5', 'local6', 'local7'] as const),
    ]),
    'local0',
    fixed,
  ),
  inert('crash-log-enabled', yesNo(), 'yes'),
  inert('crash-memcheck-enabled', yesNo(), 'yes'),
  inert('disable-thp', yesNo(), 'yes', fixed),
  inert('oom-score-adj', oneOf(['no', 'yes', 'relative', 'absolute']), 'no'),
  inert('oom-score-adj-values', oomScores, '0 200 800'),
  inert('server_cpulist', text(), '', fixed),
  inert('bio_cpulist', text(), '', fixed),
  inert('aof_rewrite_cpulist', text(), '', fixed),
  inert('bgsave_cpulist', text(), '', fixed),
  inert('io-threads', count(1, 128), '1', fixed),
  inert('io-threads-do-reads', yesNo(), 'no', fixed),
  inert('ignore-warnings', keptWhenEmpty(text()), ''),
  inert('socket-mark-id', count(0, UINT_MAX), '0', fixed),
  inert('bind-source-addr', text(), ''),
  inert('shutdown-timeout', count(), '10'),
  inert('shutdown-on-sigint', shutdownFlags(), 'default'),
  inert('shutdown-on-sigterm', shutdownFlags(), 'default'),
  inert('enable-protected-configs', oneOf(local), 'no', fixed),
  inert('enable-module-command', oneOf(local), 'no', fixed),
  inert('aclfile', keptWhenEmpty(only('', 'goredis has no ACL file')), '', fixed),
  inert('acl-pubsub-default', oneOf(['allchannels', 'resetchannels']), 'resetchannels'),
  inert('acllog-max-len', long(), '128'),
  inert('busy-reply-threshold', long(), '5000', { alias: 'lua-time-limit' }),
  inert('tracking-table-max-keys', long(), '1000000'),
  inert('maxmemory-clients', memoryOrPercent(LONG_MAX), '0'),
  inert('jemalloc-bg-thread', yesNo(), 'yes'),
  inert('activedefrag', yesNo(), 'no'),
  inert('active-defrag-ignore-bytes', size(1), '100mb'),
  inert('active-defrag-threshold-lower', count(0, 1000), '10'),
  inert('active-defrag-threshold-upper', count(0, 1000), '100'),
  inert('active-defrag-cycle-min', count(1, 99), '1'),
  inert('active-defrag-cycle-max', count(1, 99), '25'),
  inert('active-defrag-max-scan-fields', long(1), '1000'),
  inert('dir', directory(), './', fixed),
  inert('dbfilename', text(), 'dump.rdb', fixed),
  inert('rdbcompression', yesNo(), 'yes'),
  inert('rdbchecksum', yesNo(), 'yes', fixed),
  inert('rdb-del-sync-files', yesNo(), 'no'),
  inert('rdb-save-incremental-fsync', yesNo(), 'yes'),
  inert('sanitize-dump-payload', oneOf(['no', 'yes', 'clients']), 'no'),
  inert('stop-writes-on-bgsave-error', yesNo(), 'yes'),
  inert('appendfilename', text(), 'appendonly.aof', fixed),
  inert('appenddirname', text(), 'appendonlydir', fixed),
  inert('no-appendfsync-on-rewrite', yesNo(), 'no'),
  inert('auto-aof-rewrite-percentage', count(), '100'),
  inert('auto-aof-rewrite-min-size', size(0), '64mb'),
  inert('aof-load-truncated', yesNo(), 'yes'),
  inert('aof-use-rdb-preamble', yesNo(), 'yes'),
  inert('aof-timestamp-enabled', yesNo(), 'no'),
  inert('aof-rewrite-incremental-fsync', yesNo(), 'yes'),
  inert('aof-disable-auto-gc', yesNo(), 'no'),
];
