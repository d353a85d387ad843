/**
 * Sees to it that calls that took long come into the slowlog and the latency monitor, and that the
 * engine is timed as finely as the options on them ask for.
 */
import type { Config } from '../config';
import type { Engine } from '../engine/engine';
import { metadataOf } from '../engine/subcommand';
import type { Clock } from '../lib/clock';
import type { LatencyMonitor } from './latency';
import type { Monitors } from './monitors';
import type { Slowlog } from './slowlog';

/** Equal quick commands of a chunk that may be timed as one. */
const MAX_RUN = 16;
/**
 * Below this threshold each command is timed by itself: a run of quick commands could reach it
 * without a slow one among them.
 */
const MIN_RUN_THRESHOLD_US = 1000;

interface Watched {
  readonly config: Config;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly slowlog: Slowlog;
  readonly latency: LatencyMonitor;
  readonly monitors: Monitors;
}

export function watchCalls(watched: Watched): void {
  const { config, clock, engine, slowlog, latency, monitors } = watched;
  const { calls } = engine.stats;
  const update = (): void => {
    const { slowerThanUs, latencyThresholdMs } = config;
    calls.slowUs = monitors.active
      ? -Infinity
      : Math.min(
          slowerThanUs < 0 ? Infinity : slowerThanUs,
          latencyThresholdMs === 0 ? Infinity : latencyThresholdMs * 1000,
        );
    calls.maxRun = calls.slowUs < MIN_RUN_THRESHOLD_US ? 1 : MAX_RUN;
    if (slowerThanUs >= 0) slowlog.trim(config.slowlogMaxLength);
    engine.timeCycles(latencyThresholdMs === 0 ? undefined : (cycle, ms) => latency.add(cycle, ms));
  };
  calls.onSlow = (client, command, argv, us, db) => {
    if (monitors.active) monitors.tell(client, command, argv, db);
    const { flags } = metadataOf(command, argv);
    latency.add(flags.includes('fast') ? 'fast-command' : 'command', us / 1000);
    const { slowerThanUs } = config;
    if (slowerThanUs < 0 || us < slowerThanUs) return;
    slowlog.add(client, command, argv, us, clock.nowMs());
    slowlog.trim(config.slowlogMaxLength);
  };
  monitors.onChange = update;
  for (const option of ['slowerThanUs', 'slowlogMaxLength', 'latencyThresholdMs'] as const) {
    config.onChange(option, update);
  }
  update();
}
