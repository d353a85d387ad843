import { parseReply, type Tree } from '../oracle/compare';
import { connectRaw, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';

let theirs: RawClient;
let ours: RawClient;

const servers = bothServers();

beforeAll(async () => {
  theirs = await connectRaw(servers.redis.port);
  ours = await connectRaw(servers.goredis.port);
});
afterAll(() => {
  theirs.destroy();
  ours.destroy();
});

/** The kinds of the values instead of the values. */
function kinds(tree: Tree): unknown {
  if (typeof tree !== 'string') return { head: tree.head, items: tree.items.map(kinds) };
  const kind = tree.charAt(0);
  if (kind === '$') return /^\$-?[\d.]+$/.test(tree) ? '$number' : tree;
  return kind;
}

async function figure(name: string): Promise<number> {
  const info = String(await ours.command('INFO'));
  return Number(new RegExp(`^${name}:(.*)\r$`, 'm').exec(info)?.[1]);
}

it.each(['2', '3'])('MEMORY STATS has the fields and types of RESP%s', async (version) => {
  for (const client of [theirs, ours]) {
    await client.command('HELLO', version);
    await client.command('FLUSHALL');
    await client.command('SET', 'a', 'v');
    await client.command('SET', 'b', 'v', 'EX', '100');
  }
  const expected = kinds(parseReply(await theirs.command('MEMORY', 'STATS')));
  expect(kinds(parseReply(await ours.command('MEMORY', 'STATS')))).toEqual(expected);
  for (const client of [theirs, ours]) await client.command('HELLO', '2');
});

it.each(['0', '1gb'])(
  'MEMORY DOCTOR says that an empty server is empty (maxmemory %s)',
  async (limit) => {
    for (const client of [theirs, ours]) {
      await client.command('CONFIG', 'SET', 'maxmemory', limit);
      await client.command('FLUSHALL');
    }
    await ours.command('MEMORY', 'PURGE');
    const expected = await theirs.command('MEMORY', 'DOCTOR');
    expect(String(await ours.command('MEMORY', 'DOCTOR'))).toBe(String(expected));
  },
);

it('MEMORY DOCTOR tells of a peak', async () => {
  await ours.command('FLUSHALL');
  await ours.command('CONFIG', 'SET', 'maxmemory', '1gb');
  await ours.command('SET', 'a', Buffer.alloc(8_000_000));
  await ours.command('SET', 'b', Buffer.alloc(8_000_000));
  expect(await figure('used_memory')).toBeGreaterThan(16_000_000);
  await ours.command('DEL', 'b');
  expect(String(await ours.command('MEMORY', 'DOCTOR'))).toContain('* Peak memory:');
  await ours.command('DEL', 'a');
});

it('MEMORY MALLOC-STATS is text', async () => {
  expect(String(await ours.command('MEMORY', 'MALLOC-STATS'))).toMatch(/^\$\d+\r\n___ V8 heap/);
});

it('a value that takes the place of a longer one takes no more than it needs', async () => {
  for (const client of [theirs, ours]) {
    await client.command('SET', 'k', Buffer.alloc(100_000));
    await client.command('SET', 'k', Buffer.alloc(33_000));
    const reply = String(await client.command('MEMORY', 'USAGE', 'k'));
    expect(Number(reply.slice(1))).toBeGreaterThan(33_000);
    expect(Number(reply.slice(1))).toBeLessThan(42_000);
    await client.command('DEL', 'k');
  }
  expect(String(await theirs.command('INFO', 'memory'))).toMatch(/^mem_allocator:jemalloc/m);
  expect(String(await ours.command('INFO', 'memory'))).toMatch(/^mem_allocator:v8-\d/m);
});

it('INFO tells what is used and what the limit is', async () => {
  await ours.command('FLUSHALL');
  await ours.command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
  const before = await figure('used_memory');
  await ours.command('SET', 'k', Buffer.alloc(100_000));
  const after = await figure('used_memory');
  expect(after - before).toBeGreaterThan(100_000);
  expect(after - before).toBeLessThan(101_000);
  expect(await figure('maxmemory')).toBe(100 << 20);
  expect(String(await ours.command('INFO', 'memory'))).toContain(
    'maxmemory_human:100.00M\r\nmaxmemory_policy:allkeys-lru\r\n',
  );
  expect(await figure('used_memory_peak')).toBeGreaterThanOrEqual(after);
});

it('a limit counts what was there before', async () => {
  await ours.command('CONFIG', 'SET', 'maxmemory', '100mb');
  await ours.command('FLUSHALL');
  for (let i = 0; i < 2000; i++) ours.send(`*3\r\n$3\r\nSET\r\n$4\r\n${1000 + i}\r\n$2\r\nab\r\n`);
  await ours.command('HSET', 'h', 'field', 'value');
  for (let i = 0; i < 2000; i++) await ours.readReply();
  const counted = await figure('used_memory');
  await ours.command('CONFIG', 'SET', 'maxmemory', '0');
  await ours.command('CONFIG', 'SET', 'maxmemory', '100mb');
  expect(await figure('used_memory')).toBe(counted);
});
