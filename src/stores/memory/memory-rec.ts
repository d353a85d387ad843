/**
 * The record of a key in memory. Tens of millions of them exist, so their shape matters to V8:
 *
 * - Every record is made by this one constructor, in this one order of fields: one hidden class.
 * - V8 picks how a field is stored by the first values it sees. A field that saw a small integer
 *   and then a fraction or a large number becomes a double, and each record then carries a box of
 *   16 bytes for it, also where it holds 0. A field that saw an object is a plain reference for
 *   ever: small integers lie in the reference itself, and only large numbers (a deadline) cost a
 *   box. `HOLE` is that first record, and since it is never let go, V8 never forgets the shape.
 *
 * The fields are declared without being defined: a class field would be written twice.
 */
import type { LiveRec } from '../../store/in-place';
import type { Key } from '../../store/record';
import type { Value } from '../../values/value';

export class MemoryRec implements LiveRec {
  declare readonly key: Key;
  declare value: Value;
  declare version: number;
  declare expiresAtMs: number;
  declare usedAtS: number;
  /** Its number in the order of creation of its database. */
  declare seq: number;

  constructor(key: Key, value: Value, version: number, expiresAtMs: number) {
    this.key = key;
    this.value = value;
    this.version = version;
    this.expiresAtMs = expiresAtMs;
    this.usedAtS = 0;
    this.seq = 0;
  }
}

const reference = 'not a number' as unknown as number;

/** No record: stands where one was removed. */
export const HOLE = new MemoryRec('', '', reference, reference);
HOLE.usedAtS = reference;
HOLE.seq = reference;
