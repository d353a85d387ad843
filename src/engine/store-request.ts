/**
 * Requests over the store as a whole, which a command makes through its context. The answer is
 * kept while the command runs again, so that a rerun neither asks nor swaps twice.
 */
import { LargeSet } from '../lib/large-set';
import type { Key } from '../store/record';
import type { Cursor, ScanPage, Store } from '../store/store';

export type StoreRequest =
  | { readonly kind: 'scan'; readonly db: number; readonly cursor: Cursor; readonly count: number }
  | { readonly kind: 'keys'; readonly db: number }
  | { readonly kind: 'size'; readonly db: number }
  | { readonly kind: 'approximateSize' }
  | { readonly kind: 'randomKey'; readonly db: number }
  | { readonly kind: 'swap'; readonly a: number; readonly b: number }
  | { readonly kind: 'saveSetting'; readonly name: string; readonly value: string };

export interface StoreAnswerOf {
  scan: ScanPage;
  /** Each once. */
  keys: Iterable<Key>;
  size: number;
  approximateSize: number | undefined;
  randomKey: Key | undefined;
  swap: undefined;
  saveSetting: undefined;
}

/** A scan of the whole database looks at so many records a page. */
export const WHOLE_SCAN_PAGE = 10_000;

export const SCAN_START: Cursor = '0';

/** Answers by request id. */
export type StoreAnswers = Map<string, unknown>;

export function storeRequestId(request: StoreRequest): string {
  return JSON.stringify(request);
}

export async function askStore(store: Store, request: StoreRequest): Promise<unknown> {
  switch (request.kind) {
    case 'scan':
      return scanOrRefusal(store, request.db, request.cursor, request.count);
    case 'keys':
      return allKeys(store, request.db);
    case 'size':
      return store.size(request.db);
    case 'approximateSize':
      return store.approximateSize?.();
    case 'randomKey':
      return store.randomKey(request.db);
    case 'swap':
      return store.swap(request.a, request.b);
    case 'saveSetting':
      return store.settings?.save(request.name, request.value);
  }
}

/** A cursor that the store never gave is the command's affair: the context throws it there. */
async function scanOrRefusal(
  store: Store,
  db: number,
  cursor: Cursor,
  count: number,
): Promise<ScanPage | RangeError> {
  try {
    return await store.scan(db, cursor, count);
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

/** In one request, so that the command that wants them all runs again once, not for every page. */
async function allKeys(store: Store, db: number): Promise<Iterable<Key>> {
  // A scan may meet a key twice.
  const keys = new LargeSet<Key>();
  let cursor = SCAN_START;
  do {
    const page = await store.scan(db, cursor, WHOLE_SCAN_PAGE);
    for (const { key } of page.keys) keys.add(key);
    cursor = page.cursor;
  } while (cursor !== SCAN_START);
  return keys;
}
