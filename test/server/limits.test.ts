/** Limits of a connection's buffers, of their number and of their idleness. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { assembleServer } from '../../src/assemble';
import { ManualClock } from '../../src/lib/clock';
import { duplexPair } from '../support/duplex-pair';
import { startGoredis, type Goredis } from '../support/goredis';
import type { RawClient } from '../support/raw-client';
import { connectRaw, encodeRequest } from '../support/raw-client';
import { readBytes, readToEnd } from '../support/read-stream';
import { startRedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { nthSession } from './transports';

const MB = 1 << 20;
const CLOSED = 'closed';

let goredis: Goredis | undefined;
afterEach(async () => {
  await goredis?.stop();
  goredis = undefined;
});

async function start(...args: Parameters<typeof startGoredis>): Promise<Goredis> {
  return (goredis = await startGoredis(...args));
}

describe('client-output-buffer-limit', () => {
  it('closes a client for which more waits than the hard limit, as Redis does', async () => {
    const redis = await startRedisServer();
    await start();
    const value = Buffer.alloc(2 * MB);
    /** What is answered to a GET of as many bytes. */
    const outcomes = async (port: number): Promise<string[]> => {
      const admin = await connectRaw(port);
      await admin.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 1mb 0 0');
      await admin.command('SET', 'k', value);
      const found: string[] = [];
      for (const bytes of [100, 900_000, 1_200_000]) {
        const client = await connectRaw(port);
        const end = String(bytes - 1);
        const reply = await client.command('GETRANGE', 'k', '0', end).catch(() => CLOSED);
        found.push(reply === CLOSED ? CLOSED : String(reply.length));
        client.destroy();
      }
      admin.destroy();
      return found;
    };
    const expected = ['108', '900011', CLOSED];
    expect(await outcomes(redis.port)).toEqual(expected);
    expect(await outcomes(goredis!.port)).toEqual(expected);
    await redis.stop();
  });

  it('closes a client that leaves more than the soft limit unread for too long', async () => {
    const clock = new ManualClock();
    const { port, server } = await start({ clock });
    const admin = await connectRaw(port);
    await admin.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1mb 10');
    await admin.command('SET', 'k', Buffer.alloc(20 * MB));
    const slow = await connectRaw(port);
    slow.stream.pause();
    slow.send('GET k\r\n');
    const session = await nthSession(server, 2);
    await until(() => session.outputBytes > MB);

    clock.advance(10_000);
    await admin.command('PING');
    expect(server.sessions.size).toBe(2);
    clock.advance(1);
    await until(() => server.sessions.size === 1);
    slow.destroy();
    admin.destroy();
  });

  it('does not close a client that reads in time', async () => {
    const clock = new ManualClock();
    const { port, server } = await start({ clock });
    const admin = await connectRaw(port);
    await admin.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1mb 10');
    await admin.command('SET', 'k', Buffer.alloc(20 * MB));
    const slow = connect(port, '127.0.0.1');
    await once(slow, 'connect');
    const session = await nthSession(server, 2);
    for (let round = 0; round < 3; round++) {
      slow.write('GET k\r\n');
      await until(() => session.outputBytes > MB);
      clock.advance(9000);
      await readBytes(slow, 20 * MB + '$20971520\r\n\r\n'.length);
      await until(() => session.outputBytes === 0);
    }
    clock.advance(60_000);
    await admin.command('PING');
    expect(server.sessions.size).toBe(2);
    slow.destroy();
    admin.destroy();
  });
});

it('client-query-buffer-limit closes a client without a word', async () => {
  const { port } = await start();
  const admin = await connectRaw(port);
  await admin.command('CONFIG', 'SET', 'client-query-buffer-limit', '2mb');
  const client = await connectRaw(port);
  client.send(encodeRequest(['SET', 'k', Buffer.alloc(MB)]));
  expect(String(await client.readReply())).toBe('+OK\r\n');
  client.send('PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5000000\r\n');
  client.stream.on('error', () => undefined);
  client.send(Buffer.alloc(4_000_000));
  expect(String(await client.readToClose())).toBe('+PONG\r\n');
  expect(String(await admin.command('STRLEN', 'k'))).toBe(`:${MB}\r\n`);
  admin.destroy();
});

it('a client that only waits for its turn is not closed by client-query-buffer-limit', async () => {
  const { port, server } = await start({ maxQueryBytes: MB });
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  const session = await nthSession(server, 1);
  const count = 20_000;
  const request = encodeRequest(['ECHO', 'x'.repeat(1000)]);
  client.write(Buffer.alloc(count * request.length, request));
  await until(() => session.outputBytes >= MB);
  const replies = await readBytes(client, count * '$1000\r\n\r\n'.length + count * 1000);
  expect(replies.subarray(-9, -2).toString()).toBe('xxxxxxx');
  client.destroy();
});

describe('maxclients', () => {
  it('refuses a client too many in the words of Redis', async () => {
    const { port, server } = await start({ maxClients: 2 });
    const first = await connectRaw(port);
    const second = await connectRaw(port);
    await Promise.all([first.command('PING'), second.command('PING')]);
    for (let i = 0; i < 3; i++) {
      const refused = await connectRaw(port);
      expect(String(await refused.readToClose())).toBe('-ERR max number of clients reached\r\n');
    }
    expect(server.stats.rejectedConnections).toBe(3);
    await second.end();
    await until(() => server.sessions.size === 1);
    const third = await connectRaw(port);
    expect(String(await third.command('PING'))).toBe('+PONG\r\n');
    await Promise.all([first.end(), third.end()]);
  });

  it('holds for streams of any kind', async () => {
    const server = assembleServer({ config: { maxClients: 1 } });
    const [client, far] = duplexPair();
    server.handle(far);
    const [refused, refusedFar] = duplexPair();
    expect(server.handle(refusedFar)).toBeUndefined();
    expect(String(await readToEnd(refused))).toBe('-ERR max number of clients reached\r\n');
    client.destroy();
    await server.close();
  });
});

describe('timeout', () => {
  it('closes a client that is idle for longer, and no other', async () => {
    const clock = new ManualClock();
    const { port, server } = await start({ clock, timeoutSeconds: 10 });
    const idle = await connectRaw(port);
    const busy = await connectRaw(port);
    await idle.command('PING');
    for (let i = 0; i < 10; i++) {
      await busy.command('PING');
      clock.advance(1000);
    }
    expect(server.sessions.size).toBe(2);
    await busy.command('PING');
    clock.advance(1000);
    expect(String(await idle.readToClose())).toBe('');
    expect(String(await busy.command('PING'))).toBe('+PONG\r\n');
    busy.destroy();
  });

  it('can be set while clients are connected', async () => {
    const clock = new ManualClock();
    const { port } = await start({ clock });
    const client = await connectRaw(port);
    await client.command('PING');
    clock.advance(1_000_000);
    await client.command('CONFIG', 'SET', 'timeout', '5');
    clock.advance(4000);
    await client.command('CONFIG', 'SET', 'timeout', '0');
    clock.advance(1_000_000);
    await client.command('CONFIG', 'SET', 'timeout', '5');
    clock.advance(7000);
    await client.closed;
  });

  it('counts a client as active that goes on reading its replies', async () => {
    const clock = new ManualClock();
    const { port, server } = await start({ clock, timeoutSeconds: 10 });
    const admin = await connectRaw(port);
    await admin.command('SET', 'k', Buffer.alloc(20 * MB));
    const slow = connect(port, '127.0.0.1');
    await once(slow, 'connect');
    const session = await nthSession(server, 2);
    slow.write('GET k\r\n');
    await until(() => session.outputBytes > MB);
    clock.advance(8000);
    await readBytes(slow, 20 * MB + '$20971520\r\n\r\n'.length);
    await until(() => session.outputBytes === 0);
    clock.advance(8000);
    slow.write('PING\r\n');
    expect(String(await readBytes(slow, 7))).toBe('+PONG\r\n');
    slow.destroy();
    admin.destroy();
  });
});

it('a value of 64 MB comes back as it was sent', async () => {
  const { port } = await start();
  const numbers = new Uint32Array(16 * MB).map((_, i) => i * 2_654_435);
  const value = Buffer.from(numbers.buffer);
  const client = connect(port, '127.0.0.1');
  client.write(encodeRequest(['SET', 'k', value]));
  expect(String(await readBytes(client, 5))).toBe('+OK\r\n');
  client.write('GET k\r\n');
  const head = `$${value.length}\r\n`;
  const reply = await readBytes(client, head.length + value.length + 2);
  expect(String(reply.subarray(0, head.length))).toBe(head);
  expect(reply.subarray(head.length, -2).equals(value)).toBe(true);
  client.destroy();
});

it('clients that announce much and send nothing cost nothing', async () => {
  const { port } = await start();
  const before = process.memoryUsage().arrayBuffers;
  const clients: RawClient[] = [];
  for (let i = 0; i < 200; i++) {
    const client = await connectRaw(port);
    client.send('PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n');
    await client.readReply();
    clients.push(client);
  }
  // A round trip more, so that the announcements have been read.
  const last = await connectRaw(port);
  await last.command('PING');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MB);
  for (const client of [...clients, last]) client.destroy();
});
