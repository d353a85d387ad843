import { commandOptions, createClient, WatchError } from 'redis4';
import { startGoredis, type Goredis } from '../support/goredis';

let goredis: Goredis;
beforeAll(async () => (goredis = await startGoredis()));
afterAll(() => goredis.stop());

type Client = ReturnType<typeof createClient>;
const clients: Client[] = [];

async function connect(port = goredis.port, password?: string): Promise<Client> {
  const client = createClient({
    socket: { port, host: '127.0.0.1', reconnectStrategy: () => 10 },
    ...(password === undefined ? {} : { password }),
  });
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

async function disconnectAll(): Promise<void> {
  for (const client of clients.splice(0)) await client.disconnect();
}

afterEach(async () => {
  await (await connect()).flushAll();
  await disconnectAll();
});

describe('node-redis 4', () => {
  it('connects, sets and gets', async () => {
    const client = await connect();
    expect(await client.set('k', 'v', { PX: 100_000 })).toBe('OK');
    expect(await client.get('k')).toBe('v');
    await client.hSet('h', { a: '1', b: '2' });
    expect({ ...(await client.hGetAll('h')) }).toEqual({ a: '1', b: '2' });
    expect([...goredis.server.sessions].at(-1)!.libName).toBe('node-redis');
  });

  it('gives its password', async () => {
    const secured = await startGoredis({ requirepass: 'bacon' });
    const client = await connect(secured.port, 'bacon');
    expect(await client.set('k', 'v')).toBe('OK');
    await disconnectAll();
    await secured.stop();
  });

  it('pipelines and runs transactions', async () => {
    const client = await connect();
    const counts = await Promise.all(Array.from({ length: 1000 }, () => client.incr('n')));
    expect(counts.at(-1)).toBe(1000);
    expect(await client.multi().set('a', '1').incr('a').get('a').exec()).toEqual(['OK', 2, '2']);
  });

  it('sees a conflict on a watched key', async () => {
    const client = await connect();
    const other = await connect();
    await client.watch('a');
    await other.set('a', 'theirs');
    await expect(client.multi().set('a', 'mine').exec()).rejects.toThrow(WatchError);
    expect(await client.get('a')).toBe('theirs');
  });

  // It reads cursors as JavaScript numbers.
  it('scans every key of a large database once', async () => {
    const client = await connect();
    const keys = Array.from({ length: 20_000 }, (_, i) => `key:${i}`);
    await client.mSet(keys.map((key): [string, string] => [key, 'v']));
    const seen: string[] = [];
    for await (const key of client.scanIterator({ COUNT: 100 })) seen.push(key);
    expect(seen).toHaveLength(keys.length);
    expect(new Set(seen)).toEqual(new Set(keys));
  });

  it('carries any bytes, and large values', async () => {
    const client = await connect();
    const asBuffers = commandOptions({ returnBuffers: true });
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await client.set(bytes, bytes);
    expect(await client.get(asBuffers, bytes)).toEqual(bytes);
    const large = Buffer.alloc(10 << 20, 'large');
    await client.set('large', large);
    expect((await client.get(asBuffers, 'large'))!.equals(large)).toBe(true);
  });

  it('goes on after the server was started anew on its port', async () => {
    const first = await startGoredis();
    const client = await connect(first.port);
    await client.set('k', 'v');
    await first.stop();
    const waiting = client.set('k', 'w');
    const second = await startGoredis({ port: first.port });
    expect(await waiting).toBe('OK');
    expect(await client.get('k')).toBe('w');
    await disconnectAll();
    await second.stop();
  });
});
