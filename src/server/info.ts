/**
 * INFO's text. Only figures that goredis really has; fields have Redis's names, in Redis's order.
 * Source: genRedisInfoString in server.c
 */
import { arch, platform, release } from 'node:os';
import { REDIS_VERSION } from '../commands/versions';
import type { EngineStats } from '../engine/engine';
import type { DatabaseSize } from '../engine/ports';
import { commandFields, costFields, errorFields, latencyFields } from './info-commands';
import { memoryFields } from './info-memory';
import type { Server } from './server';

export type Field = readonly [name: string, value: string | number];
type Section = (server: Server, sizes: readonly DatabaseSize[]) => readonly Field[];

const sections: readonly (readonly [title: string, fields: Section, others?: Others])[] = [
  ['Server', serverFields],
  ['Clients', clientFields],
  ['Memory', memoryFields],
  ['Persistence', persistenceFields],
  ['Stats', statsFields],
  ['Replication', replicationFields],
  ['CPU', cpuFields],
  ['Modules', () => [], { name: 'module_list' }],
  ['Commandstats', commandFields, { extra: true }],
  ['Errorstats', errorFields],
  ['Latencystats', latencyFields, { extra: true }],
  ['Cluster', () => [['cluster_enabled', 0]]],
  ['Keyspace', keyspaceFields],
];

interface Others {
  /** Another name of the section, by which it is one of the default ones. */
  readonly name?: string;
  /** Only if it is asked for, alone or by `all`. */
  readonly extra?: boolean;
}

const ALL = new Set(['all', 'everything']);

/**
 * @param names sections asked for, in lower case; none: the default ones. Names that do not exist
 *   add nothing.
 * Source: genInfoSectionDict in server.c
 */
export function infoText(
  server: Server,
  names: readonly string[],
  sizes: readonly DatabaseSize[],
): string {
  const all = names.some((name) => ALL.has(name));
  const defaults = names.length === 0 || names.includes('default');
  const texts: string[] = [];
  for (const [title, fields, others = {}] of [...sections, ...storeSections(server)]) {
    const named = [title.toLowerCase(), others.name].some(
      (name) => name !== undefined && names.includes(name),
    );
    if (!all && !named && !(defaults && others.extra !== true)) continue;
    const lines = fields(server, sizes).map(([field, value]) => `${field}:${value}\r\n`);
    texts.push(`# ${title}\r\n${lines.join('')}`);
  }
  return texts.join('\r\n');
}

/** What the store has to say of itself, and what commands cost there; nothing of memory. */
function storeSections({ engine }: Server): readonly (typeof sections)[number][] {
  const stats = Object.entries(engine.store.stats());
  if (stats.length === 0) return [];
  return [
    ...stats.map(([title, fields]) => [title, () => Object.entries(fields)] as const),
    ['Commandcost', costFields, { extra: true }],
  ];
}

function serverFields(server: Server): readonly Field[] {
  const nowMs = server.clock.nowMs();
  const uptimeS = Math.floor((server.clock.monotonicMs() - server.startedMs) / 1000);
  return [
    ['redis_version', REDIS_VERSION],
    ['goredis_version', server.version],
    ['redis_mode', 'standalone'],
    ['os', `${osName()} ${release()} ${arch()}`],
    ['arch_bits', 64],
    ['node_version', process.versions.node],
    ['process_id', process.pid],
    ['run_id', server.runId],
    ['tcp_port', server.port],
    ['server_time_usec', nowMs * 1000],
    ['uptime_in_seconds', uptimeS],
    ['uptime_in_days', Math.floor(uptimeS / 86400)],
    ['config_file', server.config.file ?? ''],
    ['store', server.engine.store.name],
  ];
}

function osName(): string {
  return platform() === 'linux' ? 'Linux' : platform() === 'darwin' ? 'Darwin' : platform();
}

function clientFields(server: Server): readonly Field[] {
  return [
    ['connected_clients', server.sessions.size],
    ['maxclients', server.config.maxClients],
    ['blocked_clients', server.pause.waitingClients],
  ];
}

/** Nothing is saved, so nothing is being saved or loaded either. */
function persistenceFields(server: Server): readonly Field[] {
  return [
    ['loading', 0],
    ['async_loading', 0],
    ['rdb_bgsave_in_progress', 0],
    ['rdb_last_save_time', server.startedAtS],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
  ];
}

function replicationFields(server: Server): readonly Field[] {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_replid', server.runId],
    ['master_repl_offset', 0],
  ];
}

/** Of the process, with all its threads; children it has none. */
function cpuFields(): readonly Field[] {
  const { user, system } = process.cpuUsage();
  const shown = (us: number): string => (us / 1e6).toFixed(6);
  return [
    ['used_cpu_sys', shown(system)],
    ['used_cpu_user', shown(user)],
    ['used_cpu_sys_children', shown(0)],
    ['used_cpu_user_children', shown(0)],
  ];
}

function statsFields(server: Server): readonly Field[] {
  const { stats } = server;
  const engine = server.engine.stats;
  const lag = engine.expiryLag.figures();
  const rates = server.rates.perSecond({
    commands: engine.calls.total,
    inputBytes: stats.inputBytes,
    outputBytes: stats.outputBytes,
  });
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', engine.calls.total],
    ['instantaneous_ops_per_sec', Math.floor(rates.commands)],
    ['total_net_input_bytes', stats.inputBytes],
    ['total_net_output_bytes', stats.outputBytes],
    ['instantaneous_input_kbps', (rates.inputBytes / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (rates.outputBytes / 1024).toFixed(2)],
    ['rejected_connections', stats.rejectedConnections],
    ['expired_keys', engine.expiredKeys],
    ['evicted_keys', engine.evictedKeys],
    ['expiry_lag_p50_ms', lag.p50Ms],
    ['expiry_lag_p99_ms', lag.p99Ms],
    ['expiry_lag_last_ms', lag.lastMs],
    ['keyspace_hits', engine.keyspaceHits],
    ['keyspace_misses', engine.keyspaceMisses],
    ['pubsub_channels', server.hub.count('channel')],
    ['pubsub_patterns', server.hub.count('pattern')],
    ['pubsubshard_channels', server.hub.count('shard')],
    ['total_error_replies', engine.calls.errors],
    ['store_commits', engine.commits],
    ['store_conflicts', engine.conflicts],
    ['store_commands_per_commit', perCommit(engine).toFixed(2)],
  ];
}

function perCommit({ commits, committedCommands }: EngineStats): number {
  return commits === 0 ? 0 : committedCommands / commits;
}

function keyspaceFields(_server: Server, sizes: readonly DatabaseSize[]): readonly Field[] {
  return sizes
    .filter(({ keys }) => keys > 0)
    .map(({ db, keys, expires, averageTtlMs, approximate }) => [
      `db${db}`,
      `keys=${keys},expires=${expires},avg_ttl=${averageTtlMs}${approximate ? ',approximate=yes' : ''}`,
    ]);
}
