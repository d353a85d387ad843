/**
 * Requests over the store as a whole, which a command makes through its context. The answer is
 * kept while the command runs again, so that a rerun neither asks nor swaps twice.
 */
import type { Key } from '../store/record';
import type { Cursor, ScanPage, Store } from '../store/store';

export type StoreRequest =
  | { readonly kind: 'scan'; readonly db: number; readonly cursor: Cursor; readonly count: number }
  | { readonly kind: 'size'; readonly db: number }
  | { readonly kind: 'randomKey'; readonly db: number }
  | { readonly kind: 'swap'; readonly a: number; readonly b: number };

export interface StoreAnswerOf {
  scan: ScanPage;
  size: number;
  randomKey: Key | undefined;
  swap: undefined;
}

/** Answers by request id. */
export type StoreAnswers = Map<string, unknown>;

export function storeRequestId(request: StoreRequest): string {
  return JSON.stringify(request);
}

export async function askStore(store: Store, request: StoreRequest): Promise<unknown> {
  switch (request.kind) {
    case 'scan':
      return store.scan(request.db, request.cursor, request.count);
    case 'size':
      return store.size(request.db);
    case 'randomKey':
      return store.randomKey(request.db);
    case 'swap':
      return store.swap(request.a, request.b);
  }
}
