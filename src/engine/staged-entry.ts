import type { KeyEvent } from '../store/change';
import { NO_EXPIRY, type Key, type Rec } from '../store/record';
import type { Value } from '../values/value';

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
  events: KeyEvent[];
}

/** @param live whether a reader sees the record's value */
export function knownEntry(db: number, key: Key, base: Rec, live: boolean): Entry {
  return {
    db,
    key,
    base,
    value: live ? base.value : undefined,
    expiresAtMs: base.expiresAtMs,
    dirty: false,
    owned: false,
    read: true,
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
    events: [],
  };
}
