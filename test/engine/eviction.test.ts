import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import { SlowStore } from '../stores/slow';
import { startGoredis, type Goredis, type GoredisOptions } from '../support/goredis';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { until } from '../support/until';

const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
/** Room for some 500 small keys beside what an empty server counts. */
const SMALL_LIMIT = 880 * 1024 + 500 * 84;

let clock: ManualClock;
let goredis: Goredis;
let client: RawClient;

async function start(options: GoredisOptions): Promise<void> {
  clock = new ManualClock();
  goredis = await startGoredis({ clock, random: seeded(7), ...options });
  client = await connectRaw(goredis.port);
}

afterEach(async () => {
  client.destroy();
  await goredis.stop();
});

/** Sends all at once and collects the replies. */
async function pipeline(requests: readonly (readonly string[])[]): Promise<string[]> {
  client.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
  const replies: string[] = [];
  for (let i = 0; i < requests.length; i++) replies.push(String(await client.readReply()));
  return replies;
}

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => from + i);
const sets = (from: number, count: number, ...more: string[]): string[][] =>
  range(count, from).map((i) => ['SET', `key:${String(i).padStart(6, '0')}`, 'v', ...more]);
/** Which of the keys from `from` on exist, as numbers. */
async function survivors(from: number, count: number): Promise<number[]> {
  const names = sets(from, count).map(([, key]) => ['EXISTS', key!]);
  const replies = await pipeline(names);
  return range(count, from).filter((_, i) => replies[i] === ':1\r\n');
}
const size = (db = 0): number => Number(goredis.server.engine.store.size(db));
const evicted = (): number => goredis.server.engine.stats.evictedKeys;
const usedBytes = (): number => goredis.server.engine.eviction!.usedBytes;

describe('noeviction', () => {
  it('refuses writes until a key was removed', async () => {
    await start({ maxMemoryBytes: SMALL_LIMIT });
    const replies = await pipeline(sets(0, 2000));
    const accepted = replies.filter((reply) => reply === '+OK\r\n').length;
    expect(replies.slice(accepted)).toEqual(Array(2000 - accepted).fill(OOM));
    expect(size()).toBe(accepted);
    expect(accepted).toBeGreaterThan(400);
    expect(await client.command('GET', 'key:000000')).toEqual(Buffer.from('$1\r\nv\r\n'));
    await pipeline([
      ['DEL', 'key:000000'],
      ['DEL', 'key:000001'],
    ]);
    expect(String(await client.command('SET', 'new', 'v'))).toBe('+OK\r\n');
    expect(evicted()).toBe(0);
  });
});

describe('allkeys-lru', () => {
  it('keeps what was used lately', async () => {
    await start({
      maxMemoryBytes: SMALL_LIMIT,
      maxMemoryPolicy: 'allkeys-lru',
      maxMemorySamples: 10,
    });
    await pipeline(sets(0, 400));
    clock.advance(10_000);
    await pipeline(sets(0, 200).map(([, key]) => ['GET', key!]));
    clock.advance(10_000);
    await pipeline(sets(1000, 250));
    const used = await survivors(0, 200);
    const unused = await survivors(200, 200);
    expect(used.length).toBeGreaterThan(190);
    expect(unused.length).toBeLessThan(80);
    expect(await survivors(1000, 250)).toHaveLength(250);
    expect(usedBytes()).toBeLessThanOrEqual(SMALL_LIMIT + 300);
  });

  it('does not take a look without use for a use', async () => {
    await start({ maxMemoryBytes: SMALL_LIMIT, maxMemoryPolicy: 'allkeys-lru' });
    await pipeline(sets(0, 400));
    clock.advance(10_000);
    await pipeline([['CLIENT', 'NO-TOUCH', 'ON'], ...sets(0, 200).map(([, k]) => ['GET', k!])]);
    await pipeline([['CLIENT', 'NO-TOUCH', 'OFF'], ...sets(200, 200).map(([, k]) => ['GET', k!])]);
    await pipeline(sets(1000, 250));
    expect((await survivors(0, 200)).length).toBeLessThan(80);
    expect((await survivors(200, 200)).length).toBeGreaterThan(190);
  });
});

describe('allkeys-lfu', () => {
  it('keeps what is used often, however long ago new keys came', async () => {
    await start({ maxMemoryBytes: SMALL_LIMIT, maxMemoryPolicy: 'allkeys-lfu' });
    await pipeline(sets(0, 400));
    for (let round = 0; round < 20; round++) {
      await pipeline(sets(0, 200).map(([, key]) => ['GET', key!]));
    }
    await pipeline(sets(1000, 1000));
    expect(await survivors(0, 200)).toHaveLength(200);
    expect((await survivors(200, 200)).length).toBeLessThan(100);
  });

  it('lets the counter sink by one a minute', async () => {
    await start({ maxMemoryPolicy: 'allkeys-lfu', lfuLogFactor: 0 });
    await pipeline([['SET', 'k', 'v'], ...range(20).map(() => ['GET', 'k'])]);
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':25\r\n');
    clock.advance(60_000);
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':24\r\n');
    clock.advance(23 * 60_000);
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':1\r\n');
    clock.advance(30 * 60_000);
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':0\r\n');
    await client.command('GET', 'k');
    await client.command('CONFIG', 'SET', 'lfu-decay-time', '10');
    await pipeline(range(8).map(() => ['GET', 'k']));
    clock.advance(25 * 60_000);
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':7\r\n');
    await client.command('CONFIG', 'SET', 'lfu-decay-time', '0');
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':9\r\n');
  });

  it('and LRU understand each other when the policy changes', async () => {
    await start({ maxMemoryPolicy: 'allkeys-lru' });
    await client.command('SET', 'k', 'v');
    clock.advance(120_000);
    await client.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':5\r\n');
    await client.command('GET', 'k');
    expect(String(await client.command('OBJECT', 'FREQ', 'k'))).toBe(':5\r\n');
    clock.advance(180_000);
    await client.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const idle = String(await client.command('OBJECT', 'IDLETIME', 'k'));
    expect(idle).toBe(':180\r\n');
  });
});

describe.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'] as const)(
  '%s',
  (maxMemoryPolicy) => {
    it('leaves keys without a deadline alone, and refuses writes when there are no others', async () => {
      await start({ maxMemoryBytes: SMALL_LIMIT, maxMemoryPolicy });
      await pipeline(sets(0, 300));
      const replies = await pipeline(sets(1000, 1000, 'EX', '1000'));
      expect(new Set(replies)).toEqual(new Set(['+OK\r\n']));
      expect(await survivors(0, 300)).toHaveLength(300);
      expect(evicted()).toBeGreaterThan(500);
      const more = await pipeline(sets(2000, 1000));
      expect(more.at(-1)).toBe(OOM);
      expect(await survivors(1000, 1000)).toEqual([]);
      expect(await survivors(0, 300)).toHaveLength(300);
      expect(String(await client.command('GET', 'key:000000'))).toBe('$1\r\nv\r\n');
    });
  },
);

describe('volatile-ttl', () => {
  it('keeps the keys with the farthest deadlines, over all databases', async () => {
    await start({
      maxMemoryBytes: SMALL_LIMIT,
      maxMemoryPolicy: 'volatile-ttl',
      maxMemorySamples: 20,
    });
    const entries = range(300).map((i) => ({ i, ttl: 1000 + ((i * 7919) % 300) }));
    await pipeline(
      entries.flatMap(({ i, ttl }) => [
        ['SELECT', String(i % 2)],
        ['SET', `key:${String(i).padStart(6, '0')}`, 'v', 'EX', String(ttl)],
      ]),
    );
    // Room is made before a command runs.
    await pipeline([['SELECT', '0'], ...sets(1000, 300), ['PING']]);
    const gone = evicted();
    expect(gone).toBeGreaterThan(50);
    const left: number[] = [];
    for (const { i, ttl } of entries) {
      await client.command('SELECT', String(i % 2));
      const key = `key:${String(i).padStart(6, '0')}`;
      if (String(await client.command('EXISTS', key)) === ':1\r\n') left.push(ttl);
    }
    expect(left).toHaveLength(300 - gone);
    const wronglyGone = range(300 - gone, 1000 + gone).filter((ttl) => !left.includes(ttl));
    expect(wronglyGone.length).toBeLessThan(5);
  });
});

describe('allkeys-random', () => {
  it('evicts from every database', async () => {
    await start({ maxMemoryBytes: SMALL_LIMIT, maxMemoryPolicy: 'allkeys-random' });
    await pipeline(sets(0, 200));
    await client.command('SELECT', '3');
    await pipeline(sets(0, 200));
    await client.command('SELECT', '5');
    await pipeline(sets(0, 300));
    for (const db of [0, 3]) {
      expect(size(db)).toBeLessThan(200);
      expect(size(db)).toBeGreaterThan(50);
    }
  });
});

describe('a limit that is set while the server runs', () => {
  it('evicts at once, without a further command', async () => {
    await start({ maxMemoryPolicy: 'allkeys-lru' });
    await pipeline(sets(0, 5000));
    await client.command('CONFIG', 'SET', 'maxmemory', String(SMALL_LIMIT));
    await until(() => usedBytes() <= SMALL_LIMIT);
    expect(size()).toBeGreaterThan(400);
    expect(size()).toBeLessThan(600);
    expect(evicted()).toBe(5000 - size());
  });

  it('evicts in small steps when time is short', async () => {
    await start({ maxMemoryPolicy: 'allkeys-lru', evictionTenacity: 0 });
    await pipeline(sets(0, 5000));
    // Time passes at every look at the clock.
    let ms = 0;
    jest.spyOn(clock, 'monotonicMs').mockImplementation(() => ms++);
    await client.command('CONFIG', 'SET', 'maxmemory', String(SMALL_LIMIT));
    await client.command('PING');
    const after = size();
    expect(after).toBeGreaterThan(1000);
    await until(() => usedBytes() <= SMALL_LIMIT && size() < 600);
    expect(size()).toBeGreaterThan(400);
  });

  it('is lifted by 0', async () => {
    await start({ maxMemoryBytes: 1 });
    expect(String(await client.command('SET', 'k', 'v'))).toBe(OOM);
    await client.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(String(await client.command('SET', 'k', 'v'))).toBe('+OK\r\n');
  });

  it('stops an EXEC that would need memory, and its queue is gone', async () => {
    await start({});
    const other = await connectRaw(goredis.port);
    await pipeline([['MULTI'], ['SET', 'k', 'v']]);
    await other.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(String(await client.command('EXEC'))).toBe(
      "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n",
    );
    expect(String(await client.command('EXEC'))).toBe('-ERR EXEC without MULTI\r\n');
    await other.command('CONFIG', 'SET', 'maxmemory', '0');
    await pipeline([['MULTI'], ['GET', 'k']]);
    await other.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(String(await client.command('EXEC'))).toBe('*1\r\n$-1\r\n');
    other.destroy();
  });
});

it('evicts nothing while clients are paused', async () => {
  await start({ maxMemoryPolicy: 'allkeys-random' });
  await pipeline(sets(0, 1000));
  await client.command('CLIENT', 'PAUSE', '100000', 'WRITE');
  await client.command('CONFIG', 'SET', 'maxmemory-eviction-tenacity', '100');
  await client.command('CONFIG', 'SET', 'maxmemory', String(SMALL_LIMIT));
  await client.command('GET', 'k');
  expect(size()).toBe(1000);
  await client.command('CLIENT', 'UNPAUSE');
  await client.command('GET', 'k');
  expect(size()).toBeLessThan(600);
});

it('INFO counts evicted keys, RESETSTAT begins anew', async () => {
  await start({ maxMemoryBytes: SMALL_LIMIT, maxMemoryPolicy: 'allkeys-random' });
  await pipeline(sets(0, 1000));
  const info = String(await client.command('INFO', 'stats'));
  expect(info).toContain(`evicted_keys:${1000 - size()}\r\n`);
  await client.command('CONFIG', 'RESETSTAT');
  expect(evicted()).toBe(0);
});

it('a limit has no effect on a store that is not in memory', async () => {
  await start({ store: new SlowStore({ seed: 1 }), clock: undefined as never });
  await client.command('CONFIG', 'SET', 'maxmemory', '1');
  expect(String(await client.command('SET', 'k', 'v'))).toBe('+OK\r\n');
});
