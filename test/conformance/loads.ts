import { StoreError } from '../../src/errors';
import { HashValue } from '../../src/values/hash';
import { ListValue } from '../../src/values/list';
import { RawString } from '../../src/values/raw-string';
import type { Value } from '../../src/values/value';
import { commit, load, plain, setting, type Opened } from './support';

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).latin1Slice();

const KEYS: readonly (readonly [string, string])[] = [
  ['the empty key', ''],
  ['a key of every byte', EVERY_BYTE],
  ['a key that looks like a member of Object', '__proto__'],
  ['a key of 100,000 bytes', 'k'.repeat(100_000)],
];

const VALUES: readonly (readonly [string, () => Value])[] = [
  ['a text', () => 'text'],
  ['the empty text', () => ''],
  ['a text of every byte', () => EVERY_BYTE],
  ['a text that looks like a number', () => '17'],
  ['zero', () => 0],
  ['the largest number', () => Number.MAX_SAFE_INTEGER],
  ['the smallest number', () => Number.MIN_SAFE_INTEGER],
  ['a short raw string', () => RawString.of('raw')],
  ['a raw string of 100,000 bytes', () => RawString.of(Buffer.alloc(100_000, 0xfe))],
  [
    'a hash in the order of its fields',
    () =>
      new HashValue([
        ['b', '1'],
        ['', ''],
        ['a', EVERY_BYTE],
      ]),
  ],
  ['a hash that has outgrown its listpack', () => new HashValue([['f', 'v']], 'hashtable')],
  ['a list in its order', () => new ListValue(['b', '', 'a', 'a', EVERY_BYTE])],
  ['a list with a large element', () => new ListValue([Buffer.alloc(100_000, 7)])],
];

export function loadFacts(opened: Opened): void {
  describe('load', () => {
    it('answers in the order of the keys, absent ones as tombstones', async () => {
      const { store } = opened();
      await commit(store, setting('a', '1'), setting('b', '2'), setting('a', '3', { db: 1 }));
      const keys = [
        { db: 0, key: 'b' },
        { db: 0, key: 'none' },
        { db: 1, key: 'a' },
        { db: 0, key: 'a' },
        { db: 1, key: 'b' },
      ];
      for (const need of ['each', 'snapshot'] as const) {
        const recs = await store.load(keys, need, 'strong');
        expect(recs.map(({ key, value, expiresAtMs }) => [key, value, expiresAtMs])).toEqual([
          ['b', '2', 0],
          ['none', undefined, 0],
          ['a', '3', 0],
          ['a', '1', 0],
          ['b', undefined, 0],
        ]);
      }
    });

    it('knows nothing of a key that never was', async () => {
      expect(await load(opened().store, 'never')).toEqual({
        key: 'never',
        value: undefined,
        version: 0,
        expiresAtMs: 0,
      });
    });

    it('sees every commit acknowledged before', async () => {
      const { store } = opened();
      for (let i = 0; i < 20; i++) {
        await commit(store, setting('k', i));
        expect((await load(store, 'k')).value).toBe(i);
      }
    });

    it('reads a snapshot as of one moment, under writes', async () => {
      const { store } = opened();
      const both = [
        { db: 0, key: 'a' },
        { db: 0, key: 'b' },
      ];
      await commit(store, setting('a', 0), setting('b', 0));
      let writing = true;
      const writer = (async () => {
        for (let i = 1; i <= 50; i++) await commit(store, setting('a', i), setting('b', i));
        writing = false;
      })();
      while (writing) {
        const [a, b] = await store.load(both, 'snapshot', 'strong');
        expect(a!.value).toBe(b!.value);
      }
      await writer;
    });

    it('peeks only at what load would answer', async () => {
      const { store, clock } = opened();
      await commit(store, setting('k', 'v', { expiresAtMs: clock.nowMs() + 1000 }));
      const loaded = await load(store, 'k');
      const peeked = store.peek(0, 'k', clock.nowMs());
      expect([undefined, loaded]).toContainEqual(peeked);
    });
  });

  describe('keys and values', () => {
    it.each(KEYS)('keeps %s', async (_title, key) => {
      const { store } = opened();
      await commit(store, setting(key, 'v'), setting(`${key}.`, 'other'));
      expect([(await load(store, key)).key, (await load(store, key)).value]).toEqual([key, 'v']);
      await commit(store, setting(key, undefined));
      expect((await load(store, key)).value).toBeUndefined();
      expect((await load(store, `${key}.`)).value).toBe('other');
    });

    it.each(VALUES)('keeps %s', async (_title, make) => {
      const { store } = opened();
      const { recs } = await commit(store, setting('k', make()));
      expect(plain(recs[0]!.value)).toEqual(plain(make()));
      expect(plain((await load(store, 'k')).value)).toEqual(plain(make()));
    });
  });

  describe('a closed store', () => {
    it('refuses load and commit as unavailable', async () => {
      const { store } = opened();
      await store.close();
      const refused = expect.objectContaining({ name: 'StoreError', code: 'unavailable' });
      await expect(load(store, 'k')).rejects.toEqual(refused);
      await expect(store.commit([setting('k', 'v')], [])).rejects.toBeInstanceOf(StoreError);
      await expect(store.commit([setting('k', 'v')], [])).rejects.toEqual(refused);
    });

    it('closes twice', async () => {
      const { store } = opened();
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    });
  });
}
