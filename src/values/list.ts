import { Deque } from '../lib/deque';
import type { Bytes } from '../lib/bytes';

/** A list: push, pop and index are O(1). */
export class ListValue {
  readonly type = 'list';
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
    this.items.pushFront(item);
  }

  pushBack(item: Bytes): void {
    this.items.pushBack(item);
  }

  popFront(): Bytes | undefined {
    return this.items.popFront();
  }

  popBack(): Bytes | undefined {
    return this.items.popBack();
  }

  [Symbol.iterator](): Iterator<Bytes> {
    return this.items[Symbol.iterator]();
  }

  clone(): ListValue {
    return new ListValue(this.items);
  }
}
