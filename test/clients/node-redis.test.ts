import { createClient, RESP_TYPES, WatchError } from 'redis';
import { startGoredis, type Goredis } from '../support/goredis';

let goredis: Goredis;
beforeAll(async () => (goredis = await startGoredis()));
afterAll(() => goredis.stop());

type Client = ReturnType<typeof newClient>;
let clients: Client[] = [];

function newClient(port: number, RESP: 2 | 3, options: { password?: string } = {}) {
  return createClient({
    RESP,
    socket: { port, host: '127.0.0.1', reconnectStrategy: () => 10 },
    ...options,
  });
}

async function connect(RESP: 2 | 3, port = goredis.port): Promise<Client> {
  const client = newClient(port, RESP);
  client.on('error', () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

afterEach(async () => {
  await (await connect(3)).flushAll();
  for (const client of clients) client.destroy();
  clients = [];
});

describe.each([2, 3] as const)('node-redis over RESP%d', (RESP) => {
  it('connects, sets and gets', async () => {
    const client = await connect(RESP);
    expect(await client.set('k', 'v', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
    expect(await client.get('k')).toBe('v');
    expect(await client.get('nosuch')).toBeNull();
    await client.hSet('h', { a: '1', b: '2' });
    expect({ ...(await client.hGetAll('h')) }).toEqual({ a: '1', b: '2' });
    const session = [...goredis.server.sessions].at(-1)!;
    expect(session.libName).toBe('node-redis');
    expect(session.form.version).toBe(RESP);
  });

  it('gives its password, or is refused', async () => {
    const secured = await startGoredis({ requirepass: 'bacon' });
    const client = newClient(secured.port, RESP, { password: 'bacon' });
    await client.connect();
    expect(await client.set('k', 'v')).toBe('OK');
    client.destroy();
    const refused = createClient({
      RESP,
      password: 'cabbage',
      socket: { port: secured.port, host: '127.0.0.1', reconnectStrategy: false },
    });
    refused.on('error', () => undefined);
    await expect(refused.connect()).rejects.toThrow(
      RESP === 2 ? 'ERR invalid password' : /^WRONGPASS/,
    );
    await secured.stop();
  });

  it('pipelines and runs transactions', async () => {
    const client = await connect(RESP);
    const counts = await Promise.all(Array.from({ length: 1000 }, () => client.incr('n')));
    expect(counts).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(await client.multi().set('a', '1').incr('a').get('a').get('nosuch').exec()).toEqual([
      'OK',
      2,
      '2',
      null,
    ]);
    await expect(client.lPush('a', 'x')).rejects.toThrow(/^WRONGTYPE/);
  });

  it('sees a conflict on a watched key', async () => {
    const client = await connect(RESP);
    const other = await connect(RESP);
    await client.watch('a');
    await other.set('a', 'theirs');
    await expect(client.multi().set('a', 'mine').exec()).rejects.toThrow(WatchError);
    await client.watch('a');
    expect(await client.multi().set('a', 'mine').exec()).toEqual(['OK']);
  });

  it('scans every key of a large database once', async () => {
    const client = await connect(RESP);
    const keys = Array.from({ length: 20_000 }, (_, i) => `key:${i}`);
    await client.mSet(keys.map((key): [string, string] => [key, 'v']));
    const seen: string[] = [];
    for await (const page of client.scanIterator({ COUNT: 500 })) seen.push(...page);
    expect(seen).toHaveLength(keys.length);
    expect(new Set(seen)).toEqual(new Set(keys));
  });

  it('carries any bytes, and large values', async () => {
    const client = await connect(RESP);
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await client.set(bytes, bytes);
    expect(await binary.get(bytes)).toEqual(bytes);
    const large = Buffer.alloc(10 << 20, 'large');
    await client.set('large', large);
    expect((await binary.get('large'))!.equals(large)).toBe(true);
  });

  it('goes on after the server was started anew on its port', async () => {
    const first = await startGoredis();
    const client = await connect(RESP, first.port);
    await client.set('k', 'v');
    await first.stop();
    const waiting = client.set('k', 'w');
    const second = await startGoredis({ port: first.port });
    expect(await waiting).toBe('OK');
    expect(await client.get('k')).toBe('w');
    client.destroy();
    clients = clients.filter((other) => other !== client);
    await second.stop();
  });
});
