/**
 * Records as items. Attributes: `t` type (`-` is a tombstone), `v` version, `c` time of the commit
 * in ms, `x` deadline in ms, `xb` its part of the index, `ttl` when DynamoDB may remove the item, in
 * seconds, `n` an integer value or `d` any other, `k` a key too long for `s`, `ev` the commit's
 * events, `tx` its siblings, `w1` to `w4` and `f...` as operations.ts says.
 */
import { StoreError } from '../../errors';
import { NO_EXPIRY, UnreadableRec, type Key, type Rec } from '../../store/record';
import type { Change, EventClass, KeyEvent } from '../../store/change';
import { decodeValue, encodeValue } from '../../values/codec';
import { typeOf, type TypeName, type Value } from '../../values/value';
import { deadlineBucket, isLongKey, type Item, type ItemKey } from './item-key';

export const TOMBSTONE = '-';

/** How long tombstones stay, and records after their deadlines, if nobody removes them. */
const KEPT_S = 3600;

/**
 * DynamoDB's limit is 400 KB for all of an item: names, ring, fences and a key of 60,000 bytes too.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 */
const MAX_ITEM_BYTES = 396 * 1024;
/** What an item holds beside key and value. */
const OVERHEAD_BYTES = 1024;

const LETTERS: Readonly<Record<TypeName, string>> = { string: 's', hash: 'h', list: 'l' };
const TYPES = new Map(Object.entries(LETTERS).map(([type, letter]) => [letter, type as TypeName]));

/** What a commit sets, but for version and ring; attributes that are undefined it removes. */
export type Content = Readonly<
  Record<'t' | 'c' | 'n' | 'd' | 'x' | 'xb' | 'ttl' | 'k' | 'ev', Item[string] | undefined>
> & {
  /** As siblings.ts says. */
  readonly tx?: Item[string] | undefined;
};

/**
 * @param expiryIndex whether a deadline is to be found in the index
 * @throws StoreError `limit`
 */
export function contentOf(change: Change, at: ItemKey, nowMs: number, expiryIndex = true): Content {
  const { key, value, expiresAtMs, events } = change;
  const isNumber = typeof value === 'number';
  const payload = value === undefined || isNumber ? undefined : encodeValue(value);
  const bytes = (payload?.length ?? 0) + key.length + OVERHEAD_BYTES;
  if (bytes > MAX_ITEM_BYTES) {
    throw new StoreError('limit', 'key and value are larger than an item of DynamoDB (400 KB)');
  }
  const hasDeadline = value !== undefined && expiresAtMs !== NO_EXPIRY;
  return {
    t: { S: value === undefined ? TOMBSTONE : LETTERS[typeOf(value)] },
    c: { N: String(nowMs) },
    n: isNumber ? { N: String(value) } : undefined,
    d: payload && { B: payload },
    x: hasDeadline ? { N: String(expiresAtMs) } : undefined,
    xb: hasDeadline && expiryIndex ? { N: String(deadlineBucket(at)) } : undefined,
    ttl:
      hasDeadline || value === undefined ? keptUntil(hasDeadline ? expiresAtMs : nowMs) : undefined,
    k: isLongKey(key) ? { B: Buffer.from(key, 'latin1') } : undefined,
    ev: events.length > 0 ? { S: eventsText(events) } : undefined,
  };
}

/** The `ttl` of an item that nobody needs from `ms` on. */
export function keptUntil(ms: number): Item[string] {
  return { N: String(Math.ceil(ms / 1000) + KEPT_S) };
}

/** Class and name of each event; `*n` behind those that come n times in a row: commits are shared. */
function eventsText(events: readonly KeyEvent[]): string {
  const runs: { name: string; count: number }[] = [];
  for (const event of events) {
    const name = event.class + event.name;
    const last = runs.at(-1);
    if (last?.name === name) last.count++;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name}*${count}`)).join(' ');
}

/** What `eventsText` has written. A name that is none is left out: another program wrote it. */
export function eventsOf(text: string, db: number, key: Key): KeyEvent[] {
  return text.split(' ').flatMap((run) => {
    const [, letter, name, count = '1'] = /^([a-z$])([^*]+)(?:\*(\d{1,4}))?$/.exec(run) ?? [];
    if (letter === undefined || name === undefined) return [];
    const event: KeyEvent = { class: letter as EventClass, name, db, key };
    return Array.from({ length: Number(count) }, () => event);
  });
}

/**
 * The record of an item, or of its absence.
 * @throws StoreError `unreadable` for an item that no goredis has written
 */
export function recOf(key: Key, item: Item | undefined): Rec {
  if (item === undefined) {
    return { key, value: undefined, version: 0, expiresAtMs: NO_EXPIRY };
  }
  const value = valueOf(item);
  return {
    key,
    value,
    version: versionOf(item),
    expiresAtMs: value === undefined ? NO_EXPIRY : expiresAtMsOf(item),
  };
}

/** The same, but an item that no goredis has written is an error only for who looks at its value. */
export function recOrUnreadable(key: Key, item: Item | undefined): Rec {
  try {
    return recOf(key, item);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // Without the attribute it is for conditions as if there were no item.
    const version = item!['v'] === undefined ? 0 : Number(item!['v'].N);
    return new UnreadableRec(key, version, error);
  }
}

/** @throws StoreError `unreadable` */
export function versionOf(item: Item): number {
  const version = Number(item['v']?.N);
  if (!Number.isSafeInteger(version))
    throw new StoreError('unreadable', 'an item without a version');
  return version;
}

export function expiresAtMsOf(item: Item): number {
  return Number(item['x']?.N ?? NO_EXPIRY);
}

/** The type of a live item. */
export function typeOfItem(item: Item): TypeName | undefined {
  return TYPES.get(item['t']?.S ?? TOMBSTONE);
}

function valueOf(item: Item): Value | undefined {
  if (item['t']?.S === TOMBSTONE) return undefined;
  if (item['n'] !== undefined) return Number(item['n'].N);
  if (item['d']?.B === undefined) throw new StoreError('unreadable', 'an item without a value');
  return decodeValue(Buffer.from(item['d'].B));
}
