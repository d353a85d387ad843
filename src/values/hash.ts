import type { Bytes } from '../lib/bytes';

/** `hash-max-listpack-entries` and `hash-max-listpack-value`, as Redis 7.0 sets them. */
const LISTPACK_MAX_ENTRIES = 512;
const LISTPACK_MAX_BYTES = 64;

/**
 * A hash: fields in the order of their creation, as Redis's listpack keeps them.
 *
 * Redis stores a small hash as a listpack and, once it has been larger, as a hashtable for the rest
 * of its life. Here only OBJECT ENCODING shows that, so it is one remembered bit.
 */
export class HashValue {
  readonly type = 'hash';
  private fields = new Map<string, Bytes>();
  private outgrown: boolean;

  /**
   * @param entries each field once or more often, the last one counts
   * @param encoding 'hashtable' for a hash that has once been too large for a listpack
   */
  constructor(
    entries: Iterable<readonly [string, Bytes]> = [],
    encoding: 'listpack' | 'hashtable' = 'listpack',
  ) {
    this.outgrown = encoding === 'hashtable';
    for (const [field, value] of entries) this.set(field, value);
  }

  get size(): number {
    return this.fields.size;
  }

  /** In Redis's words. */
  get encoding(): 'listpack' | 'hashtable' {
    return this.outgrown ? 'hashtable' : 'listpack';
  }

  get(field: string): Bytes | undefined {
    return this.fields.get(field);
  }

  has(field: string): boolean {
    return this.fields.has(field);
  }

  /** @returns whether the field is new */
  set(field: string, value: Bytes): boolean {
    const before = this.fields.size;
    this.fields.set(field, value);
    const after = this.fields.size;
    if (
      after > LISTPACK_MAX_ENTRIES ||
      field.length > LISTPACK_MAX_BYTES ||
      value.length > LISTPACK_MAX_BYTES
    ) {
      this.outgrown = true;
    }
    return after > before;
  }

  /** @returns whether the field was there */
  delete(field: string): boolean {
    return this.fields.delete(field);
  }

  entries(): IterableIterator<[string, Bytes]> {
    return this.fields.entries();
  }

  clone(): HashValue {
    const copy = new HashValue([], this.encoding);
    copy.fields = new Map(this.fields);
    return copy;
  }
}
