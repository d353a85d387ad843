/**
 * Memory of large values is used again as soon as nobody can see it: whatever clients read late, get
 * and overwrite, each gets the bytes that were there when it asked.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from '../../src/lib/random';
import { startGoredis, type Goredis } from '../support/goredis';
import { encodeRequest } from '../support/raw-client';
import { until } from '../support/until';

const STEPS = 1000;
const KEYS = ['a', 'b', 'c', 'd'];
const CLIENTS = 6;
/** A client with more of it unread may be held back. */
const MOST_UNREAD_BYTES = 900_000;

let folder: string;
let goredis: Goredis;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goredis-large-'));
  // The kernel holds far less for a Unix socket than for TCP, so replies wait in goredis.
  goredis = await startGoredis({ unixSocket: join(folder, 'socket') });
});
afterEach(async () => {
  await goredis.stop();
  rmSync(folder, { recursive: true });
});

/** Reads when it is told to, and compares what comes with what is expected. */
class LateClient {
  private received = createHash('sha1');
  private expected = createHash('sha1');
  unreadBytes = 0;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received.update(chunk);
      this.unreadBytes -= chunk.length;
    });
    socket.pause();
  }

  static async open(): Promise<LateClient> {
    const socket = connect(join(folder, 'socket'));
    await once(socket, 'connect');
    return new LateClient(socket);
  }

  expect(reply: Buffer): void {
    this.expected.update(reply);
    this.unreadBytes += reply.length;
  }

  async readAll(): Promise<void> {
    this.socket.resume();
    await until(() => this.unreadBytes <= 0);
    this.socket.pause();
    expect(this.received.digest('hex')).toBe(this.expected.digest('hex'));
    this.received = createHash('sha1');
    this.expected = createHash('sha1');
  }
}

const ok = Buffer.from('+OK\r\n');
const queued = Buffer.from('+QUEUED\r\n');
const integer = (value: number): Buffer => Buffer.from(`:${value}\r\n`);
const bulk = (value: Buffer | undefined): Buffer =>
  value === undefined
    ? Buffer.from('$-1\r\n')
    : Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);

it('is never seen by a client that has asked for the value before', async () => {
  const random = seeded(4);
  const draw = (below: number): number => random.below(below);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => LateClient.open()));
  const model = new Map<string, Buffer>();
  const { calls } = goredis.server.engine.stats;
  const taken = jest.spyOn(goredis.server.largeMemory, 'take');

  for (let step = 0; step < STEPS; step++) {
    const client = clients[draw(CLIENTS)]!;
    const [key, other] = [KEYS[draw(KEYS.length)]!, KEYS[draw(KEYS.length)]!];
    const fresh = Buffer.alloc(70_000 + draw(4) * 100_000, `${step} `);
    const old = model.get(key);
    let commands: (readonly (string | Buffer)[])[] = [];
    let reply: Buffer[] = [];
    switch (draw(13)) {
      case 0:
      case 1:
      case 2:
        commands = [['SET', key, fresh]];
        reply = [ok];
        model.set(key, fresh);
        break;
      case 3:
      case 4:
        commands = [['GET', key]];
        reply = [bulk(old)];
        break;
      case 5:
        commands = [['GETRANGE', key, '100', '-100']];
        reply = [bulk(old?.subarray(100, -99) ?? Buffer.alloc(0))];
        break;
      case 6:
        commands = [['MGET', key, other]];
        reply = [Buffer.from('*2\r\n'), bulk(old), bulk(model.get(other))];
        break;
      case 7:
        commands = [['GETDEL', key]];
        reply = [bulk(old)];
        model.delete(key);
        break;
      case 8:
        commands = [['SET', key, fresh, 'GET']];
        reply = [bulk(old)];
        model.set(key, fresh);
        break;
      case 9: {
        const value = Buffer.from(old ?? Buffer.alloc(12));
        value.write(`step ${step}`.padEnd(12), 0);
        commands = [['SETRANGE', key, '0', `step ${step}`.padEnd(12)]];
        reply = [integer(value.length)];
        model.set(key, value);
        break;
      }
      case 10:
        if (old === undefined) continue;
        commands = [['RENAME', key, other]];
        reply = [ok];
        model.delete(key);
        model.set(other, old);
        break;
      case 11:
        if (old === undefined || key === other) continue;
        commands = [['COPY', key, other, 'REPLACE']];
        reply = [integer(1)];
        model.set(other, old);
        break;
      default:
        commands = [['MULTI'], ['GET', key], ['SET', key, fresh], ['GET', key], ['DEL', key]];
        reply = [ok, queued, queued, queued, queued, Buffer.from('*4\r\n')];
        reply.push(bulk(old), ok, bulk(fresh), integer(1));
        commands.push(['EXEC']);
        model.delete(key);
    }
    const before = calls.total;
    client.socket.write(Buffer.concat(commands.map(encodeRequest)));
    client.expect(Buffer.concat(reply));
    await until(() => calls.total >= before + commands.length);
    if (client.unreadBytes > MOST_UNREAD_BYTES) await client.readAll();
    // One may go without reading what it has asked for.
    if (draw(100) === 0) {
      client.socket.destroy();
      clients[clients.indexOf(client)] = await LateClient.open();
    }
  }
  for (const client of clients) await client.readAll();
  // And it was used again.
  const served = taken.mock.results.filter(({ value }) => value !== undefined).length;
  expect(served).toBeGreaterThan(STEPS / 10);
});

it('is let go by MEMORY PURGE', async () => {
  const client = await LateClient.open();
  const { largeMemory } = goredis.server;
  client.socket.write(encodeRequest(['SET', 'k', Buffer.alloc(100_000)]));
  client.socket.write(encodeRequest(['DEL', 'k']));
  await until(() => largeMemory.bytes === 100_000);
  client.socket.write(encodeRequest(['MEMORY', 'PURGE']));
  await until(() => largeMemory.bytes === 0);
  client.socket.destroy();
});
