/**
 * Sees to it that slow calls come into the slowlog, and keeps the options on that with the figures
 * of calls.
 */
import type { Config } from '../config';
import type { Calls } from '../engine/calls';
import type { Clock } from '../lib/clock';
import { Slowlog } from './slowlog';

/** Equal quick commands of a chunk that may be timed as one. */
const MAX_RUN = 16;
/**
 * Below this threshold each command is timed by itself: a run of quick commands could reach it
 * without a slow one among them.
 */
const MIN_RUN_THRESHOLD_US = 1000;

/** @returns the slowlog */
export function watchSlowCalls(calls: Calls, config: Config, clock: Clock): Slowlog {
  const slowlog = new Slowlog();
  const update = (): void => {
    const { slowerThanUs } = config;
    calls.slowUs = slowerThanUs < 0 ? Infinity : slowerThanUs;
    calls.maxRun = calls.slowUs < MIN_RUN_THRESHOLD_US ? 1 : MAX_RUN;
    if (slowerThanUs >= 0) slowlog.trim(config.slowlogMaxLength);
  };
  calls.onSlow = (client, command, argv, us) => {
    slowlog.add(client, command, argv, us, clock.nowMs());
    slowlog.trim(config.slowlogMaxLength);
  };
  config.onChange('slowerThanUs', update);
  config.onChange('slowlogMaxLength', update);
  update();
  return slowlog;
}
