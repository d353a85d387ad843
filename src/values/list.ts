import { Deque } from '../lib/deque';
import type { Bytes } from '../lib/bytes';
import { bytesMemory, sampledMemory, type MeasuredValue } from './memory';

/** The object with an empty ring, and a place in the ring (it grows by doubling). */
const OBJECT_BYTES = 160;
const ITEM_BYTES = 12;

/** A list: push, pop and index are O(1). */
export class ListValue implements MeasuredValue {
  readonly type = 'list';
  countedBytes = 0;
  /** Memory of all elements; negative: nobody has asked yet. */
  private contentBytes = -1;
  private readonly items: Deque<Bytes>;

  constructor(items: Iterable<Bytes> = []) {
    this.items = new Deque(items);
  }

  get size(): number {
    return this.items.length;
  }

  /** The element at `index`, which must be within 0 and size - 1. */
  at(index: number): Bytes | undefined {
    return this.items.at(index);
  }

  pushFront(item: Bytes): void {
    if (this.contentBytes >= 0) this.contentBytes += bytesMemory(item);
    this.items.pushFront(item);
  }

  pushBack(item: Bytes): void {
    if (this.contentBytes >= 0) this.contentBytes += bytesMemory(item);
    this.items.pushBack(item);
  }

  popFront(): Bytes | undefined {
    return this.popped(this.items.popFront());
  }

  popBack(): Bytes | undefined {
    return this.popped(this.items.popBack());
  }

  [Symbol.iterator](): Iterator<Bytes> {
    return this.items[Symbol.iterator]();
  }

  memoryBytes(): number {
    if (this.contentBytes < 0) this.contentBytes = this.sampledContent(0);
    return this.structureBytes + this.contentBytes;
  }

  sampledMemoryBytes(samples: number): number {
    return this.structureBytes + this.sampledContent(samples);
  }

  clone(): ListValue {
    return new ListValue(this.items);
  }

  private get structureBytes(): number {
    return OBJECT_BYTES + ITEM_BYTES * this.items.length;
  }

  private sampledContent(samples: number): number {
    return sampledMemory(this.items, this.items.length, samples, bytesMemory);
  }

  private popped(item: Bytes | undefined): Bytes | undefined {
    if (this.contentBytes >= 0 && item !== undefined) this.contentBytes -= bytesMemory(item);
    return item;
  }
}
