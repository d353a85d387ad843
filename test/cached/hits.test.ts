/** What counts as a hit, and when the cache is asked whether it is fresh. */
import { Coherence } from '../../src/stores/cached/coherence';
import { CacheFigures } from '../../src/stores/cached/figures';
import { Hits } from '../../src/stores/cached/hits';
import { startCachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { connectRaw } from '../support/raw-client';

it('is asked again when time has passed, and by whoever peeks', () => {
  let fresh = true;
  const coherence = new Coherence({
    ...{ maxBytes: 1 << 20, populate: true, monotonicMs: () => 1, nowMs: () => 1 },
    seenMs: () => 0,
    onFull() {},
    onUnreadable() {},
  });
  coherence.follow();
  const flight = coherence.begin({ db: 0, key: 'k' });
  coherence.loaded(flight, { key: 'k', value: 'v', version: 1, expiresAtMs: 0 });
  const hits = new Hits(coherence, new CacheFigures(), () => fresh);
  expect(hits.find(0, 'k')).not.toBe(0);
  fresh = false;
  expect(hits.find(0, 'k')).not.toBe(0);
  hits.timePasses();
  expect(hits.find(0, 'k')).toBe(0);
  fresh = true;
  expect(hits.peek(0, 'k')).toMatchObject({ value: 'v' });
  fresh = false;
  expect(hits.peek(0, 'k')).toBeUndefined();
});

it.each(['', 'KEA'])('counts each key of a command once (events: %j)', async (events) => {
  const fake = await FakeDynamo.start({ streams: { shards: 1 } });
  const node = await startCachedNode(fake.endpoint, { maxStalenessMs: 8000 });
  const client = await connectRaw(node.port);
  await client.command('CONFIG', 'SET', 'notify-keyspace-events', events);
  await node.store.follower.caughtUp();
  const keys = Array.from({ length: 9 }, (_, i) => `k${i}`);
  for (const key of keys) await client.command('SET', key, 'v');
  const figures = (): number[] => {
    const { hits, misses, read_units_saved: saved } = node.store.stats()['Cache']!;
    return [hits, misses, saved].map(Number);
  };
  let before = figures();
  const counted = async (...request: string[]): Promise<number[]> => {
    await client.command(...request);
    const now = figures();
    const by = now.map((figure, i) => figure - before[i]!);
    before = now;
    return by;
  };
  expect(await counted('GET', 'k0')).toEqual([1, 0, 1]);
  expect(await counted('MGET', ...keys)).toEqual([9, 0, 9]);
  expect(await counted('MGET', ...keys, 'missing')).toEqual([9, 1, 9]);
  expect(await counted('INCR', 'counter')).toEqual([0, 1, 0]);
  expect(await counted('INCR', 'counter')).toEqual([1, 0, 1]);
  expect(await counted('LLEN', 'k0')).toEqual([1, 0, 1]);
  client.destroy();
  await node.stop();
  await fake.stop();
});
