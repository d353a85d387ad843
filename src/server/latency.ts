/**
 * The latency monitor: when something has kept all clients waiting for longer than
 * `latency-monitor-threshold`, and for how long.
 * Source: latency.c of Redis 7.0
 */
import type { Config } from '../config';
import type { LatencyPort, LatencySeries } from '../engine/latency-port';
import type { Clock } from '../lib/clock';
import { sparkline } from '../lib/sparkline';
import { latencyReport } from './latency-report';

export type LatencyEvent = 'command' | 'fast-command' | 'expire-cycle' | 'eviction-cycle';

/** Seconds that are kept of an event. */
const MAX_SAMPLES = 160;
const GRAPH_COLUMNS = 80;
const GRAPH_ROWS = 4;

interface Series extends LatencySeries {
  readonly samples: { readonly atS: number; ms: number }[];
  maxMs: number;
}

export class LatencyMonitor implements LatencyPort {
  private readonly series = new Map<string, Series>();

  constructor(
    private readonly config: Pick<Config, 'latencyThresholdMs' | 'slowerThanUs'>,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  /** Keeps what took as long as the threshold says. Of several in one second the longest counts. */
  add(event: LatencyEvent, exactMs: number): void {
    const ms = Math.floor(exactMs);
    const { latencyThresholdMs } = this.config;
    if (latencyThresholdMs === 0 || ms < latencyThresholdMs) return;
    let series = this.series.get(event);
    if (series === undefined) {
      series = { event, samples: [], maxMs: 0 };
      this.series.set(event, series);
    }
    const { samples } = series;
    series.maxMs = Math.max(series.maxMs, ms);
    const atS = this.nowS();
    const last = samples.at(-1);
    if (last?.atS === atS) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    samples.push({ atS, ms });
    if (samples.length > MAX_SAMPLES) samples.shift();
  }

  all(): readonly LatencySeries[] {
    return [...this.series.values()];
  }

  of(event: string): LatencySeries | undefined {
    return this.series.get(event);
  }

  reset(event?: string): number {
    const before = this.series.size;
    if (event === undefined) this.series.clear();
    else this.series.delete(event.toLowerCase());
    return before - this.series.size;
  }

  graph(event: string): string | undefined {
    const series = this.series.get(event);
    if (series === undefined) return undefined;
    const { samples, maxMs } = series;
    const all = samples.map(({ ms }) => ms);
    const nowS = this.nowS();
    const columns = samples.map(({ atS, ms }) => ({ value: ms, label: shortAge(nowS - atS) }));
    return (
      `${event} - high ${Math.max(...all)} ms, low ${Math.min(...all)} ms` +
      ` (all time high ${maxMs} ms)\n${'-'.repeat(GRAPH_COLUMNS)}\n` +
      sparkline(columns, GRAPH_COLUMNS, GRAPH_ROWS)
    );
  }

  report(): string {
    return latencyReport(this.all(), this.nowS(), this.config);
  }

  private nowS(): number {
    return Math.floor(this.clock.nowMs() / 1000);
  }
}

function shortAge(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 3600 * 24) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / (3600 * 24))}d`;
}
