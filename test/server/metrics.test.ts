import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { ManualClock } from '../../src/lib/clock';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

function ask(port: number, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The samples of a scrape, by name and labels. */
async function scrape(port: number): Promise<Map<string, number>> {
  const { text } = await ask(port, '/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

describe('metrics-port', () => {
  it('tells the figures of the server', async () => {
    const metricsPort = await freePort();
    const clock = new ManualClock();
    const { port, stop } = await startGoredis({ clock, metricsPort, maxMemoryBytes: 1 << 30 });
    const client = await connectRaw(port);
    await client.command('SET', 'k', 'v', 'PX', '1000');
    await client.command('GET', 'k');
    clock.advance(1000);
    await client.command('GET', 'k');
    await client.command('GET', 'none');
    await client.command('LPUSH', 'l', 'x');
    await client.command('INCR', 'l');
    const samples = await scrape(metricsPort);
    const expected = {
      goredis_uptime_seconds: 1,
      goredis_connected_clients: 1,
      goredis_blocked_clients: 0,
      goredis_max_clients: 10_000,
      goredis_connections_total: 1,
      goredis_rejected_connections_total: 0,
      'goredis_commands_total{command="get"}': 3,
      'goredis_commands_total{command="set"}': 1,
      'goredis_commands_total{command="incr"}': 1,
      'goredis_failed_commands_total{command="incr"}': 1,
      'goredis_failed_commands_total{command="set"}': 0,
      'goredis_rejected_commands_total{command="incr"}': 0,
      'goredis_error_replies_total{code="WRONGTYPE"}': 1,
      goredis_keyspace_hits_total: 1,
      goredis_keyspace_misses_total: 2,
      goredis_expired_keys_total: 1,
      goredis_evicted_keys_total: 0,
      'goredis_expiry_lag_seconds{quantile="0.99"}': 0,
      goredis_max_memory_bytes: 1 << 30,
    };
    const found = Object.keys(expected).map((name) => [name, samples.get(name)]);
    expect(Object.fromEntries(found)).toEqual(expected);
    const above = [
      'goredis_memory_bytes{kind="used"}',
      'goredis_memory_bytes{kind="resident"}',
      'goredis_input_bytes_total',
      'goredis_output_bytes_total',
    ];
    for (const name of above) expect([name, samples.get(name)! > 0]).toEqual([name, true]);
    expect(samples.get('goredis_event_loop_lag_seconds{quantile="1"}')).toBeGreaterThanOrEqual(0);

    await client.command('GET', 'none');
    expect((await scrape(metricsPort)).get('goredis_keyspace_misses_total')).toBe(3);
    client.destroy();
    await stop();
  });

  it('tells how long the calls of each command took, and which were refused', async () => {
    const metricsPort = await freePort();
    const { port, server, stop } = await startGoredis({ metricsPort });
    const client = await connectRaw(port);
    const get = server.commands.get('get')!;
    const session = [...server.sessions][0]!;
    const times = [0.0005, 0.0011, 0.0049, 0.0049, 0.3, 2000];
    for (const ms of times) server.calls.record(session, get, [], 1, ms);
    server.calls.record(session, get, [], 16, 0.16);
    await client.command('CLIENT', 'ID');
    await client.command('CLIENT', 'NOSUCH');
    await client.command('GET');
    await client.command('nosuch');
    const samples = await scrape(metricsPort);
    const name = 'goredis_command_duration_seconds';
    const buckets = [...samples].filter(
      ([sample]) => sample.startsWith(`${name}_bucket`) && sample.includes('"get"'),
    );
    const rest = { '0.00005': 20, '0.0001': 20, '0.0005': 21, '0.001': 21, '0.005': 21 };
    const counts = { '0.000001': 1, '0.000005': 4, '0.00001': 20, ...rest };
    const ends = { '0.01': 21, '0.05': 21, '0.1': 21, '0.5': 21, '+Inf': 22 };
    expect(buckets.map(([sample, count]) => [/le="(.*?)"/.exec(sample)?.[1], count])).toEqual(
      Object.entries({ ...counts, ...ends }).map(([le, count]) => [
        le === '+Inf' ? le : String(Number(le)),
        count,
      ]),
    );
    expect(samples.get(`${name}_count{command="get"}`)).toBe(22);
    const seconds = times.reduce((sum, ms) => sum + ms, 0.16) / 1000;
    expect(samples.get(`${name}_sum{command="get"}`)).toBeCloseTo(seconds, 9);
    expect(samples.get(`${name}_count{command="client|id"}`)).toBe(1);
    expect(samples.get('goredis_rejected_commands_total{command="get"}')).toBe(1);
    expect(samples.get('goredis_error_replies_total{code="ERR"}')).toBe(3);

    await client.command('CONFIG', 'RESETSTAT');
    const names = [...(await scrape(metricsPort)).keys()];
    expect(names.filter((sample) => sample.includes('command='))).toEqual(
      expect.arrayContaining(['goredis_commands_total{command="config|resetstat"}']),
    );
    expect(names.filter((sample) => sample.includes('command="get"'))).toEqual([]);
    client.destroy();
    await stop();
  });

  it('tells what docs/metrics.md says, by the same names', async () => {
    const metricsPort = await freePort();
    const { stop } = await startGoredis({ metricsPort });
    const { text } = await ask(metricsPort, '/metrics');
    await stop();
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, n, t]) => [n, t]));
    const told = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, metric, help]) => [
      metric,
      types.get(metric),
      help,
    ]);
    const doc = readFileSync(join(__dirname, '../../docs/metrics.md'), 'utf8');
    const rows = [...doc.matchAll(/^\| `(goredis_\w+)` +\| (\w+) +\| .*? +\| (.*?) +\|$/gm)];
    expect(rows.map(([, ...row]) => row)).toEqual(told);
  });

  it('says that the server is there, and what else it has', async () => {
    const metricsPort = await freePort();
    const { stop } = await startGoredis({ metricsPort });
    const plain = 'text/plain; charset=utf-8';
    expect(await ask(metricsPort, '/healthz')).toEqual({ status: 200, type: plain, text: 'ok\n' });
    expect(await ask(metricsPort, '/healthz', 'HEAD')).toEqual({
      status: 200,
      type: plain,
      text: '',
    });
    expect((await ask(metricsPort, '/metrics?name=x')).type).toBe(
      'text/plain; version=0.0.4; charset=utf-8',
    );
    expect(await ask(metricsPort, '/')).toMatchObject({ status: 404 });
    expect(await ask(metricsPort, '/metrics', 'POST')).toMatchObject({ status: 405 });
    await stop();
    await expect(ask(metricsPort, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('that cannot be had stops the start', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(startGoredis({ metricsPort: port })).rejects.toThrow(
      `Could not listen on 127.0.0.1:${port}: Address already in use`,
    );
    taken.close();
  });

  it('two servers in one process have figures of their own', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const servers = [
      await startGoredis({ metricsPort: ports[0] }),
      await startGoredis({ metricsPort: ports[1] }),
    ] as const;
    const client = await connectRaw(servers[0].port);
    await client.command('PING');
    expect((await scrape(ports[0])).get('goredis_commands_total{command="ping"}')).toBe(1);
    expect((await scrape(ports[1])).get('goredis_commands_total{command="ping"}')).toBeUndefined();
    client.destroy();
    for (const server of servers) await server.stop();
  });
});
