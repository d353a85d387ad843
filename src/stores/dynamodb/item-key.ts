/**
 * Where a key is in the table. The partition `p` is the database and the key's cluster slot, so that
 * keys of one hash tag are together and no partition is hot by itself; the sort key `s` begins with
 * a hash of the key, so that a position of SCAN is a number.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { hashSlot } from '../../lib/hash-slot';
import type { Key, KeyRef } from '../../store/record';

export type Item = Record<string, AttributeValue>;

/** `p` and `s` of an item. */
export interface ItemKey extends Item {
  readonly p: AttributeValue.BMember;
  readonly s: AttributeValue.BMember;
}

/** Bytes of `s` before the key itself. */
export const HASH_BYTES = 7;
/** DynamoDB's limit for a sort key, less the hash. */
const MAX_INLINE_KEY = 1024 - HASH_BYTES;
/** What stands in `s` behind the hash of a key that is too long for it, before its SHA-256. */
const LONG_KEY = 0xff;

/** A position of SCAN holds 31 bits of the hash, beside 8 of the database and 14 of the slot. */
const GROUPS = 2 ** 31;
const PARTITIONS = 2 ** 22;
export function itemKey({ db, key }: KeyRef): ItemKey {
  const bytes = Buffer.from(key, 'latin1');
  const digest = createHash('sha256').update(bytes).digest();
  const hash = digest.subarray(0, HASH_BYTES);
  const s =
    bytes.length <= MAX_INLINE_KEY
      ? Buffer.concat([hash, bytes])
      : Buffer.concat([hash, Buffer.of(LONG_KEY), digest]);
  return { p: { B: partition(db, hashSlot(key)) }, s: { B: s } };
}

/** Whether the item needs the attribute `k`, because `s` does not hold the key. */
export function isLongKey(key: Key): boolean {
  return key.length > MAX_INLINE_KEY;
}

/** The key of an item, from `k` if it has one. */
export function refOf(item: Item): KeyRef {
  const key = item['k']?.B ?? item['s']!.B!.subarray(HASH_BYTES);
  return { db: item['p']!.B![0]!, key: Buffer.from(key).latin1Slice() };
}

/** One of 16 parts of the index on deadlines. */
export function deadlineBucket(key: ItemKey): number {
  return key.s.B[0]! & 0x0f;
}

/**
 * The position of an item, and of all whose hashes begin alike: database, slot and 31 bits of the
 * hash; never 0, below 2^53. The database is in it because what was looked at last may be of another.
 */
export function positionOf(key: Item): number {
  const place = Buffer.from(key['p']!.B!).readUIntBE(0, 3);
  const group = Buffer.from(key['s']!.B!).readUInt32BE(0) >>> 1;
  return (Math.floor(place / 2 ** 16) * 2 ** 14 + (place & 0x3fff)) * GROUPS + Math.max(1, group);
}

/** What a scan is to start behind so that it comes to everything at `position` and after it. */
export function startBefore(position: number): ItemKey {
  const place = Math.floor(position / GROUPS);
  const p = { B: partition(place >> 14, place & 0x3fff) };
  // Nothing is before the first group, which has that of the hashes that are 0 with it.
  if (position % GROUPS === 1) return { p, s: { B: Buffer.of(0) } };
  // The last of all that could be in the group before.
  const s = Buffer.alloc(1024, 0xff);
  s.writeUInt32BE(((position % GROUPS) - 1) * 2 + 1, 0);
  return { p, s: { B: s } };
}

/** A position anywhere in a database. @param part from 0 to 1 */
export function positionAt(db: number, part: number): number {
  return (db * 2 ** 14 + Math.floor(part * 2 ** 14)) * GROUPS + 1;
}

/** Whether `cursor` can have come from `positionOf`. */
export function isPosition(cursor: number): boolean {
  return Number.isSafeInteger(cursor) && cursor > 0 && cursor < PARTITIONS * GROUPS;
}

function partition(db: number, slot: number): Buffer {
  return Buffer.of(db, slot >> 8, slot & 0xff);
}
