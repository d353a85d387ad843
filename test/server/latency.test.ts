/** LATENCY beside redis-server: what is slow there is slow here, and is told in the same words. */
import { ManualClock } from '../../src/lib/clock';
import { LatencyMonitor } from '../../src/server/latency';
import { startGoredis } from '../support/goredis';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { until } from '../support/until';

type Line = readonly string[];

const ask = async (client: RawClient, ...request: string[]): Promise<string> =>
  (await client.command(...request)).toString('latin1');

/** A report or list without its figures, its events in order. */
const masked = (text: string): string => text.replace(/[\d.]+/g, '#');

const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `e${at}`);

/** Requests that take milliseconds: a fast command and one that is not. */
const slow: readonly Line[] = [
  ['RPUSH', 'l', ...many(100_000)],
  ['LRANGE', 'l', '0', '-1'],
];

/** Every reading of the monotonic clock is `stepMs` after the one before. */
class SteppingClock extends ManualClock {
  stepMs = 0;
  private ms = 0;
  override monotonicMs(): number {
    return (this.ms += this.stepMs);
  }
}

it('tells of slow commands in the words of redis-server', async () => {
  const redis = await startRedisServer();
  const clock = new SteppingClock();
  const goredis = await startGoredis({ clock });
  const script: readonly Line[] = [
    ['LATENCY', 'DOCTOR'],
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'RESET'],
    ['CONFIG', 'SET', 'latency-monitor-threshold', '3'],
    ['LATENCY', 'DOCTOR'],
    slow[1]!,
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'HISTORY', 'command'],
    ['LATENCY', 'DOCTOR'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '3999'],
    ['LATENCY', 'DOCTOR'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '-1'],
    ['LATENCY', 'DOCTOR'],
    ['CONFIG', 'SET', 'latency-monitor-threshold', '0'],
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'RESET', 'COMMAND', 'command', 'nosuch'],
    ['CONFIG', 'SET', 'latency-monitor-threshold', '3'],
    slow[0]!,
    ['LATENCY', 'LATEST'],
    ['LATENCY', 'DOCTOR'],
    ['LATENCY', 'HISTORY', 'FAST-COMMAND'],
    ['LATENCY', 'GRAPH', 'FAST-COMMAND'],
    ['LATENCY', 'GRAPH', 'fast-command'],
    ['LATENCY', 'RESET'],
    ['LATENCY', 'RESET', 'fast-command'],
    ['LATENCY', 'LATEST'],
    ['HELLO', '3'],
    ['LATENCY', 'DOCTOR'],
    ['HELLO', '2'],
    ['LATENCY', 'GRAPH', 'fast-command'],
    ['LATENCY', 'HISTORY'],
    ['LATENCY', 'GRAPH'],
    ['LATENCY', 'LATEST', 'x'],
    ['LATENCY', 'DOCTOR', 'x'],
    ['LATENCY', 'HELP', 'x'],
    ['LATENCY', 'HELP'],
    ['LATENCY', 'NOSUCH'],
    ['LATENCY'],
  ];
  const replies = async (port: number): Promise<string[]> => {
    const client = await connectRaw(port);
    client.send(encodeRequest(slow[0]!));
    await client.readReply();
    const shown: string[] = [];
    for (const request of script) {
      clock.stepMs = slow.includes(request) ? 20 : 0;
      client.send(encodeRequest(request));
      const reply = (await client.readReply()).toString('latin1');
      if (request[0] !== 'LATENCY') continue;
      shown.push(`${request.join(' ')}: ${masked(reply)}`);
    }
    client.destroy();
    return shown;
  };
  const [ours, theirs] = [await replies(goredis.port), await replies(redis.port)];
  await goredis.stop();
  await redis.stop();
  expect(ours).toEqual(theirs);
  expect(ours.join()).toContain(') Lower the system load');
});

it('tells of expiry and evictions that stop everybody', async () => {
  const clock = new SteppingClock();
  clock.stepMs = 20;
  const { port, server, stop } = await startGoredis({ clock, latencyThresholdMs: 20 });
  const { latency } = server;
  const client = await connectRaw(port);
  const setUp: readonly Line[] = [
    ['SET', 'a', 'x', 'PX', '5000'],
    ['SET', 'b', 'x'],
    ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random'],
    ['LATENCY', 'RESET'],
  ];
  for (const request of setUp) await client.command(...request);
  clock.advance(5000);
  const atS = clock.nowMs() / 1000;
  const samples = [{ atS, ms: 20 }];
  expect(latency.of('expire-cycle')).toEqual({ event: 'expire-cycle', samples, maxMs: 20 });
  await client.command('CONFIG', 'SET', 'maxmemory', '1');
  await until(() => latency.of('eviction-cycle') !== undefined);
  expect(latency.of('eviction-cycle')).toEqual({ event: 'eviction-cycle', samples, maxMs: 20 });
  latency.reset('Command');
  latency.reset('fast-command');
  expect(latency.report()).toMatch(
    /don't mind.*\n\n1\. expire-cycle: 1 .*\n2\. eviction-cycle: 1 latency spikes \(average 20ms, mean deviation 0ms, period 1\.00 sec\)\. Worst all time event 20ms\.\n\nI have a few advices for you:\n\n- Deleting, .*\n- Sudden changes .* \n$/,
  );
  await client.command('CONFIG', 'SET', 'latency-monitor-threshold', '0');
  latency.reset();
  await client.command('SET', 'c', 'x', 'PX', '5000');
  clock.advance(5000);
  expect(latency.all()).toEqual([]);
  client.destroy();
  await stop();
});

it('counts the calls of each command, and takes the same names', async () => {
  const redis = await startRedisServer();
  const goredis = await startGoredis();
  const before: readonly Line[] = [
    ['CONFIG', 'RESETSTAT'],
    ['SET', 'a', 'b'],
    ['SET', 'c', 'd'],
    ['GET', 'a'],
    ['CLIENT', 'ID'],
    ['CLIENT', 'GETNAME'],
  ];
  const asked: readonly Line[] = [
    ['set'],
    ['GET', 'set', 'get'],
    ['client|id'],
    ['Client|GetName', 'hset'],
    ['nosuch', 'set|x', 'client|id|x', 'client|nosuch'],
    ['config'],
    [],
    ['latency'],
  ];
  const counts = (text: string): string =>
    text
      // The bounds and what lies below them are times.
      .replace(/(histogram_usec\r\n)[*%]\d+\r\n(:\d+\r\n)+/g, '$1')
      .replace(/\$\d+\r\n/g, '');
  const replies = async (port: number): Promise<string[]> => {
    const client = await connectRaw(port);
    const shown: string[] = [];
    for (const protocol of ['2', '3']) {
      await client.command('HELLO', protocol);
      for (const request of before) await client.command(...request);
      for (const names of asked) {
        const text = counts(await ask(client, 'LATENCY', 'HISTOGRAM', ...names));
        // Redis's order is that of its hash table.
        shown.push(
          `${names.join(' ')}: ${text
            .split(/(?=^[a-z|]+\r\n[*%])/m)
            .sort()
            .join()}`,
        );
      }
    }
    client.destroy();
    return shown;
  };
  const [ours, theirs] = [await replies(goredis.port), await replies(redis.port)];
  await goredis.stop();
  await redis.stop();
  expect(ours).toEqual(theirs);
});

it('prints histogram bounds that double, in whole microseconds', async () => {
  const { port, server, stop } = await startGoredis();
  const client = await connectRaw(port);
  await client.command('CONFIG', 'RESETSTAT');
  const get = server.commands.get('get')!;
  const session = [...server.sessions][0]!;
  for (const ms of [0.0005, 0.001, 0.003, 0.003, 1.5]) server.calls.record(session, get, [], 1, ms);
  expect(await ask(client, 'LATENCY', 'HISTOGRAM', 'get')).toBe(
    '*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:5\r\n$14\r\nhistogram_usec\r\n' +
      '*6\r\n:1\r\n:2\r\n:4\r\n:4\r\n:2113\r\n:5\r\n',
  );
  client.destroy();
  await stop();
});

it('keeps and draws the samples that redis-server keeps and draws', async () => {
  const redis = await startRedisServer(['--enable-debug-command', 'yes']);
  const client = await connectRaw(redis.port);
  await client.command('CONFIG', 'SET', 'latency-monitor-threshold', '1');
  const clock = new ManualClock();
  const monitor = new LatencyMonitor({ latencyThresholdMs: 1, slowerThanUs: 10_000 }, clock);
  const history = async (): Promise<number[][]> => {
    const text = await ask(client, 'LATENCY', 'HISTORY', 'command');
    return [...text.matchAll(/:(\d+)\r\n:(\d+)/g)].map(([, atS, ms]) => [Number(atS), Number(ms)]);
  };
  for (const [at, seconds] of ['0.01', '0.3', '0.12'].entries()) {
    await until(async () => {
      await client.command('DEBUG', 'SLEEP', seconds);
      return (await history()).length > at;
    });
  }
  const samples = await history();
  for (const [atS, ms] of samples) {
    clock.advance(atS! * 1000 - clock.nowMs());
    monitor.add('command', ms! + 0.9);
    monitor.add('command', ms! - 1);
  }
  const theirs = await ask(client, 'LATENCY', 'GRAPH', 'command');
  client.destroy();
  await redis.stop();
  const graphs = [0, 1, 2, 3].map(() => {
    const text = monitor.graph('command')!;
    clock.advance(1000);
    return `$${text.length}\r\n${text}\r\n`;
  });
  expect(graphs).toContain(theirs);
  expect(monitor.of('command')!.samples).toEqual(samples.map(([atS, ms]) => ({ atS, ms })));
});

it('keeps the longest of a second, 160 seconds of each event, and the longest of all', () => {
  const clock = new ManualClock();
  const monitor = new LatencyMonitor({ latencyThresholdMs: 10, slowerThanUs: 10_000 }, clock);
  monitor.add('command', 9.99);
  expect(monitor.all()).toEqual([]);
  for (const ms of [900, 12, 15, 11]) {
    monitor.add('command', ms);
    if (ms === 900) clock.advance(1000);
  }
  expect(monitor.of('command')).toMatchObject({
    samples: [{ ms: 900 }, { ms: 15 }],
    maxMs: 900,
  });
  for (let second = 0; second < 159; second++) {
    clock.advance(1000);
    monitor.add('command', 20);
  }
  expect(monitor.of('command')!.samples).toHaveLength(160);
  expect(monitor.of('command')!.samples[0]!.ms).toBe(15);
  clock.advance(3600_000);
  monitor.add('command', 100);
  const [title, line, ...rows] = monitor.graph('command')!.split('\n');
  expect(title).toBe('command - high 100 ms, low 20 ms (all time high 900 ms)');
  expect(line).toBe('-'.repeat(80));
  // Two blocks of 80 columns: four rows, an empty one, and labels of up to three characters.
  expect(rows.map((row) => row.length)).toEqual([
    80,
    80,
    80,
    80,
    80,
    80,
    80,
    0,
    ...Array(7).fill(80),
    0,
  ]);
  expect(rows.at(-2)).toMatch(/^h+s$/);
});
