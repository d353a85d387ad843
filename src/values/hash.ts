import type { Bytes } from '../lib/bytes';
import { bytesMemory, sampledMemory, textMemory, type MeasuredValue } from './memory';

/** `hash-max-listpack-entries` and `hash-max-listpack-value`, as Redis 7.0 sets them. */
const LISTPACK_MAX_ENTRIES = 512;
const LISTPACK_MAX_BYTES = 64;

/** The object with an empty Map, and what the Map needs for a field (it grows by doubling). */
const OBJECT_BYTES = 240;
const FIELD_BYTES = 42;

/**
 * A hash: fields in the order of their creation, as Redis's listpack keeps them.
 *
 * Redis stores a small hash as a listpack and, once it has been larger, as a hashtable for the rest
 * of its life. Here only OBJECT ENCODING shows that, so it is one remembered bit.
 */
export class HashValue implements MeasuredValue {
  readonly type = 'hash';
  countedBytes = 0;
  /** Memory of all fields and their values; negative: nobody has asked yet. */
  private contentBytes = -1;
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
    if (this.contentBytes >= 0) this.countSet(field, value);
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
    if (this.contentBytes >= 0) this.countDelete(field);
    return this.fields.delete(field);
  }

  entries(): IterableIterator<[string, Bytes]> {
    return this.fields.entries();
  }

  memoryBytes(): number {
    if (this.contentBytes < 0) this.contentBytes = this.sampledContent(0);
    return this.structureBytes + this.contentBytes;
  }

  sampledMemoryBytes(samples: number): number {
    return this.structureBytes + this.sampledContent(samples);
  }

  clone(): HashValue {
    const copy = new HashValue([], this.encoding);
    copy.fields = new Map(this.fields);
    return copy;
  }

  private get structureBytes(): number {
    return OBJECT_BYTES + FIELD_BYTES * this.fields.size;
  }

  private sampledContent(samples: number): number {
    return sampledMemory(this.fields, this.fields.size, samples, ([field, value]) =>
      fieldMemory(field, value),
    );
  }

  private countSet(field: string, value: Bytes): void {
    const before = this.fields.get(field);
    if (before === undefined) this.contentBytes += fieldMemory(field, value);
    else this.contentBytes += bytesMemory(value) - bytesMemory(before);
  }

  private countDelete(field: string): void {
    const before = this.fields.get(field);
    if (before !== undefined) this.contentBytes -= fieldMemory(field, before);
  }
}

function fieldMemory(field: string, value: Bytes): number {
  return textMemory(field.length) + bytesMemory(value);
}
