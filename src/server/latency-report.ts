/**
 * The text of LATENCY DOCTOR, in Redis's words. Its advice on saving, on `hz` and on huge pages is
 * left out: here nothing is saved, and keys expire at their deadlines whatever `hz` says.
 * Source: createLatencyReport in latency.c of Redis 7.0
 */
import type { LatencySeries } from '../engine/latency-port';

/** The options that the advice depends on. */
export interface ReportOptions {
  readonly latencyThresholdMs: number;
  readonly slowerThanUs: number;
}

const DISABLED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
const NOTHING_SEEN =
  'Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n';
const INTRODUCTION =
  "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n";

const enableSlowlog = (us: number): string =>
  `- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using the command 'CONFIG SET slowlog-log-slower-than ${us}'. If the Slow log is disabled Redis is not able to log slow commands execution for you.\n`;
const tuneSlowlog = (us: number): string =>
  `- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than ${us}'.\n`;
const INSPECT_SLOWLOG =
  '- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check https://redis.io/commands/slowlog for more information.\n';
const SCHEDULER =
  '- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not provide Redis CPU time to run for long periods. You should try to:\n' +
  '  1) Lower the system load.\n' +
  '  2) Use a computer / VM just for Redis if you are running other software in the same system.\n' +
  '  3) Check if you have a "noisy neighbour" problem.\n' +
  "  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n" +
  '  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using Jemalloc. However this may create fragmentation problems.\n';
const LARGE_OBJECTS =
  '- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n';
const MASS_EVICTION =
  "- Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets or sorted sets intersections, STORE option of SORT, Redis Cluster large keys migrations (RESTORE command), may create sudden memory pressure forcing the server to block trying to evict keys. \n";

export function latencyReport(
  all: readonly LatencySeries[],
  nowS: number,
  options: ReportOptions,
): string {
  if (all.length === 0) return options.latencyThresholdMs === 0 ? DISABLED : NOTHING_SEEN;
  const seen = new Set(all.map(({ event }) => event));
  const advice = seen.has('command') ? slowlogAdvice(options) : [];
  if (seen.has('fast-command')) advice.push(SCHEDULER);
  if (seen.has('command') || seen.has('expire-cycle')) advice.push(LARGE_OBJECTS);
  if (seen.has('eviction-cycle')) advice.push(MASS_EVICTION);
  const lines = all.map((series, at) => `${at + 1}. ${summary(series, nowS)}\n`);
  return `${INTRODUCTION}${lines.join('')}\nI have a few advices for you:\n\n${advice.join('')}`;
}

function slowlogAdvice({ latencyThresholdMs, slowerThanUs }: ReportOptions): string[] {
  const us = latencyThresholdMs * 1000;
  if (slowerThanUs < 0) return [enableSlowlog(us), INSPECT_SLOWLOG];
  const misses = Math.floor(slowerThanUs / 1000) > latencyThresholdMs;
  return misses ? [tuneSlowlog(us), INSPECT_SLOWLOG] : [INSPECT_SLOWLOG];
}

/** Source: analyzeLatencyForEvent */
function summary({ event, samples, maxMs }: LatencySeries, nowS: number): string {
  const count = samples.length;
  const mean = (values: readonly number[]): number =>
    Math.floor(values.reduce((sum, value) => sum + value, 0) / count);
  const average = mean(samples.map(({ ms }) => ms));
  const deviation = mean(samples.map(({ ms }) => Math.abs(average - ms)));
  const periodS = nowS - samples[0]!.atS || 1;
  return (
    `${event}: ${count} latency spikes (average ${average}ms, mean deviation ${deviation}ms, ` +
    `period ${(periodS / count).toFixed(2)} sec). Worst all time event ${maxMs}ms.`
  );
}
