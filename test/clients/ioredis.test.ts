import { Redis, type RedisOptions } from 'ioredis';
import { startGoredis, type Goredis } from '../support/goredis';

let goredis: Goredis;
const clients: Redis[] = [];

beforeAll(async () => (goredis = await startGoredis()));
afterAll(() => goredis.stop());
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await connect().flushall();
  for (const client of clients.splice(0)) client.disconnect();
});

/** Waits for the server to be ready (INFO) as ioredis does by default. */
function connect(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const client = new Redis({ port: goredis.port, host: '127.0.0.1', ...options });
  clients.push(client);
  return client;
}

describe('ioredis', () => {
  it('connects, sets and gets', async () => {
    const client = connect({ connectionName: 'tester', db: 3 });
    await client.set('k', 'v', 'EX', 100);
    expect(await client.get('k')).toBe('v');
    expect(await client.ttl('k')).toBe(100);
    expect(await client.client('GETNAME')).toBe('tester');
    expect(await connect().get('k')).toBeNull();
    expect(client.status).toBe('ready');
  });

  it('gives its password, or is refused', async () => {
    const secured = await startGoredis({ requirepass: 'bacon' });
    const client = connect({ port: secured.port, password: 'bacon' });
    await client.set('k', 'v');
    expect(await client.get('k')).toBe('v');
    const named = connect({ port: secured.port, username: 'default', password: 'bacon' });
    expect(await named.get('k')).toBe('v');
    const refused = connect({ port: secured.port, password: 'cabbage', retryStrategy: null });
    refused.on('error', () => undefined);
    await expect(refused.get('k')).rejects.toThrow();
    for (const one of clients.splice(0)) one.disconnect();
    await secured.stop();
  });

  it('gets errors as errors', async () => {
    const client = connect();
    await client.set('k', 'v');
    await expect(client.lpush('k', 'x')).rejects.toThrow(
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    );
    await expect(client.call('NOSUCH', 'a')).rejects.toThrow(
      "ERR unknown command 'NOSUCH', with args beginning with: 'a' ",
    );
  });

  it('pipelines', async () => {
    const client = connect();
    const pipeline = client.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.incr('n').hset('h', `f${i}`, i);
    pipeline.hlen('h').lpop('n');
    const results = (await pipeline.exec())!;
    expect(results.slice(0, 4)).toEqual([
      [null, 1],
      [null, 1],
      [null, 2],
      [null, 1],
    ]);
    expect(results[2000]).toEqual([null, 1000]);
    expect(results[2001]![0]!.message).toMatch(/^WRONGTYPE/);
  });

  it('runs transactions', async () => {
    const client = connect();
    const results = await client.multi().set('a', '1').incr('a').get('a').hgetall('h').exec();
    expect(results).toEqual([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
      [null, {}],
    ]);
  });

  it('sees a conflict on a watched key', async () => {
    const client = connect();
    const other = connect();
    await client.watch('a');
    await other.set('a', 'theirs');
    expect(await client.multi().set('a', 'mine').exec()).toBeNull();
    expect(await client.get('a')).toBe('theirs');
    await client.watch('a');
    expect(await client.multi().set('a', 'mine').exec()).toEqual([[null, 'OK']]);
  });

  it('scans every key of a large database once', async () => {
    const client = connect();
    const keys = Array.from({ length: 20_000 }, (_, i) => `key:${i}`);
    await client.mset(Object.fromEntries(keys.map((key) => [key, 'v'])));
    const seen: string[] = [];
    for await (const page of client.scanStream({ count: 500 })) seen.push(...(page as string[]));
    expect(seen).toHaveLength(keys.length);
    expect(new Set(seen)).toEqual(new Set(keys));
    const some: string[] = [];
    for await (const page of client.scanStream({ match: 'key:*99', type: 'string', count: 1000 })) {
      some.push(...(page as string[]));
    }
    expect(some.sort()).toEqual(keys.filter((key) => key.endsWith('99')).sort());
  });

  it('carries any bytes, and large values', async () => {
    const client = connect();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await client.set(bytes, bytes);
    expect(await client.getBuffer(bytes)).toEqual(bytes);
    expect(await client.keysBuffer('*')).toEqual([bytes]);
    await client.set('utf8', 'žluťoučký 🐎');
    expect(await client.get('utf8')).toBe('žluťoučký 🐎');
    const large = Buffer.alloc(10 << 20, 'large');
    await client.set('large', large);
    expect((await client.getBuffer('large'))!.equals(large)).toBe(true);
  });

  it('goes on after the server was started anew on its port', async () => {
    const first = await startGoredis();
    const client = connect({ port: first.port, retryStrategy: () => 10 });
    client.on('error', () => undefined);
    await client.set('k', 'v');
    await first.stop();
    const waiting = client.set('k', 'w');
    const second = await startGoredis({ port: first.port });
    expect(await waiting).toBe('OK');
    expect(await client.get('k')).toBe('w');
    client.disconnect();
    await second.stop();
  });
});
