/** CONFIG SET of the addresses to listen on, beside redis-server. */
import { connect, createServer, type AddressInfo } from 'node:net';
import { assembleServer } from '../../src/assemble';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, RawClient } from '../support/raw-client';
import { freePort, startRedisServer, type RedisServer } from '../support/redis-server';

/** PONG, or the code of the error. */
async function ping(port: number, host = '127.0.0.1'): Promise<string> {
  const socket = connect(port, host);
  const failed = await new Promise<string | undefined>((resolve) => {
    socket.on('connect', () => resolve(undefined));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'error'));
  });
  if (failed !== undefined) return failed;
  const client = new RawClient(socket);
  const reply = String(await client.command('PING'));
  client.destroy();
  return reply;
}

/** A port on which somebody else listens. */
async function takenPort(): Promise<{ port: number; free(): void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, free: () => server.close() };
}

describe.each(['redis-server', 'goredis'])('%s', (which) => {
  let redis: RedisServer | undefined;
  let goredis: Goredis | undefined;
  let client: RawClient;
  let port: number;

  beforeEach(async () => {
    port = await freePort();
    if (which === 'goredis') goredis = await startGoredis({ port });
    else {
      redis = await startRedisServer();
      port = redis.port;
    }
    client = await connectRaw(port);
  });
  afterEach(async () => {
    client.destroy();
    await goredis?.stop();
    await redis?.stop();
  });

  const send = async (...words: string[]): Promise<string> =>
    String(await client.command(...words));

  it('moves to another port, and connections stay', async () => {
    const other = await freePort();
    expect(await send('CONFIG', 'SET', 'port', String(other))).toBe('+OK\r\n');
    expect(await ping(other)).toBe('+PONG\r\n');
    expect(await ping(port)).toBe('ECONNREFUSED');
    expect(await send('PING')).toBe('+PONG\r\n');
    expect(await send('INFO', 'server')).toContain(`tcp_port:${other}\r\n`);
    expect(await send('CONFIG', 'SET', 'port', String(port))).toBe('+OK\r\n');
    expect([await ping(port), await ping(other)]).toEqual(['+PONG\r\n', 'ECONNREFUSED']);
  });

  it('stays where it was, with all other options, if the port is taken', async () => {
    const { port: taken, free } = await takenPort();
    const pairs = ['maxmemory', '10000001', 'port', String(taken), 'timeout', '77'];
    expect(await send('CONFIG', 'SET', ...pairs)).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.\r\n",
    );
    expect(await send('CONFIG', 'GET', 'port')).toBe(
      `*2\r\n$4\r\nport\r\n$${String(port).length}\r\n${port}\r\n`,
    );
    expect(await send('CONFIG', 'GET', 'timeout')).toBe('*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n');
    expect(await send('CONFIG', 'GET', 'maxmemory')).toBe('*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n');
    expect(await ping(port)).toBe('+PONG\r\n');
    free();
  });

  it('moves to other addresses, also from one to all and back', async () => {
    expect(await send('CONFIG', 'SET', 'bind', '127.0.0.1 127.0.0.2')).toBe('+OK\r\n');
    expect([await ping(port), await ping(port, '127.0.0.2')]).toEqual(['+PONG\r\n', '+PONG\r\n']);
    expect(await send('CONFIG', 'SET', 'bind', '*')).toBe('+OK\r\n');
    expect(await ping(port, '127.0.0.3')).toBe('+PONG\r\n');
    expect(await send('CONFIG', 'SET', 'bind', '127.0.0.1 -192.0.2.1')).toBe('+OK\r\n');
    expect([await ping(port), await ping(port, '127.0.0.2')]).toEqual([
      '+PONG\r\n',
      'ECONNREFUSED',
    ]);
    expect(await send('CONFIG', 'SET', 'bind', '')).toBe('+OK\r\n');
    expect(await ping(port)).toBe('ECONNREFUSED');
    expect(await send('PING')).toBe('+PONG\r\n');
  });

  it('stays where it was if the machine has no such address', async () => {
    await send('CONFIG', 'SET', 'bind', '127.0.0.1');
    expect(await send('CONFIG', 'SET', 'bind', '127.0.0.1 192.0.2.1')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.\r\n",
    );
    expect(await send('CONFIG', 'GET', 'bind')).toBe('*2\r\n$4\r\nbind\r\n$9\r\n127.0.0.1\r\n');
    expect(await ping(port)).toBe('+PONG\r\n');
  });

  it('changes port and addresses at once', async () => {
    const other = await freePort();
    const pairs = ['port', String(other), 'bind', '127.0.0.2'];
    expect(await send('CONFIG', 'SET', ...pairs)).toBe('+OK\r\n');
    expect(await ping(other, '127.0.0.2')).toBe('+PONG\r\n');
    expect(await ping(other)).toBe('ECONNREFUSED');
  });

  it('takes every option for the value that it has', async () => {
    const names = ['port', 'bind', 'tls-port', 'tls-auth-clients'];
    for (const name of names) {
      const value = (await send('CONFIG', 'GET', name)).split('\r\n')[4]!;
      expect([name, await send('CONFIG', 'SET', name, value)]).toEqual([name, '+OK\r\n']);
    }
    expect(await ping(port)).toBe('+PONG\r\n');
  });
});

it('a port that port 0 has drawn stays when addresses change', async () => {
  const goredis = await startGoredis();
  const client = await connectRaw(goredis.port);
  await client.command('CONFIG', 'SET', 'bind', '127.0.0.1 127.0.0.2');
  expect(await ping(goredis.port, '127.0.0.2')).toBe('+PONG\r\n');
  const other = await freePort();
  await client.command('CONFIG', 'SET', 'port', String(other));
  await client.command('CONFIG', 'SET', 'port', '0');
  expect(await ping(other)).toBe('ECONNREFUSED');
  expect(await ping(goredis.server.port)).toBe('+PONG\r\n');
  client.destroy();
  await goredis.stop();
});

it('names are resolved at the start only', async () => {
  const goredis = await startGoredis({ bind: ['localhost'] });
  const client = await connectRaw(connect(goredis.port, 'localhost'));
  const set = (value: string): Promise<Buffer> => client.command('CONFIG', 'SET', 'bind', value);
  expect(String(await set('localhost 127.0.0.2'))).toBe('+OK\r\n');
  expect(String(await set('127.0.0.2 localhost4'))).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.\r\n",
  );
  client.destroy();
  await goredis.stop();
});

it('a server that never listened does not begin to', async () => {
  const server = assembleServer({ config: { port: 0 } });
  await server.start();
  const port = await freePort();
  server.config.set([['port', String(port)]]);
  expect(await ping(port)).toBe('ECONNREFUSED');
  await server.close();
});
