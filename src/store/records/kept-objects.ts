/**
 * What does not lie in a record's block: collections, large strings, and keys that are too long for
 * a block, with their values. Records name them by their places.
 *
 * What they take is counted while somebody wants to know (`counted`, which the caller remembers).
 * A value counts itself; what was counted for it stands in it.
 */
import type { LargeMemory } from '../../lib/large-memory';
import type { Key } from '../record';
import { primitiveMemory, textMemory, type MeasuredValue } from '../../values/memory';
import type { Value } from '../../values/value';
import { RawString } from '../../values/raw-string';
import { ObjectTable } from './object-table';

export type ObjectValue = Exclude<Value, number | string>;

export class KeptObjects {
  private readonly table = new ObjectTable<ObjectValue | Entry>();
  /** Of what is counted. */
  bytes = 0;

  /** @param memory gets that of large strings that leave */
  constructor(private readonly memory?: LargeMemory) {}

  get size(): number {
    return this.table.size;
  }

  /** @returns its place */
  add(value: ObjectValue, counted: boolean): number {
    if (counted) this.count(value);
    enter(value);
    return this.table.add(value);
  }

  addEntry(key: Key, value: Value, counted: boolean): number {
    const entry = new Entry(key, value);
    if (counted) this.count(entry);
    enter(value);
    return this.table.add(entry);
  }

  value(place: number): Value {
    const kept = this.table.get(place);
    return kept instanceof Entry ? kept.value : kept;
  }

  /** The key of an entry. */
  key(place: number): Key {
    return (this.table.get(place) as Entry).key;
  }

  /** What was counted for it. */
  bytesOf(place: number): number {
    return this.table.get(place).countedBytes;
  }

  replace(place: number, value: ObjectValue, counted: boolean): void {
    const before = this.table.get(place);
    if (counted) {
      this.bytes -= before.countedBytes;
      this.count(value);
    }
    enter(value);
    this.leave(before as ObjectValue);
    this.table.set(place, value);
  }

  replaceInEntry(place: number, value: Value, counted: boolean): void {
    const entry = this.table.get(place) as Entry;
    enter(value);
    this.leave(entry.value);
    entry.value = value;
    if (counted) this.recount(place);
  }

  remove(place: number, counted: boolean): void {
    const kept = this.table.get(place);
    if (counted) this.bytes -= kept.countedBytes;
    this.leave(kept instanceof Entry ? kept.value : kept);
    this.table.remove(place);
  }

  /** Counts for the first time what was not counted when it was added. */
  countFirst(place: number): void {
    this.count(this.table.get(place));
  }

  /** What is counted has changed. */
  recount(place: number): void {
    const kept = this.table.get(place);
    this.bytes -= kept.countedBytes;
    this.count(kept);
  }

  private leave(value: Value): void {
    if (!(value instanceof RawString)) return;
    value.holders--;
    if (value.holders === 0 && value.isReusable) this.memory?.leaves(value);
  }

  private count(kept: ObjectValue | Entry): void {
    kept.countedBytes = kept.memoryBytes();
    this.bytes += kept.countedBytes;
  }
}

function enter(value: Value): void {
  if (value instanceof RawString) value.holders++;
}

/** A key that is too long for a block, and its value, whatever it is. */
class Entry implements Pick<MeasuredValue, 'countedBytes' | 'memoryBytes'> {
  countedBytes = 0;

  constructor(
    readonly key: Key,
    public value: Value,
  ) {}

  memoryBytes(): number {
    const { key, value } = this;
    return (
      textMemory(key.length) +
      (typeof value === 'object' ? value.memoryBytes() : primitiveMemory(value))
    );
  }
}
