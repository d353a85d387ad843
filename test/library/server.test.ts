import { execFileSync } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import {
  createServer,
  manualClock,
  seeded,
  type GoredisServer,
  type ServerOptions,
} from '../../src/index';
import { systemClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { MemoryStore } from '../../src/stores/memory/memory-store';
import { SlowStore } from '../stores/slow';
import { duplexPair } from '../support/duplex-pair';
import { connectRaw } from '../support/raw-client';
import { until } from '../support/until';

const servers: GoredisServer[] = [];
const create = (options: ServerOptions = {}): GoredisServer => {
  const server = createServer({ bind: ['127.0.0.1'], port: 0, ...options });
  servers.push(server);
  return server;
};
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

describe('listen', () => {
  it('resolves to the server, which has an address then', async () => {
    const server = create();
    expect(() => server.address).toThrow('the server has no TCP address');
    expect(await server.listen()).toBe(server);
    expect(server.address).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(server.address.port).toBeGreaterThan(0);
  });

  it('has the address of IPv6, too', async () => {
    const server = await create({ bind: ['::1'] }).listen();
    expect(server.address.host).toBe('::1');
    const client = await connectRaw(connectSocket(server.address));
    expect(String(await client.command('PING'))).toBe('+PONG\r\n');
    client.destroy();
  });

  it('serves ioredis', async () => {
    const server = await create().listen();
    const redis = new Redis(server.address);
    expect(await redis.set('k', 'v')).toBe('OK');
    expect(await redis.get('k')).toBe('v');
    redis.disconnect();
  });

  it('serves node-redis', async () => {
    const server = await create().listen();
    const client = await createClient({ socket: server.address }).connect();
    expect(await client.set('k', 'v')).toBe('OK');
    expect(await client.get('k')).toBe('v');
    client.destroy();
  });

  it('rejects for an address that cannot be had', async () => {
    const { address } = await create().listen();
    await expect(create({ port: address.port }).listen()).rejects.toThrow(
      `Could not listen on 127.0.0.1:${address.port}: Address already in use`,
    );
  });

  it('rejects the second time, and when the server is closed', async () => {
    const server = await create().listen();
    await expect(server.listen()).rejects.toThrow('the server listens already');
    await server.close();
    await expect(server.listen()).rejects.toThrow('the server is closed');
  });
});

describe('handle', () => {
  it('serves any duplex stream, without listening', async () => {
    const [client, far] = duplexPair();
    create().handle(far);
    const raw = await connectRaw(client);
    expect(String(await raw.command('SET', 'k', 'v'))).toBe('+OK\r\n');
    expect(String(await raw.command('GET', 'k'))).toBe('$1\r\nv\r\n');
    await raw.end();
  });

  it.each([
    ['text', { encoding: 'latin1' }, (text: string) => text],
    ['objects', { objectMode: true }, (text: string) => new TextEncoder().encode(text)],
  ] as const)('serves streams of %s', async (_kind, options, chunk) => {
    let replies = '';
    const stream = new Duplex({
      ...options,
      read: () => undefined,
      write(reply: Buffer, _encoding, done) {
        replies += reply.toString('latin1');
        done();
      },
    });
    create().handle(stream);
    stream.push(chunk('ECHO é\r\n'));
    await until(() => replies.endsWith('\r\n'));
    expect(replies).toMatch(/^\$[12]\r\n(é|Ã©)\r\n$/);
  });

  it('takes no client over a stream that is closed', async () => {
    const server = create();
    const client = server.connect();
    await client.send('PING');
    const [, far] = duplexPair();
    far.destroy();
    await new Promise(setImmediate);
    server.handle(far);
    expect(String(await client.send('CLIENT', 'LIST')).match(/^id=/gm)).toHaveLength(1);
  });

  it('refuses what is no stream', () => {
    for (const none of [undefined, null, {}, 'stream', process.stdin.pause]) {
      expect(() => create().handle(none as never)).toThrow(
        new TypeError('handle takes a Duplex stream'),
      );
    }
  });

  it('destroys the stream if the store cannot be opened', async () => {
    const store = new MemoryStore({ databases: 16, clock: manualClock(), random: seeded(1) });
    store.open = () => Promise.reject(new Error('the disk is gone'));
    const server = create({ store });
    const [client, far] = duplexPair();
    server.handle(far);
    await until(() => client.destroyed);
    await expect(server.connect().send('PING')).rejects.toThrow(
      'the connection is closed: the disk is gone',
    );
    await expect(server.listen()).rejects.toThrow('the disk is gone');
  });
});

describe('store', () => {
  it('may be an own one', async () => {
    const client = create({ store: new SlowStore({ seed: 1 }) }).connect();
    expect(await client.send('INCR', 'n')).toBe(1);
    expect(await client.send('INFO', 'server')).toContain('store:slow');
  });

  it('may be made by a function, of the clock and so on', async () => {
    const clock = manualClock();
    const random = seeded(1);
    const log = new LineLogger('notice', () => undefined, systemClock);
    const factory = jest.fn((parts) => new MemoryStore(parts));
    const client = create({ store: factory, clock, random, log, databases: 3 }).connect();
    expect(await client.send('SELECT', 2)).toBe('OK');
    expect(factory.mock.calls).toEqual([[{ clock, random, log, databases: 3 }]]);
  });
});

describe('clock and random', () => {
  it('keys expire when the clock advances, and not before', async () => {
    const clock = manualClock();
    const client = create({ clock }).connect();
    await client.send('SET', 'k', 'v', 'EX', 20);
    await client.send('SET', 'l', 'v', 'EX', 21);
    clock.advance('19999ms');
    expect(await client.send('PTTL', 'k')).toBe(1);
    clock.advance(1);
    expect(await client.send('DBSIZE')).toBe(1);
    expect(await client.send('INFO', 'stats')).toContain('expired_keys:1');
    expect(await client.send('TIME')).toEqual(['1700000020', '0']);
  });

  it('all events of an advance are there when it returns, in order', async () => {
    const clock = manualClock();
    const server = create({ clock, notifyKeyspaceEvents: 'Ex' });
    const [client, subscriber] = [server.connect(), server.connect()];
    await subscriber.send('SUBSCRIBE', '__keyevent@0__:expired');
    await client.send('SET', 'later', 'v', 'EX', 20);
    await client.send('SET', 'sooner', 'v', 'EX', 10);
    for (let i = 0; i < 1000; i++) await client.send('SET', i, 'v', 'PX', 15_000 + i);
    clock.advance('20s');
    const keys = Array.from({ length: 1000 }, (_, i) => String(i));
    const events = ['sooner', ...keys, 'later'];
    expect(subscriber.takeMessages()).toEqual(
      events.map((key) => ['message', '__keyevent@0__:expired', key]),
    );
  });

  it('the same seed draws the same keys', async () => {
    const draw = async (seed: number): Promise<unknown> => {
      const client = create({ random: seeded(seed) }).connect();
      for (let i = 0; i < 100; i++) await client.send('SET', i, '');
      return Promise.all(Array.from({ length: 10 }, () => client.send('RANDOMKEY')));
    };
    const drawn = await draw(7);
    expect(await draw(7)).toEqual(drawn);
    expect(await draw(8)).not.toEqual(drawn);
  });
});

it('works among fake timers that leave setImmediate and nextTick alone', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  try {
    const server = await create().listen();
    const redis = new Redis(server.address);
    await redis.set('k', 'v', 'EX', 20);
    expect(await redis.get('k')).toBe('v');
    redis.disconnect();
    const client = await createClient({ socket: server.address }).connect();
    expect(await client.ttl('k')).toBe(20);
    client.destroy();
    await server.close();
  } finally {
    jest.useRealTimers();
  }
});

it('servers in one process do not see each other', async () => {
  const clocks = [manualClock(0), manualClock(5000)] as const;
  const pair = clocks.map((clock) => create({ clock }));
  await Promise.all(pair.map((server) => server.listen()));
  const [a, b] = pair.map((server) => server.connect());
  await a!.send('SET', 'k', 'v', 'PX', 100);
  await a!.send('CONFIG', 'SET', 'maxclients', 7);
  expect(await b!.send('KEYS', '*')).toEqual([]);
  expect(await b!.send('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', '10000']);
  expect(await b!.send('INFO', 'clients')).toContain('connected_clients:1\r\n');
  clocks[1].advance(100);
  expect(await a!.send('GET', 'k')).toBe('v');
  await pair[0]!.close();
  expect(await b!.send('PING')).toBe('PONG');
  expect(pair[0]!.address.port).not.toBe(pair[1]!.address.port);
});

describe('close', () => {
  it('drops a client that does not read, also while the clock stands still', async () => {
    const server = await create({ clock: manualClock() }).listen();
    const client = await connectRaw(server.address.port);
    await client.command('SET', 'k', Buffer.alloc(20 << 20));
    client.stream.pause();
    client.send('GET k\r\n');
    const watcher = server.connect();
    await until(async () => String(await watcher.send('CLIENT', 'LIST')).includes('cmd=get'));
    await server.close();
    client.destroy();
  });

  it('does not wait for a stream that never tells that it is closed', async () => {
    const server = create({ clock: manualClock() });
    const stream = new Duplex({
      emitClose: false,
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    server.handle(stream);
    await server.connect().send('PING');
    await server.close();
    expect(stream.destroyed).toBe(true);
  });

  it('closes the connections that were refused, too', async () => {
    const server = create({ clock: manualClock(), maxclients: 1 });
    await server.connect().send('PING');
    const [client, far] = duplexPair({ allowHalfOpen: true });
    server.handle(far);
    client.resume();
    await new Promise((resolve) => client.once('end', resolve));
    expect(far.destroyed).toBe(false);
    await server.close();
    expect(far.destroyed).toBe(true);
  });

  it('leaves no handle of a listener', async () => {
    const listeners = (): string[] =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap');
    const before = listeners().length;
    const server = await create().listen();
    expect(listeners()).toHaveLength(before + 1);
    await server.close();
    expect(listeners()).toHaveLength(before);
  });

  it('may come while listen is under way, and twice', async () => {
    const server = create();
    const listening = server.listen();
    await Promise.all([server.close(), server.close(), listening]);
    expect(() => server.connect()).toThrow('the server is closed');
    expect(() => server.handle(duplexPair()[0])).toThrow('the server is closed');
  });

  it('comes by SHUTDOWN, too', async () => {
    const server = await create({ clock: manualClock() }).listen();
    const client = server.connect();
    const answers = [client.send('PING'), client.send('SHUTDOWN')];
    expect(await answers[0]).toBe('PONG');
    await expect(answers[1]).rejects.toThrow('the connection is closed');
    expect(() => server.connect()).toThrow('the server is closed');
    await server.close();
  });

  it.each([
    ['with clients of every kind', ''],
    ['on a clock that stands still', 'clock: goredis.manualClock(),'],
  ])('leaves nothing that keeps a process alive, %s', (_title, options) => {
    const program = `
      const goredis = require(${JSON.stringify(join(__dirname, '../../dist/index.js'))});
      const net = require('node:net');
      const { once } = require('node:events');
      async function main() {
        const server = await goredis.createServer({ port: 0, timeout: 100, ${options} }).listen();
        const client = server.connect({ buffers: true });
        await client.send('SET', 'k', Buffer.alloc(1 << 20), 'EX', 100);
        await client.send('GET', 'k');
        await client.send('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1 100');
        const socket = net.connect(server.address);
        socket.write('GET k\\r\\nPING\\r\\n');
        await once(socket, 'data');
        socket.resume();
        const closed = once(socket, 'close');
        await server.close();
        await closed;
        await new Promise(setImmediate);
        const left = process.getActiveResourcesInfo();
        console.log(JSON.stringify({ left, listeners: process.eventNames().slice(before) }));
      }
      const before = process.eventNames().length;
      main();
    `;
    const output = execFileSync(process.execPath, ['-e', program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    const { left, listeners } = JSON.parse(output) as { left: string[]; listeners: string[] };
    // What the child prints to, and what it waits for itself, is its own.
    expect(left.filter((kind) => !/^(Pipe|TTY|Immediate)/.test(kind))).toEqual([]);
    expect(listeners).toEqual([]);
  });
});
