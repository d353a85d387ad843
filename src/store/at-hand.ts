import type { Value } from '../values/value';
import type { RecRef } from './in-place';
import type { Key } from './record';

/**
 * Records at hand, to be read without an object for each. A ref names its record until something
 * else is asked of the store.
 */
export interface RecordsAtHand {
  /** Where the record is, which may be one of absence; 0: only `load` can tell. */
  find(db: number, key: Key): RecRef;
  /** The value, shared with every reader, of a record whose deadline has not passed. */
  valueAt(ref: RecRef): Value;
  /** Unix milliseconds, or NO_EXPIRY; of a record of absence a time before all others. */
  expiresAtMs(ref: RecRef): number;
  /** Time has passed: what was fresh may not be any more. */
  timePasses(): void;
  /** What was found since the last call of either has been used: they were hits. */
  used(): void;
  /** Or it will be looked for again. */
  unused(): void;
}
