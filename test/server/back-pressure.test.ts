import { createHash } from 'node:crypto';
import { assembleServer } from '../../src/assemble';
import { SlowStore } from '../stores/slow';
import { duplexPair } from '../support/duplex-pair';
import { encodeRequest, RawClient } from '../support/raw-client';
import { hashBytes, readBytes } from '../support/read-stream';
import { turns, until } from '../support/until';
import { inMemory, nthSession, overTcp, type OpenServer } from './transports';

const MB = 1 << 20;

describe.each([
  ['a stream in memory', inMemory],
  ['TCP', overTcp],
])('a client over %s that does not read its replies', (_name, open) => {
  let opened: OpenServer;
  let other: RawClient;
  beforeEach(async () => {
    opened = await open();
    other = new RawClient(await opened.connect());
  });
  afterEach(async () => {
    other.destroy();
    await opened.stop();
  });

  /** When the server no longer does anything for the silent client. */
  async function standstill(): Promise<void> {
    const { stats } = opened.server;
    for (let before = -1; stats.inputBytes !== before;) {
      before = stats.inputBytes;
      await turns(50);
    }
  }

  it('is held back, loses nothing, and does not hold others up', async () => {
    const slow = await opened.connect();
    const session = await nthSession(opened.server, 2);
    const count = 20_000;
    const requests: Buffer[] = [];
    const expected = createHash('sha1');
    let expectedBytes = 0;
    for (let i = 0; i < count; i++) {
      const text = String(i).padEnd(1000, '.');
      requests.push(encodeRequest(['ECHO', text]));
      const reply = `$1000\r\n${text}\r\n`;
      expected.update(reply);
      expectedBytes += reply.length;
    }
    slow.pause();
    slow.write(Buffer.concat(requests));
    await until(() => session.outputBytes >= MB);
    await standstill();

    const { calls } = opened.server.engine.stats;
    const commands = calls.total;
    expect(commands).toBeLessThan(count);
    expect(session.outputBytes).toBeLessThan(2 * MB);
    expect(session.inputBytes).toBeLessThan(2 * MB);
    for (let i = 0; i < 20; i++) await other.command('PING');
    expect(calls.total).toBe(commands + 20);

    expect(await hashBytes(slow, expectedBytes)).toBe(expected.digest('hex'));
    expect(calls.total).toBe(count + 20);
    expect(session.outputBytes).toBe(0);
    expect(session.inputBytes).toBe(0);
    slow.destroy();
  });

  it('gets a large argument through that came while it was held back', async () => {
    const slow = await opened.connect();
    const session = await nthSession(opened.server, 2);
    const value = Buffer.alloc(5 * MB, 'value');
    await other.command('SET', 'k', value);
    slow.pause();
    slow.write('GET k\r\nGET k\r\nGET k\r\nGET k\r\n');
    await until(() => session.outputBytes >= MB);
    slow.write(encodeRequest(['SET', 'k2', value]));
    await until(() => session.inputBytes >= MB);
    await standstill();
    expect(session.inputBytes).toBeLessThan(2 * MB);

    const reply = Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);
    const replies = await readBytes(slow, 4 * reply.length + 5);
    for (let i = 0; i < 4; i++) {
      expect(replies.subarray(i * reply.length, (i + 1) * reply.length).equals(reply)).toBe(true);
    }
    expect(String(replies.subarray(-5))).toBe('+OK\r\n');
    slow.destroy();
  });

  it('gets a large value as it was when it was asked for', async () => {
    const slow = await opened.connect();
    const session = await nthSession(opened.server, 2);
    const value = Buffer.alloc(20 * MB, 'old ');
    await other.command('SET', 'k', value);
    slow.pause();
    slow.write('GET k\r\n');
    await until(() => session.outputBytes >= MB);
    await other.command('SETRANGE', 'k', '0', 'new '.repeat(100));
    await other.command('APPEND', 'k', 'more');
    await other.command('SETRANGE', 'k', String(10 * MB), 'new '.repeat(10_000));
    await other.command('SET', 'k', 'short');

    const reply = await readBytes(slow, value.length + `$${value.length}\r\n\r\n`.length);
    expect(reply.subarray(`$${value.length}\r\n`.length, -2).equals(value)).toBe(true);
    slow.destroy();
  });
});

it('a stream that takes more than goredis holds back is never waited for in vain', async () => {
  const opened = await inMemory();
  const [client, far] = duplexPair({ highWaterMark: 64 * MB });
  opened.server.handle(far);
  const value = 'v'.repeat(100_000);
  client.write(encodeRequest(['SET', 'k', value]));
  client.write('GET k\r\n'.repeat(50) + 'PING\r\n');
  const replies = await readBytes(client, 5 + 50 * (value.length + 11) + 7);
  expect(String(replies.subarray(-7))).toBe('+PONG\r\n');
  client.destroy();
  await opened.stop();
});

it('replies that wait behind a slow one count as unread', async () => {
  const server = assembleServer({ store: new SlowStore({ seed: 1 }) });
  const [stream, far] = duplexPair();
  const session = server.handle(far)!;
  const client = new RawClient(stream);
  // ECHO is answered at once, but behind an INCR that is not.
  const text = 'x'.repeat(10_000);
  const requests = [['INCR', 'n'], ...Array.from({ length: 400 }, () => ['ECHO', text])];
  client.send(Buffer.concat(requests.map(encodeRequest)));
  await until(() => server.stats.inputBytes > 0);
  expect(session.outputBytes).toBeGreaterThanOrEqual(MB);
  expect(session.outputBytes).toBeLessThan(MB + 20_000);
  const replies = await client.readReplies(401);
  expect(String(replies[0])).toBe(':1\r\n');
  expect(replies.slice(1).every((reply) => String(reply) === `$10000\r\n${text}\r\n`)).toBe(true);
  await client.end();
  await server.close();
});
