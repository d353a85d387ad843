import { asText } from '../../src/lib/bytes';
import { BLIND, type Change, type CommitResult } from '../../src/store/change';
import { NO_EXPIRY, type Key, type Rec } from '../../src/store/record';
import type { Store } from '../../src/store/store';
import { HashValue } from '../../src/values/hash';
import { RawString } from '../../src/values/raw-string';
import type { Value } from '../../src/values/value';
import type { OpenedStore } from './store-conformance';

/** The store of the running test. */
export type Opened = () => OpenedStore;

/** A change without events that sets a value; `more` replaces any of its parts. */
export function setting(key: Key, value: Value | undefined, more: Partial<Change> = {}): Change {
  return { db: 0, key, value, expiresAtMs: NO_EXPIRY, base: BLIND, events: [], ...more };
}

export async function load(store: Store, key: Key, db = 0): Promise<Rec> {
  const recs = await store.load([{ db, key }], 'each', 'strong');
  return recs[0]!;
}

/** Commits what must succeed. */
export async function commit(
  store: Store,
  ...changes: Change[]
): Promise<Extract<CommitResult, { ok: true }>> {
  const result = await store.commit(changes, []);
  if (!result.ok) throw new Error('the commit met a conflict');
  return result;
}

/** A value as plain data, for comparing: its type, its encoding where Redis shows one, its bytes. */
export function plain(value: Value | undefined): unknown {
  if (value === undefined || typeof value !== 'object') return value;
  if (value instanceof RawString) return { raw: value.text() };
  if (value instanceof HashValue) {
    const entries = [...value.entries()].map(([field, item]) => [field, asText(item)]);
    return { hash: entries, encoding: value.encoding };
  }
  return { list: [...value].map(asText) };
}

/** All keys of a whole scan, sorted, each once. */
export async function scanAll(store: Store, db: number, count: number): Promise<Key[]> {
  const keys = new Set<Key>();
  let cursor = '0';
  do {
    const page = await store.scan(db, cursor, count);
    for (const { key } of page.keys) keys.add(key);
    cursor = page.cursor;
  } while (cursor !== '0');
  return [...keys].sort();
}

/** Waits, turn by turn, for something that the store does by itself. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !holds(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!holds()) throw new Error('it did not happen within 10,000 turns');
}
