/**
 * How long the calls of each command took, for Prometheus: a histogram whose buckets are read, when
 * somebody asks, from the histograms that INFO latencystats shows. Like those it stands still while
 * `latency-tracking` is off.
 */
import {
  Gauge,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValueWithName,
  type Registry,
} from 'prom-client';
import type { Server } from './server';

/** Seconds. What took a second or longer is not told apart. */
const BOUNDS = [
  0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
];
const BOUNDS_NS = BOUNDS.map((seconds) => Math.round(seconds * 1e9));

const NAME = 'goredis_command_duration_seconds';
type Value = MetricValueWithName<string>;

/** Not prom-client's own Histogram: that one shows only what it has counted itself. */
export class CommandDurations extends Gauge {
  constructor(
    private readonly server: Server,
    registry: Registry,
  ) {
    super({
      name: NAME,
      help: 'Time that commands took.',
      labelNames: ['command'],
      registers: [registry],
    });
  }

  override async get(): Promise<MetricObjectWithValues<Value>> {
    const described = await super.get();
    // There is the enum in prom-client's types, but not in prom-client.
    return { ...described, type: 'histogram' as unknown as MetricType, values: this.samples() };
  }

  private samples(): Value[] {
    const { calls, commands } = this.server;
    const samples: Value[] = [];
    for (const [command, { us, latency }] of calls.named(commands.all())) {
      if (latency === undefined) continue;
      const add = (kind: string, value: number, labels: Value['labels'] = {}): void =>
        void samples.push({ metricName: `${NAME}_${kind}`, labels: { ...labels, command }, value });
      const counts = latency.upTo(BOUNDS_NS);
      BOUNDS.forEach((le, at) => add('bucket', counts[at]!, { le }));
      add('bucket', latency.count, { le: '+Inf' });
      add('sum', us / 1e6);
      add('count', latency.count);
    }
    return samples;
  }
}
