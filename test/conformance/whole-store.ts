import { seeded } from '../../src/lib/random';
import type { Store } from '../../src/store/store';
import { HashValue } from '../../src/values/hash';
import { ListValue } from '../../src/values/list';
import type { Capabilities } from './store-conformance';
import { commit, load, scanAll, setting, type Opened } from './support';

export function wholeStoreFacts(opened: Opened, capabilities: Capabilities): void {
  describe('scan', () => {
    it('answers nothing of an empty database', async () => {
      // Its pages may be more than one: what a table holds for itself is passed over.
      expect(await scanAll(opened().store, 0, 10)).toEqual([]);
    });

    it.each([1, 7, 100, 10_000])('finds every key with its type, %d at a time', async (count) => {
      const { store } = opened();
      const names = Array.from({ length: 300 }, (_, i) => `key:${i}`);
      await setAll(store, names);
      await commit(store, setting('elsewhere', 'v', { db: 1 }), setting('key:7', undefined));
      const there = names.filter((key) => key !== 'key:7').sort();
      expect(await scanAll(store, 0, count)).toEqual(there);
    });

    it('says the type of each key', async () => {
      const { store } = opened();
      await commit(store, setting('s', 1), setting('h', new HashValue([['f', 'v']])));
      await commit(store, setting('l', new ListValue(['e'])));
      const { keys } = await store.scan(0, '0', 100);
      expect([...keys].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: 'h', type: 'hash' },
        { key: 'l', type: 'list' },
        { key: 's', type: 'string' },
      ]);
    });

    it('takes any count', async () => {
      const { store } = opened();
      await commit(store, setting('s', 1));
      const page = { cursor: '0', keys: [{ key: 's', type: 'string' }] };
      expect(await store.scan(0, '0', Number.MAX_SAFE_INTEGER)).toEqual(page);
    });

    it('leaves out what has expired', async () => {
      const { store, clock } = opened();
      await commit(store, setting('stays', 'v'));
      await commit(store, setting('goes', 'v', { expiresAtMs: clock.nowMs() + 1000 }));
      clock.advance(999);
      expect(await scanAll(store, 0, 1)).toEqual(['goes', 'stays']);
      clock.advance(1);
      expect(await scanAll(store, 0, 1)).toEqual(['stays']);
    });

    it('gives cursors that are decimal numbers below 2^53', async () => {
      const { store } = opened();
      for (let i = 0; i < 50; i++) await commit(store, setting(`${i}`, 'v'));
      let cursor = '0';
      do {
        cursor = (await store.scan(0, cursor, 3)).cursor;
        expect(cursor).toBe(String(Number(cursor)));
        expect(Number.isSafeInteger(Number(cursor))).toBe(true);
      } while (cursor !== '0');
    });

    it.each([1, 2, 3])(
      'returns every key that is present throughout, whatever comes and goes (seed %d)',
      async (seed) => {
        const { store } = opened();
        const random = seeded(seed);
        const lasting = Array.from({ length: 200 }, (_, i) => `lasting:${i}`);
        const passing = Array.from({ length: 400 }, (_, i) => `passing:${i}`);
        const order = [...lasting, ...passing].sort(() => random.next() - 0.5);
        await setAll(store, order);

        const found = new Set<string>();
        let cursor = '0';
        do {
          const page = await store.scan(0, cursor, 1 + random.below(20));
          for (const { key } of page.keys) found.add(key);
          cursor = page.cursor;
          const changes = [setting(lasting[random.below(lasting.length)]!, 'overwritten')];
          const some = Array.from({ length: random.below(12) }, () => random.below(passing.length));
          for (const at of new Set(some)) {
            changes.push(setting(passing[at]!, random.below(3) === 0 ? 'v' : undefined));
          }
          changes.push(setting(`inserted:${random.below(1 << 30)}`, 'v'));
          await commit(store, ...changes);
        } while (cursor !== '0');
        expect(lasting.filter((key) => !found.has(key))).toEqual([]);
      },
    );
  });

  describe('due', () => {
    it('answers the keys whose deadline has passed, oldest first, of all databases', async () => {
      const { store, clock } = opened();
      const now = clock.nowMs();
      await commit(store, setting('third', 'v', { expiresAtMs: now + 30 }));
      await commit(store, setting('first', 'v', { expiresAtMs: now + 10, db: 2 }));
      await commit(store, setting('later', 'v', { expiresAtMs: now + 41 }));
      await commit(store, setting('second', 'v', { expiresAtMs: now + 20 }));
      await commit(store, setting('never', 'v'));
      await commit(store, setting('fourth', 'v', { expiresAtMs: now + 40, db: 1 }));
      const passed = [
        { db: 2, key: 'first' },
        { db: 0, key: 'second' },
        { db: 0, key: 'third' },
        { db: 1, key: 'fourth' },
      ];
      expect(await store.due(now + 40, 100)).toEqual(passed);
      expect(await store.due(now + 40, 2)).toEqual(passed.slice(0, 2));
      expect(await store.due(now + 9, 100)).toEqual([]);
    });

    it('follows a deadline that is moved, taken away or overwritten', async () => {
      const { store, clock } = opened();
      const now = clock.nowMs();
      for (const key of ['moved', 'persisted', 'removed', 'kept']) {
        await commit(store, setting(key, 'v', { expiresAtMs: now + 10 }));
      }
      await commit(store, setting('moved', 'v', { expiresAtMs: now + 50 }));
      await commit(store, setting('persisted', 'v'), setting('removed', undefined));
      expect(await store.due(now + 20, 100)).toEqual([{ db: 0, key: 'kept' }]);
      expect(await store.due(now + 50, 100)).toEqual([
        { db: 0, key: 'kept' },
        { db: 0, key: 'moved' },
      ]);
    });
  });

  describe('size and randomKey', () => {
    it('counts the keys of each database', async () => {
      const { store } = opened();
      await commit(store, setting('a', 'v'), setting('b', 'v'), setting('a', 'v', { db: 1 }));
      await commit(store, setting('a', 'again'), setting('b', undefined));
      await commit(store, setting('none', undefined));
      expect([await store.size(0), await store.size(1), await store.size(2)]).toEqual([1, 1, 0]);
    });

    it('draws live keys only, and in time each of them', async () => {
      const { store, clock } = opened();
      expect(await store.randomKey(0)).toBeUndefined();
      for (const key of ['a', 'b', 'c']) await commit(store, setting(key, 'v'));
      await commit(store, setting('gone', 'v', { expiresAtMs: clock.nowMs() + 1 }));
      await commit(store, setting('a', undefined), setting('other', 'v', { db: 1 }));
      clock.advance(1);
      const drawn = new Set<string | undefined>();
      for (let i = 0; i < 100; i++) drawn.add(await store.randomKey(0));
      expect([...drawn].sort()).toEqual(['b', 'c']);
    });
  });

  describe('flush', () => {
    it('empties one database', async () => {
      const { store } = opened();
      await commit(store, setting('k', 'v'), setting('k', 'w', { db: 1 }));
      await store.flush(0);
      expect([await store.size(0), await store.size(1)]).toEqual([0, 1]);
      expect((await load(store, 'k')).value).toBeUndefined();
      expect((await load(store, 'k', 1)).value).toBe('w');
      expect(await scanAll(store, 0, 10)).toEqual([]);
    });

    it('empties all databases, deadlines included', async () => {
      const { store, clock } = opened();
      const expiresAtMs = clock.nowMs() + 10;
      await commit(store, setting('k', 'v', { expiresAtMs }), setting('k', 'w', { db: 3 }));
      await store.flush('all');
      expect([await store.size(0), await store.size(3)]).toEqual([0, 0]);
      expect(await store.due(expiresAtMs, 10)).toEqual([]);
      await commit(store, setting('k', 'again'));
      expect((await load(store, 'k')).value).toBe('again');
    });

    it('outdates what was read of a present key, and leaves the absence of others', async () => {
      const { store } = opened();
      const { recs } = await commit(store, setting('k', 'v'));
      const absent = await load(store, 'absent');
      await store.flush(0);
      const stale = await store.commit([setting('k', 'x', { base: recs[0]!.version })], []);
      expect(stale.ok).toBe(false);
      await commit(store, setting('absent', 'x', { base: absent.version }));
    });
  });

  if (!capabilities.swap) {
    describe('swap', () => {
      it('is refused as unsupported', async () => {
        await expect((async () => opened().store.swap(0, 1))()).rejects.toEqual(
          expect.objectContaining({ name: 'StoreError', code: 'unsupported' }),
        );
      });
    });
    return;
  }

  describe('swap', () => {
    it('exchanges two databases, deadlines included', async () => {
      const { store, clock } = opened();
      const expiresAtMs = clock.nowMs() + 10;
      await commit(store, setting('a', '0', { expiresAtMs }), setting('both', '0'));
      await commit(store, setting('b', '1', { db: 1 }), setting('both', '1', { db: 1 }));
      await store.swap(0, 1);
      expect(await scanAll(store, 0, 10)).toEqual(['b', 'both']);
      expect(await scanAll(store, 1, 10)).toEqual(['a', 'both']);
      expect((await load(store, 'both', 0)).value).toBe('1');
      expect((await load(store, 'both', 1)).value).toBe('0');
      expect(await store.due(expiresAtMs, 10)).toEqual([{ db: 1, key: 'a' }]);
    });

    it('outdates what was read of a key that is in either', async () => {
      const { store } = opened();
      const both = await commit(store, setting('k', '0'), setting('k', '1', { db: 1 }));
      const only = await commit(store, setting('only', '0'));
      await store.swap(0, 1);
      for (const [key, db, base] of [
        ['k', 0, both.recs[0]!.version],
        ['k', 1, both.recs[1]!.version],
        ['only', 0, only.recs[0]!.version],
      ] as const) {
        const late = await store.commit([setting(key, 'x', { db, base })], []);
        expect(late.ok).toBe(false);
      }
    });

    it('leaves a database exchanged with itself alone', async () => {
      const { store } = opened();
      const { recs } = await commit(store, setting('k', 'v'));
      await store.swap(0, 0);
      expect(await load(store, 'k')).toEqual(recs[0]);
    });
  });
}

/** Fifty at a time: a remote store takes long for each commit. */
async function setAll(store: Store, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += 50) {
    await commit(store, ...keys.slice(at, at + 50).map((key) => setting(key, 'v')));
  }
}
