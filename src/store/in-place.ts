import type { Value } from '../values/value';
import type { CommittedChange } from './change';
import type { Key, Rec } from './record';
import type { Cursor, ScanPage, Store } from './store';

/** A record that is edited where it lies. */
export interface LiveRec extends Rec {
  value: Value;
  version: number;
  expiresAtMs: number;
  /**
   * When it was last used, in whole Unix seconds; under an LFU policy, how often (see Lfu). Small, so
   * that it needs no memory of its own. 0: new.
   */
  usedAtS: number;
}

/**
 * A store whose records may be edited in place and are then committed (memory). The engine uses it
 * without `load` and `commit`; everything answers at once. "Physically" below means: expired or not.
 */
export interface InPlaceStore extends Store {
  readonly inPlace: true;

  /** The record that is physically there. */
  find(db: number, key: Key): LiveRec | undefined;
  /**
   * Creates or overwrites. An overwritten key keeps its place in the order of SCAN. Keeps its own
   * copy of `key`. The caller knows the time of its command and sets `usedAtS`.
   */
  put(db: number, key: Key, value: Value, expiresAtMs: number): LiveRec;
  /** Another value for a record, whose deadline stays: a new version. */
  replace(db: number, rec: LiveRec, value: Value): void;
  /** The value of `rec` was changed in place: a new version. */
  edited(db: number, rec: LiveRec): void;
  /** Changes a deadline: a new version. */
  setExpiry(db: number, rec: LiveRec, expiresAtMs: number): void;
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

  /** Begins or ends to count the memory that keys and values take. */
  countMemory(on: boolean): void;
  /**
   * Counts up to `limit` of the keys that were there when it began; what is written is counted at
   * once. An element of a collection counts as a part of its key.
   * @returns whether there are more
   */
  countMore(limit: number): boolean;
  /** What was counted, in bytes; 0 while nothing is. */
  readonly countedBytes: number;
  /** Any key, or any that has a deadline, each with the same chance; undefined if there is none. */
  sample(db: number, volatileOnly: boolean): LiveRec | undefined;

  /** Tells the listeners of `onChange` of an edit in place; a `commit` does so by itself. */
  announce(change: CommittedChange): void;
}

export function isInPlace(store: Store): store is InPlaceStore {
  return (store as Partial<InPlaceStore>).inPlace === true;
}
