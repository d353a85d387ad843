import { parseInt64 } from '../lib/numbers';
import { RawString } from './raw-string';
import type { Value } from './value';

/** The longest string that Redis allocates together with its object. */
const EMBSTR_MAX_BYTES = 44;

export type Encoding = 'int' | 'embstr' | 'raw' | 'listpack' | 'hashtable' | 'quicklist';

/**
 * How Redis 7.0 would hold the value: what OBJECT ENCODING answers. A string that was appended to or
 * written into is `raw` however short it is, any other goes by its text.
 * Source: tryObjectEncoding in Redis's object.c
 */
export function encodingOf(value: Value): Encoding {
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') {
    if (parseInt64(value) !== undefined) return 'int';
    return value.length <= EMBSTR_MAX_BYTES ? 'embstr' : 'raw';
  }
  if (value instanceof RawString) return 'raw';
  return value.type === 'hash' ? value.encoding : 'quicklist';
}

/** Redis keeps the integers from 0 to 9999 once, and answers this for how often they are used. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFCOUNT = 2_147_483_647;

/** What OBJECT REFCOUNT answers. */
export function refcountOf(value: Value): number {
  const number = typeof value === 'string' ? parseInt64(value) : value;
  const shared =
    (typeof number === 'number' || typeof number === 'bigint') &&
    number >= 0 &&
    number < SHARED_INTEGERS;
  return shared ? SHARED_REFCOUNT : 1;
}
