/** Figures of INFO: real ones, and those that Redis has too are the same there. */
import { ManualClock } from '../../src/lib/clock';
import { startGoredis } from '../support/goredis';
import { infoOf } from '../support/info';
import { connectRaw } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { until } from '../support/until';

/** Fields that count what the script did. */
const counted = [
  'connected_clients',
  'total_connections_received',
  'total_commands_processed',
  'total_error_replies',
  'rejected_connections',
  'expired_keys',
  'keyspace_hits',
  'keyspace_misses',
  'db0',
  'db3',
];

const script =
  'SET a 1,SET b 2,GET a,GET nosuch,MGET a b c,STRLEN a,INCR a,' +
  'NOSUCH,GET,LPUSH a x,SETEX c 1000 v,SELECT 3,SET d 1,GET a,MULTI,SET e 1,GET e,GET f,EXEC,' +
  'MULTI,NOSUCH,EXEC,MULTI,GET d,DISCARD,WATCH d,SET d 2,MULTI,GET d,EXEC,EXEC,HSET h f v,' +
  'HGET h f,HGET nosuch f,LPUSH l 1,LRANGE l 0 -1,DEL d nosuch,RENAME h h2,PING,PING a b c';

it('counts as Redis does', async () => {
  const redis = await startRedisServer();
  const goredis = await startGoredis();
  const figures = async (port: number): Promise<(string | undefined)[]> => {
    const client = await connectRaw(port);
    await client.command('CONFIG', 'RESETSTAT');
    const other = await connectRaw(port);
    await other.command('PING');
    for (const line of script.split(',')) await client.command(...line.split(' '));
    const fields = await infoOf(other);
    client.destroy();
    other.destroy();
    return counted.map((field) => `${field}:${fields.get(field)?.replace(/avg_ttl=\d+/, '')}`);
  };
  expect(await figures(goredis.port)).toEqual(await figures(redis.port));
  await goredis.stop();
  await redis.stop();
});

it('tells of clients, bytes and time', async () => {
  const clock = new ManualClock();
  const { port, server, stop } = await startGoredis({ clock, maxClients: 77 });
  const client = await connectRaw(port);
  const others = await Promise.all([1, 2].map(() => connectRaw(port)));
  for (const other of others) await other.command('PING');
  let fields = await infoOf(client);
  const request = '*1\r\n$4\r\nPING\r\n'.length;
  const question = '*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n'.length;
  expect(fields.get('connected_clients')).toBe('3');
  expect(fields.get('maxclients')).toBe('77');
  expect(fields.get('total_net_input_bytes')).toBe(String(2 * request + question));
  expect(fields.get('total_net_output_bytes')).toBe(String(2 * '+PONG\r\n'.length));
  expect(fields.get('tcp_port')).toBe(String(port));
  expect(fields.get('process_id')).toBe(String(process.pid));
  expect(fields.get('config_file')).toBe('');
  expect(fields.get('redis_version')).toBe('7.0.15');
  expect(fields.get('goredis_version')).toBe(server.version);
  expect(Number(fields.get('used_memory_rss'))).toBeGreaterThan(1 << 20);

  await others[0]!.end();
  await until(() => server.sessions.size === 2);
  clock.advance(100_000_500);
  fields = await infoOf(client);
  expect(fields.get('connected_clients')).toBe('2');
  expect(fields.get('uptime_in_seconds')).toBe('100000');
  expect(fields.get('uptime_in_days')).toBe('1');
  expect(fields.get('server_time_usec')).toBe(String(clock.nowMs() * 1000));
  client.destroy();
  others[1]!.destroy();
  await stop();
});

it('tells rates between the last two readings', async () => {
  const clock = new ManualClock();
  const { port, stop } = await startGoredis({ clock });
  const client = await connectRaw(port);
  const rates = async (): Promise<(string | undefined)[]> => {
    const fields = await infoOf(client, 'stats');
    return ['ops_per_sec', 'input_kbps', 'output_kbps'].map((name) =>
      fields.get(`instantaneous_${name}`),
    );
  };
  expect(await rates()).toEqual(['0', '0.00', '0.00']);
  await client.command('CONFIG', 'RESETSTAT');
  await client.command('ECHO', 'x'.repeat(10_240));
  clock.advance(99);
  expect(await rates()).toEqual(['0', '0.00', '0.00']);
  for (let i = 0; i < 37; i++) await client.command('PING');
  clock.advance(1901);
  const [commands, input, output] = await rates();
  // RESETSTAT and INFO, too, count when they are done.
  expect(commands).toBe('20');
  expect(Number(input)).toBeCloseTo(5, 0);
  expect(Number(output)).toBeGreaterThan(5);
  // The same answer until 100 ms have passed.
  expect(await rates()).toEqual([commands, input, output]);
  clock.advance(100_000);
  expect(await rates()).toEqual(['0', '0.00', expect.stringMatching(/^0\.0\d$/)]);
  client.destroy();
  await stop();
});

it('tells of keys, deadlines and what has expired', async () => {
  const clock = new ManualClock();
  const { port, stop } = await startGoredis({ clock });
  const client = await connectRaw(port);
  await client.command('SET', 'a', '1', 'PX', '1000');
  await client.command('SET', 'b', '1', 'PX', '3000');
  await client.command('SET', 'c', '1');
  await client.command('SELECT', '15');
  await client.command('SET', 'd', '1');
  let fields = await infoOf(client, 'keyspace');
  expect([...fields]).toEqual([
    ['db0', 'keys=3,expires=2,avg_ttl=2000'],
    ['db15', 'keys=1,expires=0,avg_ttl=0'],
  ]);
  clock.advance(1000);
  await client.command('SELECT', '0');
  expect(String(await client.command('GET', 'a'))).toBe('$-1\r\n');
  fields = await infoOf(client);
  expect(fields.get('db0')).toBe('keys=2,expires=1,avg_ttl=2000');
  expect(fields.get('expired_keys')).toBe('1');
  client.destroy();
  await stop();
});

describe('INFO beside redis-server', () => {
  const requests = (
    'CONFIG RESETSTAT,SET a 1,SET b 2,GET a,GET,GET a b,NOSUCH,LPUSH a x,INCR a x,CONFIG NOSUCH,' +
    'CONFIG GET,CONFIG GET port,CONFIG,CLIENT ID,CLIENT NOSUCH,OBJECT ENCODING a,MULTI,GET a,' +
    'LPUSH a x,EXEC,MULTI,NOSUCH,EXEC,EXEC,EXEC x,MULTI,MULTI,WATCH a,DISCARD,DISCARD,' +
    'HELLO 7,AUTH x,AUTH a b,SELECT 99,SETEX a 0 b,COMMAND COUNT,COMMAND'
  )
    .split(',')
    .map((line) => line.split(' '));

  /** A section after the requests; without times, and its lines in order. */
  async function section(port: number, name: string): Promise<string[]> {
    const client = await connectRaw(port);
    for (const request of requests) await client.command(...request);
    const text = String(await client.command('INFO', name));
    client.destroy();
    return text
      .split('\r\n')
      .slice(1)
      .map((line) =>
        line.replace(/usec=\d+,usec_per_call=[\d.]+/, 'us').replace(/=\d+\.\d{3}/g, '=us'),
      )
      .sort();
  }

  it.each(['commandstats', 'errorstats', 'latencystats', 'CommandStats'])('%s', async (name) => {
    const redis = await startRedisServer();
    const goredis = await startGoredis();
    const shown = [await section(goredis.port, name), await section(redis.port, name)];
    await goredis.stop();
    await redis.stop();
    expect(shown[0]).toEqual(shown[1]);
    expect(shown[0]!.length).toBeGreaterThan(5);
  });

  it('has the sections that were asked for', async () => {
    const redis = await startRedisServer();
    const goredis = await startGoredis();
    const asked = [
      ...['', 'all', 'default', 'everything', 'cpu', 'nosuch', 'modules', 'module_list'],
      ...['cpu all', 'cpu default', 'latencystats default', 'server SERVER nosuch keyspace'],
    ];
    const titles = async (port: number): Promise<string[][]> => {
      const client = await connectRaw(port);
      const shown: string[][] = [];
      for (const names of asked) {
        const text = String(await client.command('INFO', ...names.split(' ').filter(Boolean)));
        shown.push([names, ...(text.match(/^# \w+/gm) ?? [])]);
      }
      client.destroy();
      return shown;
    };
    const shown = [await titles(goredis.port), await titles(redis.port)];
    await goredis.stop();
    await redis.stop();
    expect(shown[0]).toEqual(shown[1]);
  });

  it('prints the percentiles that are asked for, and none while nothing is tracked', async () => {
    const { port, stop } = await startGoredis({ latencyPercentiles: [0, 33.25, 100] });
    const client = await connectRaw(port);
    await client.command('PING');
    const shown = async (): Promise<string> => String(await client.command('INFO', 'latencystats'));
    expect(await shown()).toMatch(/ping:p0=[\d.]+,p33\.25=[\d.]+,p100=[\d.]+\r/);
    await client.command('CONFIG', 'SET', 'latency-tracking', 'no');
    expect(await shown()).toBe('$16\r\n# Latencystats\r\n\r\n');
    client.destroy();
    await stop();
  });
});
