/**
 * INFO's text. Only figures that goredis really has; fields have Redis's names, in Redis's order.
 * Source: genRedisInfoString in server.c
 */
import { arch, platform, release } from 'node:os';
import { REDIS_VERSION } from '../commands/versions';
import type { DatabaseSize } from '../engine/ports';
import { memoryFields } from './info-memory';
import type { Server } from './server';

export type Field = readonly [name: string, value: string | number];
type Section = (server: Server, sizes: readonly DatabaseSize[]) => readonly Field[];

const sections = new Map<string, Section>([
  ['server', serverFields],
  ['clients', clientFields],
  ['memory', memoryFields],
  ['stats', statsFields],
  ['keyspace', keyspaceFields],
]);

const ALL = new Set(['default', 'all', 'everything']);

/** @param names sections asked for, in lower case; none: the default ones */
export function infoText(
  server: Server,
  names: readonly string[],
  sizes: readonly DatabaseSize[],
): string {
  const all = names.length === 0 || names.some((name) => ALL.has(name));
  const texts: string[] = [];
  for (const [name, fields] of sections) {
    if (!all && !names.includes(name)) continue;
    const title = `# ${name[0]!.toUpperCase()}${name.slice(1)}\r\n`;
    const lines = fields(server, sizes).map(([field, value]) => `${field}:${value}\r\n`);
    texts.push(title + lines.join(''));
  }
  return texts.join('\r\n');
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

function statsFields(server: Server): readonly Field[] {
  const { stats } = server;
  const engine = server.engine.stats;
  const lag = engine.expiryLag.figures();
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', stats.commands],
    ['total_net_input_bytes', stats.inputBytes],
    ['total_net_output_bytes', stats.outputBytes],
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
    ['total_error_replies', stats.errorReplies + engine.errorReplies],
    ['store_commits', engine.commits],
    ['store_conflicts', engine.conflicts],
  ];
}

function keyspaceFields(_server: Server, sizes: readonly DatabaseSize[]): readonly Field[] {
  return sizes
    .filter(({ keys }) => keys > 0)
    .map(({ db, keys, expires, averageTtlMs }) => [
      `db${db}`,
      `keys=${keys},expires=${expires},avg_ttl=${averageTtlMs}`,
    ]);
}
