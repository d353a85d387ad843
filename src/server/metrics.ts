/**
 * The figures of a server for Prometheus. All of them are read when somebody asks; between two
 * scrapes they cost nothing but the measure of the event loop's lag.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { CallFigures } from '../engine/calls';
import { CommandDurations } from './command-durations';
import type { Server } from './server';

type Labelled = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/** How often the event loop is looked at. */
const LOOP_RESOLUTION_MS = 10;

export class Metrics {
  private readonly registry = new Registry();
  private readonly loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });

  constructor(server: Server) {
    const { stats } = server;
    const engine = server.engine.stats;
    this.gauge('goredis_info', 'Versions and store; always 1.', () => [
      [
        {
          version: server.version,
          node_version: process.versions.node,
          store: server.engine.store.name,
        },
        1,
      ],
    ]);
    this.gauge('goredis_uptime_seconds', 'Time since the start.', () =>
      Math.max(0, (server.clock.monotonicMs() - server.startedMs) / 1000),
    );

    this.gauge('goredis_connected_clients', 'Connections.', () => server.sessions.size);
    this.gauge(
      'goredis_blocked_clients',
      'Connections that wait.',
      () => server.pause.waitingClients,
    );
    this.gauge('goredis_max_clients', 'maxclients.', () => server.config.maxClients);
    this.counter('goredis_connections_total', 'Connections taken.', () => stats.connections);
    this.counter(
      'goredis_rejected_connections_total',
      'Connections refused.',
      () => stats.rejectedConnections,
    );
    this.counter('goredis_input_bytes_total', 'Bytes of requests.', () => stats.inputBytes);
    this.counter('goredis_output_bytes_total', 'Bytes of replies.', () => stats.outputBytes);

    const byCommand = (read: (figures: CallFigures) => number) => (): Labelled =>
      [...engine.calls.named(server.commands.all())].map(([command, figures]) => [
        { command },
        read(figures),
      ]);
    this.counter(
      'goredis_commands_total',
      'Commands that ran.',
      byCommand(({ calls }) => calls),
      ['command'],
    );
    this.counter(
      'goredis_failed_commands_total',
      'Commands that ran and answered an error.',
      byCommand(({ failed }) => failed),
      ['command'],
    );
    this.counter(
      'goredis_rejected_commands_total',
      'Commands that were refused before they ran.',
      byCommand(({ rejected }) => rejected),
      ['command'],
    );
    new CommandDurations(server, this.registry);
    this.counter(
      'goredis_error_replies_total',
      'Replies that were errors, by their first word.',
      () => [...engine.calls.errorCodes].map(([code, count]) => [{ code }, count]),
      ['code'],
    );
    this.counter(
      'goredis_keyspace_hits_total',
      'Look-ups that found their key.',
      () => engine.keyspaceHits,
    );
    this.counter(
      'goredis_keyspace_misses_total',
      'Look-ups that did not.',
      () => engine.keyspaceMisses,
    );
    this.counter(
      'goredis_expired_keys_total',
      'Keys removed at their deadlines.',
      () => engine.expiredKeys,
    );
    this.counter(
      'goredis_evicted_keys_total',
      'Keys removed because memory was full.',
      () => engine.evictedKeys,
    );
    this.gauge(
      'goredis_expiry_lag_seconds',
      'How long after their deadlines keys were removed, of the last ones.',
      () => {
        const { p50Ms, p99Ms } = engine.expiryLag.figures();
        return [
          [{ quantile: '0.5' }, p50Ms / 1000],
          [{ quantile: '0.99' }, p99Ms / 1000],
        ];
      },
    );
    this.counter('goredis_store_commits_total', 'Commits of the store.', () => engine.commits);
    this.counter(
      'goredis_store_conflicts_total',
      'Commits that met a newer version.',
      () => engine.conflicts,
    );

    for (const [section, fields] of Object.entries(server.engine.store.stats())) {
      for (const [field, first] of Object.entries(fields)) {
        if (typeof first !== 'number') continue;
        this.gauge(
          `goredis_${section.toLowerCase()}_${field}`,
          `As ${field} in INFO ${section.toLowerCase()}.`,
          () => Number(server.engine.store.stats()[section]![field]),
        );
      }
    }

    this.gauge('goredis_memory_bytes', 'Memory by kind; used is what maxmemory limits.', () => {
      const figures = server.memory.figures();
      return [
        [{ kind: 'used' }, figures.usedBytes],
        [{ kind: 'dataset' }, figures.datasetBytes],
        [{ kind: 'clients' }, figures.clientBytes],
        [{ kind: 'resident' }, figures.residentBytes],
        [{ kind: 'heap' }, figures.heapBytes],
        [{ kind: 'external' }, figures.externalBytes],
      ];
    });
    this.gauge(
      'goredis_max_memory_bytes',
      'maxmemory; 0: no limit.',
      () => server.config.maxMemoryBytes,
    );
    this.gauge(
      'goredis_event_loop_lag_seconds',
      'How late the event loop was since the last scrape.',
      () => {
        // The times between two looks at it; NaN before the first.
        const seconds = (ns: number): number =>
          Math.max(0, ns / 1e9 - LOOP_RESOLUTION_MS / 1000) || 0;
        const { loopDelay } = this;
        const lag: Labelled = [
          [{ quantile: '0.5' }, seconds(loopDelay.percentile(50))],
          [{ quantile: '0.99' }, seconds(loopDelay.percentile(99))],
          [{ quantile: '1' }, seconds(loopDelay.max)],
        ];
        loopDelay.reset();
        return lag;
      },
    );
    this.loopDelay.enable();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Ends the measure of the event loop. */
  stop(): void {
    this.loopDelay.disable();
  }

  private gauge(name: string, help: string, read: () => number | Labelled): void {
    const labelNames = [...new Set(labelled(read()).flatMap(([labels]) => Object.keys(labels)))];
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [labels, value] of labelled(read())) this.set(labels, value);
      },
    });
  }

  /** @param labelNames those of the figures; there may be no figures yet */
  private counter(
    name: string,
    help: string,
    read: () => number | Labelled,
    labelNames: readonly string[] = [],
  ): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [labels, value] of labelled(read())) this.inc(labels, value);
      },
    });
  }
}

function labelled(figures: number | Labelled): Labelled {
  return typeof figures === 'number' ? [[{}, figures]] : figures;
}
