/** Figures of INFO: real ones, and those that Redis has too are the same there. */
import { ManualClock } from '../../src/lib/clock';
import { startGoredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { until } from '../support/until';

async function info(client: RawClient, section = 'everything'): Promise<Map<string, string>> {
  const text = String(await client.command('INFO', section));
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

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
    const fields = await info(other);
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
  let fields = await info(client);
  const request = '*1\r\n$4\r\nPING\r\n'.length;
  const question = '*2\r\n$4\r\nINFO\r\n$10\r\neverything\r\n'.length;
  expect(fields.get('connected_clients')).toBe('3');
  expect(fields.get('maxclients')).toBe('77');
  expect(fields.get('total_net_input_bytes')).toBe(String(2 * request + question));
  expect(fields.get('total_net_output_bytes')).toBe(String(2 * '+PONG\r\n'.length));
  expect(fields.get('tcp_port')).toBe(String(port));
  expect(fields.get('process_id')).toBe(String(process.pid));
  expect(fields.get('redis_version')).toBe('7.0.15');
  expect(fields.get('goredis_version')).toBe(server.version);
  expect(Number(fields.get('used_memory_rss'))).toBeGreaterThan(1 << 20);

  await others[0]!.end();
  await until(() => server.sessions.size === 2);
  clock.advance(100_000_500);
  fields = await info(client);
  expect(fields.get('connected_clients')).toBe('2');
  expect(fields.get('uptime_in_seconds')).toBe('100000');
  expect(fields.get('uptime_in_days')).toBe('1');
  expect(fields.get('server_time_usec')).toBe(String(clock.nowMs() * 1000));
  client.destroy();
  others[1]!.destroy();
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
  let fields = await info(client, 'keyspace');
  expect([...fields]).toEqual([
    ['db0', 'keys=3,expires=2,avg_ttl=2000'],
    ['db15', 'keys=1,expires=0,avg_ttl=0'],
  ]);
  clock.advance(1000);
  await client.command('SELECT', '0');
  expect(String(await client.command('GET', 'a'))).toBe('$-1\r\n');
  fields = await info(client);
  expect(fields.get('db0')).toBe('keys=2,expires=1,avg_ttl=2000');
  expect(fields.get('expired_keys')).toBe('1');
  client.destroy();
  await stop();
});
