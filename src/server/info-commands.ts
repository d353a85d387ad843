/** The sections of INFO on commands: commandstats, errorstats, latencystats. */
import type { CallFigures } from '../engine/calls';
import type { Server } from './server';

type Field = readonly [name: string, value: string | number];

function figures({ engine, commands }: Server): Iterable<readonly [string, CallFigures]> {
  return engine.stats.calls.named(commands.all());
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

/** What commands have cost at the store: a part of each request that they share. */
export function costFields({ engine }: Server): readonly Field[] {
  return engine.stats.costs
    .all()
    .map(([name, { requests, readUnits, writeUnits }]) => [
      `cmdcost_${safe(name)}`,
      `requests=${trimmed(requests)},read_units=${trimmed(readUnits)},write_units=${trimmed(writeUnits)}`,
    ]);
}

/** As `%f` without its last zeros. */
function trimmed(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

/** Characters that would break a line of INFO apart. Source: getSafeInfoString in server.c */
function safe(text: string): string {
  return text.replace(/[#:\n\r]/g, '_');
}
