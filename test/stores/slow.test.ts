import { ManualClock } from '../../src/lib/clock';
import { HashValue } from '../../src/values/hash';
import { storeConformance } from '../conformance/store-conformance';
import { commit, load, setting } from '../conformance/support';
import { SlowStore, type SlowStoreOptions } from './slow';

function conformance(name: string, options: Omit<SlowStoreOptions, 'seed' | 'clock'>): void {
  storeConformance(
    name,
    async () => {
      const clock = new ManualClock();
      const store = new SlowStore({ seed: 7, clock, ...options });
      await store.open();
      return { store, clock, close: () => store.close() };
    },
    { swap: options.swap ?? true },
  );
}

conformance('slow', {});
conformance('slow with a cache', { cache: true, missRate: 0.2 });
conformance('slow without swap', { swap: false, maxTurns: 1 });

/** What became of each of many requests: its error code, or 'done' or 'conflict'. */
async function outcomes(requests: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(requests);
  return settled.map((result) => {
    if (result.status === 'rejected') return (result.reason as { code: string }).code;
    return (result.value as { ok?: boolean }).ok === false ? 'conflict' : 'done';
  });
}

describe('the slow store', () => {
  it('answers in any order', async () => {
    const store = new SlowStore({ seed: 1 });
    const order: number[] = [];
    const asked = Array.from({ length: 20 }, (_, i) => i);
    await Promise.all(asked.map((i) => load(store, `${i}`).then(() => order.push(i))));
    expect(order).not.toEqual(asked);
    expect([...order].sort((a, b) => a - b)).toEqual(asked);
  });

  it('does the same from the same seed', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const rates = { conflictRate: 0.2, failureRate: 0.2, unknownRate: 0.2 };
      const store = new SlowStore({ seed, ...rates });
      const requests = Array.from({ length: 100 }, (_, i) =>
        store.commit([setting(`${i % 5}`, i)], []),
      );
      const became = await outcomes(requests);
      await store.idle();
      return [became, [0, 1, 2, 3, 4].map((i) => store.truth(0, `${i}`)), store.recorded];
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  it('tells nobody of anything once it is closed, and comes to rest', async () => {
    const store = new SlowStore({ seed: 1 });
    let heard = 0;
    store.onChange(() => heard++);
    for (let i = 0; i < 1000; i++) store.foreignWrite(0, `${i}`, 'v');
    await store.close();
    await store.idle();
    expect(heard).toBe(0);
  });

  it('counts versions of a key one by one, through its absence', async () => {
    const store = new SlowStore({ seed: 1 });
    for (const value of ['a', undefined, 'b', undefined]) await commit(store, setting('k', value));
    expect(await load(store, 'k')).toEqual({
      key: 'k',
      value: undefined,
      version: 4,
      expiresAtMs: 0,
    });
  });

  it('changes nothing in a commit that fails or conflicts', async () => {
    const store = new SlowStore({ seed: 5, failureRate: 0.5, conflictRate: 0.5 });
    const requests = Array.from({ length: 200 }, (_, i) => store.commit([setting(`${i}`, i)], []));
    const became = await outcomes(requests);
    expect(new Set(became)).toEqual(new Set(['done', 'conflict', 'unavailable']));
    became.forEach((outcome, i) => {
      expect(store.truth(0, `${i}`).value).toBe(outcome === 'done' ? i : undefined);
    });
  });

  it('applies commits of unknown outcome before, later, or never', async () => {
    const store = new SlowStore({ seed: 5, unknownRate: 1 });
    const requests = Array.from({ length: 100 }, (_, i) => store.commit([setting(`${i}`, i)], []));
    expect(new Set(await outcomes(requests))).toEqual(new Set(['unknown']));
    const applied = (): number => requests.filter((_, i) => store.truth(0, `${i}`).version).length;
    const atOnce = applied();
    await store.idle();
    const inTheEnd = applied();
    expect(atOnce).toBeGreaterThan(10);
    expect(inTheEnd).toBeGreaterThan(atOnce + 10);
    expect(inTheEnd).toBeLessThan(90);
  });

  it('refuses a commit of too many keys', async () => {
    const store = new SlowStore({ seed: 1, maxKeys: 2 });
    const changes = ['a', 'b', 'c'].map((key) => setting(key, 'v'));
    expect(await outcomes([store.commit(changes, [])])).toEqual(['limit']);
    expect(store.truth(0, 'a').version).toBe(0);
  });

  it('peeks at nothing without a cache', async () => {
    const store = new SlowStore({ seed: 1 });
    await commit(store, setting('k', 'v'));
    await load(store, 'k');
    expect(store.peek(0, 'k')).toBeUndefined();
  });

  it('hears late of what another node writes, unless it loads', async () => {
    const store = new SlowStore({ seed: 1, cache: true });
    await commit(store, setting('heard', 'old'), setting('loaded', 'old'));
    store.foreignWrite(0, 'heard', 'new');
    store.foreignWrite(0, 'loaded', undefined);
    expect(store.peek(0, 'heard')?.value).toBe('old');
    expect((await load(store, 'loaded')).value).toBeUndefined();
    expect(store.peek(0, 'loaded')).toEqual(store.truth(0, 'loaded'));
    await store.idle();
    expect(store.peek(0, 'heard')).toEqual(store.truth(0, 'heard'));
  });

  it('never lets a late answer replace a later record in its cache', async () => {
    const store = new SlowStore({ seed: 2, cache: true, maxTurns: 20 });
    for (let i = 1; i <= 30; i++) {
      const late = [load(store, 'k'), load(store, 'k'), load(store, 'k')];
      await commit(store, setting('k', i));
      await Promise.all(late);
      expect(store.peek(0, 'k')?.value).toBe(i);
    }
  });

  it('finds out who changes a cached value in place', async () => {
    const store = new SlowStore({ seed: 1, cache: true });
    await commit(store, setting('good', 'v'), setting('bad', new HashValue([['f', 'v']])));
    expect(store.mutated()).toEqual([]);
    (store.peek(0, 'bad')!.value as HashValue).set('f', 'w');
    expect(store.mutated()).toEqual([{ db: 0, key: 'bad' }]);
  });

  it('records what it was asked for', async () => {
    const store = new SlowStore({ seed: 1 });
    const keys = ['a', 'b'].map((key) => ({ db: 0, key }));
    await store.load(keys, 'snapshot');
    await store.load(keys, 'each');
    await commit(store, setting('a', 1), setting('b', 1));
    await store.commit([setting('a', 2, { base: 9 })], [{ db: 0, key: 'b', version: 1 }]);
    expect(store.stats()['Slow']).toEqual({
      loads: 2,
      snapshots: 1,
      loadedKeys: 4,
      commits: 2,
      changes: 3,
      reads: 1,
      scans: 0,
      conflicts: 1,
      failures: 0,
      unknowns: 0,
    });
  });
});
