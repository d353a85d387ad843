/** Real clients on two nodes that keep their keys in one table of DynamoDB Local, with caches and without. */
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import { startCachedNode } from '../support/cached-node';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis, type Goredis } from '../support/goredis';
import { goredisOn } from '../support/on-dynamodb';

let local: DynamoLocal;
const nodes: Goredis[] = [];
beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());

function start(store: 'dynamodb' | 'cached'): Promise<Goredis> {
  const table = { dynamodbTable: `clients-${store}` };
  if (store === 'cached') return startCachedNode(local.endpoint, table);
  return startGoredis(goredisOn(local.endpoint, table));
}

describe.each(['dynamodb', 'cached'] as const)('--store %s', (store) => {
  beforeAll(async () => {
    for (let i = 0; i < 2; i++) nodes.push(await start(store));
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });

  test('ioredis: what one node writes, the other one reads', async () => {
    const [here, there] = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
    await here!.set('io:k', 'v', 'EX', 100);
    expect(await there!.get('io:k')).toBe('v');
    expect(await there!.ttl('io:k')).toBe(100);
    const pipeline = here!.pipeline();
    for (let i = 0; i < 100; i++) pipeline.incr('io:n').hset('io:h', `f${i}`, i);
    const results = (await pipeline.exec())!;
    expect(results.at(-2)).toEqual([null, 100]);
    expect(await there!.hlen('io:h')).toBe(100);
    expect(await there!.multi().incr('io:n').rpush('io:l', 'a', 'b').exec()).toEqual([
      [null, 101],
      [null, 2],
    ]);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await here!.set(bytes, bytes);
    expect(await there!.getBuffer(bytes)).toEqual(bytes);
    await expect(here!.lpush('io:k', 'x')).rejects.toThrow(/^WRONGTYPE/);
    for (const client of [here!, there!]) client.disconnect();
  });

  test('ioredis: a transaction fails if another node has written the watched key', async () => {
    const [here, there] = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
    await here!.watch('io:watched');
    await there!.set('io:watched', 'theirs');
    expect(await here!.multi().set('io:watched', 'ours').exec()).toBeNull();
    expect(await here!.get('io:watched')).toBe('theirs');
    for (const client of [here!, there!]) client.disconnect();
  });

  test('ioredis: SCAN that goes on at another node finds every key', async () => {
    const clients = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1', db: 5 }));
    const keys = Array.from({ length: 90 }, (_, i) => `io:${i}`);
    await clients[0]!.mset(Object.fromEntries(keys.map((key) => [key, 'v'])));
    const seen: string[] = [];
    let cursor = '0';
    let page = 0;
    do {
      const client = clients[page++ % 2]!;
      const [next, found] = await client.scan(cursor, 'COUNT', 20);
      seen.push(...found);
      cursor = next;
    } while (cursor !== '0');
    expect(page).toBeGreaterThan(2);
    expect([...new Set(seen)].sort()).toEqual([...keys].sort());
    for (const client of clients) client.disconnect();
  });

  test('node-redis: commands, a transaction, a message', async () => {
    const here = createClient({ url: `redis://127.0.0.1:${nodes[0]!.port}` });
    const there = createClient({ url: `redis://127.0.0.1:${nodes[1]!.port}` });
    const subscriber = here.duplicate();
    await Promise.all([here, there, subscriber].map((client) => client.connect()));
    await here.hSet('nr:h', { f: 'v', g: '2' });
    expect({ ...(await there.hGetAll('nr:h')) }).toEqual({ f: 'v', g: '2' });
    expect(await there.multi().set('nr:k', '1').incr('nr:k').get('nr:k').exec()).toEqual([
      'OK',
      2,
      '2',
    ]);
    let hear: (message: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => (hear = resolve));
    await subscriber.subscribe('nr:c', hear);
    await here.publish('nr:c', 'hello');
    expect(await heard).toBe('hello');
    for (const client of [here, there, subscriber]) client.destroy();
  });

  test('redis-cli: one command, and the lines of a file', async () => {
    const cli = promisify(execFile);
    const [here, there] = nodes.map(({ port }) => ['-p', String(port)]);
    expect((await cli('redis-cli', [...here!, 'SET', 'cli:k', 'v'])).stdout).toBe('OK\n');
    expect((await cli('redis-cli', [...there!, 'GET', 'cli:k'])).stdout).toBe('v\n');
    expect((await cli('redis-cli', [...there!, '-r', '3', 'INCR', 'cli:n'])).stdout).toBe(
      '1\n2\n3\n',
    );
  });
});
