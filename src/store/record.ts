import type { StoreError } from '../errors';
import type { Value } from '../values/value';

/** A key: bytes as latin1, one character a byte, so that it can be a Map key. May be empty. */
export type Key = string;

export interface KeyRef {
  readonly db: number;
  readonly key: Key;
}

/** `expiresAtMs` of a key without a deadline. Zero, because a small integer needs no memory of its own. */
export const NO_EXPIRY = 0;

/**
 * What a store holds of a key. Without a value it is a tombstone: the key is absent, and absence
 * has a version too.
 */
export interface Rec {
  readonly key: Key;
  /** Shared with every reader: never changed by a command, except in an InPlaceStore. */
  readonly value: Value | undefined;
  /**
   * Changes with every commit and never comes again for the same key while a watcher or a batch
   * can remember it. 0: the store knows nothing of the key.
   */
  readonly version: number;
  /** Unix milliseconds, or NO_EXPIRY, as for what has no value. The key is absent from this moment on. */
  readonly expiresAtMs: number;
}

/**
 * What a store holds of a key and cannot read: another program wrote it. An error for whoever looks
 * at the value, so that others of the same request get theirs.
 */
export class UnreadableRec implements Rec {
  readonly expiresAtMs = NO_EXPIRY;

  /** @param version NaN if that cannot be read either */
  constructor(
    readonly key: Key,
    readonly version: number,
    private readonly error: StoreError,
  ) {}

  /** @throws StoreError `unreadable` */
  get value(): never {
    throw this.error;
  }
}

export function isExpired(rec: { readonly expiresAtMs: number }, nowMs: number): boolean {
  return rec.expiresAtMs !== NO_EXPIRY && nowMs >= rec.expiresAtMs;
}

/** Whether a reader at `nowMs` sees a value. */
export function isLive(
  rec: Rec | undefined,
  nowMs: number,
): rec is Rec & { readonly value: Value } {
  return rec !== undefined && rec.value !== undefined && !isExpired(rec, nowMs);
}

/** One string for a KeyRef, for Maps over several databases. Databases are below 65,536. */
export function refId(db: number, key: Key): string {
  return String.fromCharCode(db) + key;
}
