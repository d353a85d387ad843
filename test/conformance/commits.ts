import type { CommittedChange, KeyEvent } from '../../src/store/change';
import { commit, eventually, load, setting, type Opened } from './support';

export function commitFacts(opened: Opened): void {
  describe('commit', () => {
    it('answers the new records in the order of the changes', async () => {
      const { store } = opened();
      await commit(store, setting('b', 'old'));
      const { recs } = await commit(
        store,
        setting('c', '1', { expiresAtMs: 2_000_000_000_000 }),
        setting('b', undefined),
        setting('a', '2', { db: 1 }),
      );
      expect(recs.map(({ key, value, expiresAtMs }) => [key, value, expiresAtMs])).toEqual([
        ['c', '1', 2_000_000_000_000],
        ['b', undefined, 0],
        ['a', '2', 0],
      ]);
      expect(recs[0]).toEqual(await load(store, 'c'));
      expect(recs[1]).toEqual(await load(store, 'b'));
      expect(recs[2]).toEqual(await load(store, 'a', 1));
    });

    it('answers what was there before, or that it does not know', async () => {
      const { store } = opened();
      await commit(store, setting('k', 'first', { expiresAtMs: 2_000_000_000_000 }));
      const before = await load(store, 'k');
      const { previous } = await commit(store, setting('k', 'second'), setting('new', 'v'));
      expect(previous).toHaveLength(2);
      if (previous[0] !== undefined) expect(previous[0]).toEqual(before);
      expect(previous[1]?.value).toBeUndefined();
    });

    it('never uses the version of a key again, deletion and creation included', async () => {
      const { store } = opened();
      const seen = new Set<number>();
      for (let i = 0; i < 10; i++) {
        const { recs } = await commit(store, setting('k', i % 2 === 0 ? 'same' : 'other'));
        seen.add(recs[0]!.version);
        if (i % 3 === 0) await commit(store, setting('k', undefined));
      }
      expect(seen.size).toBe(10);
    });

    it('gives a key that only got a deadline a new version', async () => {
      const { store, clock } = opened();
      const { recs } = await commit(store, setting('k', 'v'));
      const base = recs[0]!.version;
      const later = await commit(
        store,
        setting('k', 'v', { base, expiresAtMs: clock.nowMs() + 5000 }),
      );
      expect(later.recs[0]!.version).not.toBe(base);
      expect((await load(store, 'k')).expiresAtMs).toBe(clock.nowMs() + 5000);
    });

    it('applies a change whose base still holds, of absent keys too', async () => {
      const { store } = opened();
      const absent = await load(store, 'k');
      const created = await commit(store, setting('k', '1', { base: absent.version }));
      await commit(store, setting('k', undefined, { base: created.recs[0]!.version }));
      const tombstone = await load(store, 'k');
      await commit(store, setting('k', '2', { base: tombstone.version }));
      expect((await load(store, 'k')).value).toBe('2');
    });

    it('applies nothing when one base has passed, and answers the newer record', async () => {
      const { store } = opened();
      const first = await commit(store, setting('a', '1'), setting('b', '1'));
      await commit(store, setting('b', '2'));
      const result = await store.commit(
        [
          setting('a', 'x', { base: first.recs[0]!.version }),
          setting('b', 'x', { base: first.recs[1]!.version }),
          setting('c', 'x'),
        ],
        [],
      );
      expect(result.ok).toBe(false);
      for (const { db, rec } of result.recs as readonly { db: number; rec: { key: string } }[]) {
        expect(rec).toEqual(await load(store, rec.key, db));
      }
      const values = await Promise.all(['a', 'b', 'c'].map((key) => load(store, key)));
      expect(values.map(({ value }) => value)).toEqual(['1', '2', undefined]);
    });

    it('refuses a base of absence when the key has come, and one of presence when it has gone', async () => {
      const { store } = opened();
      const absent = await load(store, 'k');
      const { recs } = await commit(store, setting('k', 'v'));
      const late = await store.commit([setting('k', 'x', { base: absent.version })], []);
      expect(late.ok).toBe(false);
      await commit(store, setting('k', undefined));
      const gone = await store.commit([setting('k', 'x', { base: recs[0]!.version })], []);
      expect(gone.ok).toBe(false);
      expect((await load(store, 'k')).value).toBeUndefined();
    });

    it('applies a blind change to anything', async () => {
      const { store } = opened();
      await commit(store, setting('k', '1'));
      await commit(store, setting('k', '2'));
      await commit(store, setting('k', undefined));
      await commit(store, setting('k', '3'));
      expect((await load(store, 'k')).value).toBe('3');
    });

    it('applies nothing when a key that was only read has changed', async () => {
      const { store } = opened();
      const { recs } = await commit(store, setting('read', '1'));
      const check = { db: 0, key: 'read', version: recs[0]!.version };
      expect((await store.commit([setting('k', '1')], [check])).ok).toBe(true);
      await commit(store, setting('read', '2'));
      expect((await store.commit([setting('k', '2')], [check])).ok).toBe(false);
      expect((await load(store, 'k')).value).toBe('1');
    });

    it('only validates when there are reads and no changes', async () => {
      const { store } = opened();
      const absent = await load(store, 'read');
      const check = { db: 0, key: 'read', version: absent.version };
      expect((await store.commit([], [check])).ok).toBe(true);
      await commit(store, setting('read', 'v'));
      expect((await store.commit([], [check])).ok).toBe(false);
    });

    it('keeps an expired record and its version until it is removed', async () => {
      const { store, clock } = opened();
      const { recs } = await commit(
        store,
        setting('k', 'v', { expiresAtMs: clock.nowMs() + 1000 }),
      );
      clock.advance(1000);
      expect(await load(store, 'k')).toEqual(recs[0]);
      await commit(store, setting('k', 'new', { base: recs[0]!.version }));
      expect((await load(store, 'k')).value).toBe('new');
    });

    it('lets one of many that saw the same version win', async () => {
      const { store } = opened();
      const { recs } = await commit(store, setting('k', 'start'));
      const base = recs[0]!.version;
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.commit([setting('k', i, { base })], [])),
      );
      const winners = results.flatMap((result, i) => (result.ok ? [i] : []));
      expect(winners).toHaveLength(1);
      expect((await load(store, 'k')).value).toBe(winners[0]);
    });
  });

  describe('onChange', () => {
    it('tells every listener of each change with its events, in order per key', async () => {
      const { store } = opened();
      const first: CommittedChange[] = [];
      const second: CommittedChange[] = [];
      store.onChange((change) => first.push(change));
      store.onChange((change) => second.push(change));
      const event: KeyEvent = { class: '$', name: 'set', db: 1, key: 'k' };
      for (let i = 0; i < 20; i++) {
        await commit(store, setting('k', i, { db: 1, events: [event] }), setting(`${i}`, 'v'));
      }
      await commit(store, setting('k', undefined, { db: 1 }));
      await eventually(() => first.length === 41 && second.length === 41);

      const ofKey = first.filter(({ db, rec }) => db === 1 && rec.key === 'k');
      expect(ofKey.map(({ rec }) => rec.value)).toEqual([
        ...Array.from({ length: 20 }, (_, i) => i),
        undefined,
      ]);
      expect(ofKey.map(({ events }) => events)).toEqual([
        ...Array.from({ length: 20 }, () => [event]),
        [],
      ]);
      expect(second).toEqual(first);
    });

    it('tells nothing of a commit that met a conflict', async () => {
      const { store } = opened();
      const seen: string[] = [];
      store.onChange(({ rec }) => seen.push(rec.key));
      expect((await store.commit([setting('k', 'v', { base: 12345 })], [])).ok).toBe(false);
      await commit(store, setting('after', 'v'));
      await eventually(() => seen.includes('after'));
      expect(seen).toEqual(['after']);
    });
  });
}
