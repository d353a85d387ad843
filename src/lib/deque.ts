/** A double-ended queue in a ring that grows by doubling: push, pop and index are O(1). */
export class Deque<T> {
  private ring: (T | undefined)[];
  private head = 0;
  private count = 0;

  constructor(items: Iterable<T> = []) {
    this.ring = new Array<T | undefined>(4);
    for (const item of items) this.pushBack(item);
  }

  get length(): number {
    return this.count;
  }

  at(index: number): T | undefined {
    if (index < 0 || index >= this.count) return undefined;
    return this.ring[(this.head + index) & (this.ring.length - 1)];
  }

  pushBack(item: T): void {
    if (this.count === this.ring.length) this.resize(this.count * 2);
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = item;
    this.count++;
  }

  pushFront(item: T): void {
    if (this.count === this.ring.length) this.resize(this.count * 2);
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = item;
    this.count++;
  }

  popFront(): T | undefined {
    if (this.count === 0) return undefined;
    const item = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.count--;
    this.shrink();
    return item;
  }

  popBack(): T | undefined {
    if (this.count === 0) return undefined;
    const at = (this.head + this.count - 1) & (this.ring.length - 1);
    const item = this.ring[at];
    this.ring[at] = undefined;
    this.count--;
    this.shrink();
    return item;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.count; i++) yield this.at(i) as T;
  }

  private shrink(): void {
    if (this.ring.length > 16 && this.count < this.ring.length / 4) {
      this.resize(this.ring.length / 2);
    }
  }

  /** `capacity` is a power of two and at least `count`. */
  private resize(capacity: number): void {
    const ring = new Array<T | undefined>(capacity);
    for (let i = 0; i < this.count; i++) ring[i] = this.at(i);
    this.ring = ring;
    this.head = 0;
  }
}
