/** The sections of INFO on commands: commandstats, errorstats, latencystats. */
import type { CommandMetadata } from '../engine/command';
import type { CallFigures } from '../engine/calls';
import type { Server } from './server';

type Field = readonly [name: string, value: string | number];

/** Every command and subcommand with figures, by its full name. */
function* figures(server: Server): Generator<readonly [name: string, figures: CallFigures]> {
  const { calls } = server.engine.stats;
  const row = function* (name: string, command: CommandMetadata): ReturnType<typeof figures> {
    const found = calls.of(command);
    if (found !== undefined) yield [name, found];
  };
  for (const command of server.commands.all()) {
    yield* row(command.name, command);
    for (const sub of command.subcommands ?? []) yield* row(`${command.name}|${sub.name}`, sub);
  }
}

export function commandFields(server: Server): readonly Field[] {
  return [...figures(server)].map(([name, { calls, us, rejected, failed }]) => {
    const usec = Math.floor(us);
    const each = calls === 0 ? 0 : usec / calls;
    return [
      `cmdstat_${name}`,
      `calls=${calls},usec=${usec},usec_per_call=${each.toFixed(2)}` +
        `,rejected_calls=${rejected},failed_calls=${failed}`,
    ];
  });
}

export function errorFields({ engine }: Server): readonly Field[] {
  return [...engine.stats.calls.errorCodes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => [`errorstat_${safe(code)}`, `count=${count}`]);
}

export function latencyFields(server: Server): readonly Field[] {
  const { latencyTracking, latencyPercentiles } = server.config;
  if (!latencyTracking) return [];
  return [...figures(server)].flatMap(([name, { latency }]): Field[] => {
    if (latency === undefined) return [];
    const shown = latencyPercentiles.map(
      (percent) => `p${trimmed(percent)}=${(latency.percentile(percent) / 1000).toFixed(3)}`,
    );
    return [[`latency_percentiles_usec_${name}`, shown.join(',')]];
  });
}

/** As `%f` without its last zeros. */
function trimmed(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

/** Characters that would break a line of INFO apart. Source: getSafeInfoString in server.c */
function safe(text: string): string {
  return text.replace(/[#:\n\r]/g, '_');
}
