import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { request } from 'node:http';
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
      goredis_commands_total: 6,
      goredis_error_replies_total: 1,
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
    expect((await scrape(ports[0])).get('goredis_commands_total')).toBe(1);
    expect((await scrape(ports[1])).get('goredis_commands_total')).toBe(0);
    client.destroy();
    for (const server of servers) await server.stop();
  });
});
