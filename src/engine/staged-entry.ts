import { BLIND, type Change, type KeyEvent, type ReadCheck } from '../store/change';
import { NO_EXPIRY, isLive, type Key, type Rec } from '../store/record';
import type { Value } from '../values/value';
import type { Watched } from './transaction';

/** Where a context finds records: those loaded for the run, else what the store has at hand. */
export interface RecordSource {
  find(ref: string, db: number, key: Key): Rec | undefined;
}

/** What the run knows of one key. */
export interface Entry {
  readonly db: number;
  readonly key: Key;
  /** Undefined while only a blind write has touched the key. */
  base: Rec | undefined;
  value: Value | undefined;
  expiresAtMs: number;
  dirty: boolean;
  /** The value is this run's own and may be edited in place. */
  owned: boolean;
  /** A command's outcome depends on the base. */
  read: boolean;
  /** The base has expired, and no event has said so. */
  lapsed: boolean;
  events: KeyEvent[];
}

/** @param flushed whether the run has flushed the key's database before */
export function knownEntry(
  db: number,
  key: Key,
  base: Rec,
  nowMs: number,
  flushed: boolean,
): Entry {
  const live = isLive(base, nowMs) && !flushed;
  return {
    db,
    key,
    base,
    value: live ? base.value : undefined,
    expiresAtMs: base.expiresAtMs,
    dirty: false,
    owned: false,
    read: true,
    lapsed: base.value !== undefined && !live && !flushed,
    events: [],
  };
}

/** For a write that needs to know nothing of what is there. */
export function blindEntry(db: number, key: Key): Entry {
  return {
    db,
    key,
    base: undefined,
    value: undefined,
    expiresAtMs: NO_EXPIRY,
    dirty: false,
    owned: false,
    read: false,
    lapsed: false,
    events: [],
  };
}

/** What a commit has to do to the key. @param blind whatever is there */
export function changeOf(entry: Entry, blind: boolean): Change {
  const { base, db, events, expiresAtMs, key, read, value } = entry;
  return {
    db,
    key,
    value,
    expiresAtMs: value === undefined ? NO_EXPIRY : expiresAtMs,
    base: blind || base === undefined || !read ? BLIND : base.version,
    events,
  };
}

/** What must still hold of a key that was read; nothing of one that was not. */
export function checkOf({ db, key, read, base }: Entry): ReadCheck[] {
  return read && base !== undefined ? [{ db, key, version: base.version }] : [];
}

/** Whether a watched key has changed or has expired since. */
export function isWatchBroken(watched: Watched, { base, dirty, value }: Entry): boolean {
  if (dirty) return true;
  const live = value !== undefined;
  if (live !== watched.live) return true;
  const version = base?.version ?? 0;
  if (version === watched.version) return false;
  // A key that had expired when it was watched may have been removed since: one version more.
  const removedSince =
    watched.expired === true && version === watched.version + 1 && base?.value === undefined;
  return !removedSince;
}
