/** Records of the stream as changes of keys. */
import { StoreError } from '../../errors';
import type { StreamRecord } from '../../follower/record';
import type { KeyEvent } from '../../store/change';
import { NO_EXPIRY, type Key, type Rec } from '../../store/record';
import { itemKey, refOf, type Item, type ItemKey } from '../dynamodb/item-key';
import { eventsOf, expiresAtMsOf, recOf, TOMBSTONE, versionOf } from '../dynamodb/items';
import { placeName } from '../dynamodb/siblings';
import { LazyRec } from './lazy-rec';

/** A smaller value is decoded at once: what remains of its image would take more memory. */
const LAZY_BYTES = 4096;

/** What happened to the item of a key. */
export interface StreamChange {
  readonly db: number;
  readonly key: Key;
  readonly place: string;
  /** Undefined: the item is gone from the table. */
  readonly rec: Rec | undefined;
  /** Of the record, or of the one that is gone. */
  readonly version: number;
  readonly item: Item | undefined;
  readonly old: Item | undefined;
}

/** @throws StoreError `unreadable` for an item that no goredis has written */
export function streamChangeOf({ keys, newImage, oldImage }: StreamRecord): StreamChange {
  const item = newImage as Item | undefined;
  const old = oldImage as Item | undefined;
  const { db, key } = refOf({ ...(old ?? item), ...keys });
  const place = placeName(keys as ItemKey);
  if (placeName(itemKey({ db, key })) !== place) {
    throw new StoreError('unreadable', 'an item that is not in the place of its key');
  }
  const rec = item && lazyRecOf(key, item);
  const version = rec?.version ?? (old === undefined ? 0 : versionOf(old));
  return { db, key, place, rec, version, item, old };
}

/** When it was committed, by the clock of who did it, in Unix milliseconds. */
export function committedAtMs({ item }: StreamChange): number | undefined {
  const c = item?.['c']?.N;
  return c === undefined ? undefined : Number(c);
}

/** Whether a commit has made the change; else only what goredis notes beside the record has changed. */
export function isCommit({ item, old }: StreamChange): boolean {
  return item === undefined || old === undefined || item['v']?.N !== old['v']?.N;
}

/** The events of the change, in order, and those that follow from what was there before. */
export function streamEventsOf(change: StreamChange, nowMs: number): KeyEvent[] {
  const { db, key, item, old } = change;
  const event = (letter: KeyEvent['class'], name: string): KeyEvent => ({
    class: letter,
    name,
    db,
    key,
  });
  const wasThere = old !== undefined && isThere(old);
  const deadlineMs = wasThere ? expiresAtMsOf(old) : NO_EXPIRY;
  const hadExpired = deadlineMs !== NO_EXPIRY && (committedAtMs(change) ?? nowMs) >= deadlineMs;
  if (item === undefined) {
    if (!wasThere) return [];
    return [hadExpired ? event('x', 'expired') : event('g', 'del')];
  }
  const events = item['ev']?.S === undefined ? [] : eventsOf(item['ev'].S, db, key);
  if (isThere(item) && (!wasThere || hadExpired)) events.unshift(event('n', 'new'));
  const isTold = events[0]?.name === 'expired';
  if (hadExpired && !isTold) events.unshift(event('x', 'expired'));
  return events;
}

function lazyRecOf(key: Key, item: Item): Rec {
  const payload = item['d']?.B;
  if (payload === undefined || payload.length < LAZY_BYTES) return recOf(key, item);
  const encoded = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return new LazyRec(key, versionOf(item), expiresAtMsOf(item), encoded);
}

function isThere(item: Item): boolean {
  return item['t']?.S !== undefined && item['t'].S !== TOMBSTONE;
}
