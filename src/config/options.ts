/**
 * Every option, once. Adding one is adding a row: its name and type give the field of `Config`, and
 * redis.conf, environment, command line, CONFIG GET and SET, `--help` and docs/configuration.md
 * follow. Where Redis has the option, directive, range and default are Redis's unless `help` says so.
 */
import { cacheOptions } from './cache-options';
import { dynamodbOptions } from './dynamodb-options';
import { eventClasses } from './event-classes';
import { inertOptions } from './inert-options';
import { memoryOptions } from './memory-options';
import { option, type Option } from './option';
import { monitoringOptions } from './monitoring-options';
import { tlsOptions } from './tls-options';
import {
  anyBytes,
  integer,
  keptWhenEmpty,
  memory,
  octal,
  oneOf,
  outputLimits,
  path,
  socketPath,
  text,
  words,
  yesNo,
} from './types';

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
const LONG_MAX = 2n ** 63n - 1n;
const ULLONG_MAX = 2n ** 64n - 1n;

export const options = {
  port: option('port', integer({ min: 0, max: 65535 }), {
    default: '6379',
    live: true,
    help: 'TCP port to listen on; 0 takes a free one, which the ready line tells, unless there is a `tls-port`: then it is no port without TLS. (In Redis it always is.)',
  }),
  bind: option('bind', words({ atMost: 16 }), {
    default: '127.0.0.1 -::1',
    live: true,
    help: 'Addresses to listen on; with `CONFIG SET` no names. A leading `-`: not an error if the machine does not have it. `*` is all IPv4 addresses, `::*` all IPv6 ones. Empty: no TCP.',
  }),
  unixSocket: option('unixsocket', socketPath(), {
    default: '',
    help: 'Path of a Unix socket to listen on as well.',
  }),
  unixSocketPermissions: option('unixsocketperm', octal({ min: 0, max: 0o777 }), {
    default: '0',
    help: 'Permissions of the Unix socket, in octal. 0: as the process makes files.',
  }),
  protectedMode: option('protected-mode', yesNo(), {
    default: 'yes',
    live: true,
    help: 'While there is no password, connections are only taken from 127.0.0.1, ::1 and the Unix socket. Others are told why, and closed.',
  }),
  ...tlsOptions,
  tcpBacklog: option('tcp-backlog', integer({ min: 0, max: INT_MAX }), {
    default: '511',
    unit: 'connections',
    help: 'How many connections may wait to be accepted.',
  }),
  password: option('requirepass', anyBytes(), {
    env: 'REQUIREPASS',
    default: '',
    live: true,
    help: 'The password that clients must give with `AUTH` or `HELLO`. Empty: none.',
  }),
  databases: option('databases', integer({ min: 1, max: 65535 }), {
    default: '16',
    help: 'How many databases `SELECT` knows. (Redis allows 2147483647.)',
  }),
  maxClients: option('maxclients', integer({ min: 1, max: UINT_MAX, unsigned: true }), {
    default: '10000',
    live: true,
    unit: 'connections',
    help: 'More connections than this are answered with an error and closed.',
  }),
  timeoutSeconds: option('timeout', integer({ min: 0, max: INT_MAX }), {
    default: '0',
    live: true,
    unit: 'seconds',
    help: 'A client that is idle for longer is closed. 0: never.',
  }),
  tcpKeepAliveSeconds: option('tcp-keepalive', integer({ min: 0, max: INT_MAX }), {
    default: '300',
    live: true,
    unit: 'seconds',
    help: 'After this much silence TCP asks whether the client is still there. 0: never. Holds for connections made afterwards.',
  }),
  maxBulkBytes: option('proto-max-bulk-len', memory({ min: 1 << 20, max: LONG_MAX }), {
    default: '512mb',
    live: true,
    unit: 'bytes',
    help: 'The longest argument of a request, and the longest string value.',
  }),
  maxQueryBytes: option(
    'client-query-buffer-limit',
    memory({ min: 1 << 20, max: LONG_MAX, unsigned: true }),
    {
      default: '1gb',
      live: true,
      unit: 'bytes',
      help: 'A client is closed when more than this of its unfinished requests is held.',
    },
  ),
  outputLimits: option('client-output-buffer-limit', outputLimits(), {
    default: 'normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60',
    live: true,
    unit: 'bytes, bytes, seconds',
    help: 'A client of the class is closed when more than `hard` of its replies is unread, or more than `soft` for so many seconds. 0: no limit.',
  }),
  eventClasses: option('notify-keyspace-events', eventClasses(), {
    default: '',
    live: true,
    help: 'Which keyspace events are published, in letters: the classes, and `K` and `E` for the channels `__keyspace@<db>__:<key>` and `__keyevent@<db>__:<event>`. Empty: none. On a table of DynamoDB it is one setting of all nodes: what one sets others have at once, or within 75 seconds if they follow no stream.',
  }),
  store: option('store', oneOf(['memory', 'dynamodb', 'cached']), {
    default: 'memory',
    own: true,
    help: 'Where the data is kept: in the memory of the process, or in a table of DynamoDB.',
  }),
  ...dynamodbOptions,
  ...cacheOptions,
  ...memoryOptions,
  metricsPort: option('metrics-port', integer({ min: 0, max: 65535 }), {
    default: '0',
    own: true,
    help: 'Port of an HTTP server with `/metrics` for Prometheus and `/healthz`; 0: none.',
  }),
  metricsBind: option('metrics-bind', text(), {
    default: '127.0.0.1',
    own: true,
    help: 'The address that it listens on. It asks for no password.',
  }),
  maxHeapBytes: option('max-heap', memory({ min: 0, max: ULLONG_MAX, unsigned: true }), {
    default: '0',
    own: true,
    unit: 'bytes',
    help: 'How much memory keys and values may take: the JavaScript heap, and large values, which lie outside it. When that is full, goredis stops. 0: nine tenths of the memory of the machine or container.',
  }),
  ...monitoringOptions,
  logLevel: option('loglevel', oneOf(['debug', 'verbose', 'notice', 'warning']), {
    default: 'notice',
    live: true,
    help: 'The least important messages to log.',
  }),
  logFile: option('logfile', keptWhenEmpty(path()), {
    default: '',
    help: 'File to append the log to. Empty: standard output.',
  }),
};

type TypedOptions = typeof options;

/** The fields of `Config`: one an option, named as in the table. */
export type Settings = {
  readonly [Name in keyof TypedOptions]: TypedOptions[Name] extends Option<infer T> ? T : never;
};

/** All options in the order of the documentation, those without effect last. */
export const allOptions: readonly Option<unknown>[] = [...Object.values(options), ...inertOptions];

const byDirective = new Map<string, Option<unknown>>();
for (const row of allOptions) {
  byDirective.set(row.directive, row);
  if (row.alias !== undefined) byDirective.set(row.alias, row);
}

/** The option with this directive or alias, in any case. */
export function findOption(directive: string): Option<unknown> | undefined {
  return byDirective.get(directive.toLowerCase());
}

/** All names that a pattern of CONFIG GET finds, aliases included. */
export const directives: readonly string[] = [...byDirective]
  .filter(([, row]) => !row.hidden)
  .map(([name]) => name);
