/** Options on what the server tells of the commands it runs: SLOWLOG, LATENCY, INFO, DEBUG. */
import { numbers } from './inert-types';
import { option } from './option';
import { integer, oneOf, yesNo } from './types';
import { forcedLine } from './written';

const LONG_MAX = 2n ** 63n - 1n;
const long = (min: number): ReturnType<typeof integer> => integer({ min, max: LONG_MAX });

export const monitoringOptions = {
  slowerThanUs: option('slowlog-log-slower-than', long(-1), {
    default: '10000',
    live: true,
    unit: 'microseconds',
    help: 'Commands that take at least so long are kept for `SLOWLOG GET`. 0: all. -1: none.',
  }),
  slowlogMaxLength: option('slowlog-max-len', long(0), {
    default: '128',
    live: true,
    unit: 'entries',
    help: 'How many of them are kept.',
  }),
  latencyThresholdMs: option('latency-monitor-threshold', long(0), {
    default: '0',
    live: true,
    unit: 'milliseconds',
    help: 'What stops the server for at least so long is kept for `LATENCY`. 0: nothing.',
  }),
  latencyTracking: option('latency-tracking', yesNo(), {
    default: 'yes',
    live: true,
    help: 'Whether the times of each command are counted for `LATENCY HISTOGRAM` and `INFO latencystats`.',
  }),
  latencyPercentiles: option(
    'latency-tracking-info-percentiles',
    {
      ...numbers({
        min: 0,
        max: 100,
        refusals: [
          'Invalid latency-tracking-info-percentiles parameters',
          'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]',
        ],
      }),
      written: forcedLine,
    },
    {
      default: '50 99 99.9',
      live: true,
      unit: 'percent',
      help: 'The percentiles that `INFO latencystats` shows.',
    },
  ),
  debugCommand: option('enable-debug-command', oneOf(['no', 'yes', 'local']), {
    default: 'no',
    help: 'Who may use `DEBUG`: nobody, everybody, or connections from this machine. It stops and inspects the server, and is for tests.',
  }),
};
