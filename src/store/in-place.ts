import type { Value } from '../values/value';
import type { CommittedChange } from './change';
import type { Key } from './record';
import type { Cursor, ScanPage, Store } from './store';

/**
 * Where a record lies. It names the record until the next `put`, `replace` or `remove` of its key;
 * 0: there is no record.
 */
export type RecRef = number;

/**
 * A store whose records may be edited in place and are then committed (memory). The engine uses it
 * without `load` and `commit`; everything answers at once. "Physically" below means: expired or not.
 */
export interface InPlaceStore extends Store {
  readonly inPlace: true;

  /** The record that is physically there; 0: none. */
  find(db: number, key: Key): RecRef;
  /**
   * The value of a record. A collection or a RawString is the one that is kept: whoever changes it
   * says so by `edited`.
   */
  valueAt(db: number, ref: RecRef): Value;
  expiresAtMs(db: number, ref: RecRef): number;
  keyAt(db: number, ref: RecRef): Key;
  /**
   * When it was last used, in whole Unix seconds; under an LFU policy, how often (see Lfu). 32 bits.
   * 0: new.
   */
  usedAtS(db: number, ref: RecRef): number;
  setUsedAtS(db: number, ref: RecRef, usedAtS: number): void;

  /**
   * Creates or overwrites. An overwritten key keeps its place in the order of SCAN. Keeps its own
   * copy of `key`. `usedAtS` stays as it was.
   */
  put(db: number, key: Key, value: Value, expiresAtMs: number): RecRef;
  /** Overwrites the value of `key`, whose record is `ref`; its deadline stays. A new version. */
  replace(db: number, key: Key, ref: RecRef, value: Value): RecRef;
  /** The value of the record was changed in place: a new version. */
  edited(db: number, ref: RecRef): void;
  /** Changes a deadline: a new version. */
  setExpiry(db: number, ref: RecRef, expiresAtMs: number): void;
  /** @returns whether it was physically there */
  remove(db: number, key: Key): boolean;

  /** The version of a key, present or absent. Of an absent one it is exact while it is watched. */
  versionOf(db: number, key: Key): number;
  /** Keeps the version of the key when it becomes absent, until `unwatch` was called as often. */
  watch(db: number, key: Key): void;
  unwatch(db: number, key: Key): void;

  scan(db: number, cursor: Cursor, count: number): ScanPage;
  size(db: number): number;
  /** How many keys have a deadline, and their average time to live in ms, estimated. */
  expires(db: number): { keys: number; averageTtlMs: number };
  randomKey(db: number): Key | undefined;
  flush(db: number | 'all'): void;
  swap(a: number, b: number): void;
  due(beforeMs: number, limit: number): readonly { readonly db: number; readonly key: Key }[];
  /** The nearest deadline of any key, in Unix milliseconds; it may have passed. */
  nextDeadlineMs(): number | undefined;

  /** Begins or ends to count what collections and large strings take. */
  countObjects(on: boolean): void;
  /**
   * Counts up to `limit` of the keys that were there when it began; what is written is counted at
   * once. An element of a collection counts as a part of its key.
   * @returns whether there are more
   */
  countMore(limit: number): boolean;
  /** What keys and values take, in bytes; without collections and large strings that are not counted. */
  readonly countedBytes: number;
  /** Any key, or any that has a deadline, each with the same chance; 0 if there is none. */
  sample(db: number, volatileOnly: boolean): RecRef;

  /** Tells the listeners of `onChange` of an edit in place; a `commit` does so by itself. */
  announce(change: CommittedChange): void;
}

export function isInPlace(store: Store): store is InPlaceStore {
  return (store as Partial<InPlaceStore>).inPlace === true;
}
