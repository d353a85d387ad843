/**
 * A binary heap whose entries are also found by name: the least first, one entry a name however
 * often it is set anew, and any of them removed in the time that adding one takes.
 */
interface Entry<T> {
  readonly name: string;
  order: number;
  value: T;
  /** Where it stands in the heap. */
  at: number;
}

export class KeyedHeap<T> {
  private readonly byName = new Map<string, Entry<T>>();
  private heap: Entry<T>[] = [];

  get size(): number {
    return this.heap.length;
  }

  get(name: string): T | undefined {
    return this.byName.get(name)?.value;
  }

  /** The least order, or Infinity. */
  get leastOrder(): number {
    return this.heap[0]?.order ?? Infinity;
  }

  /** Adds an entry, or puts another in its place. */
  set(name: string, order: number, value: T): void {
    let entry = this.byName.get(name);
    if (entry === undefined) {
      entry = { name, order, value, at: this.heap.length };
      this.byName.set(name, entry);
      this.heap.push(entry);
    } else {
      entry.order = order;
      entry.value = value;
    }
    this.rise(entry);
    this.sink(entry);
  }

  delete(name: string): void {
    const entry = this.byName.get(name);
    if (entry === undefined) return;
    this.byName.delete(name);
    const last = this.heap.pop()!;
    if (last === entry) return;
    this.place(last, entry.at);
    this.rise(last);
    this.sink(last);
  }

  /** Takes out the entry of the least order. */
  shift(): T | undefined {
    const first = this.heap[0];
    if (first === undefined) return undefined;
    this.delete(first.name);
    return first.value;
  }

  /** Keeps so many of the least orders. O(n log n). */
  truncate(count: number): void {
    if (this.heap.length <= count) return;
    // A sorted array is a heap.
    this.heap.sort((a, b) => a.order - b.order);
    for (const { name } of this.heap.splice(count)) this.byName.delete(name);
    this.heap.forEach((entry, at) => (entry.at = at));
  }

  /** Removes all that are meant, in O(n). */
  deleteAll(isMeant: (value: T) => boolean): void {
    this.heap = this.heap.filter(({ name, value }) => {
      if (isMeant(value)) this.byName.delete(name);
      return this.byName.has(name);
    });
    this.heap.forEach((entry, at) => (entry.at = at));
    for (let at = this.heap.length >> 1; at-- > 0;) this.sink(this.heap[at]!);
  }

  clear(): void {
    this.byName.clear();
    this.heap = [];
  }

  private rise(entry: Entry<T>): void {
    while (entry.at > 0) {
      const parent = this.heap[(entry.at - 1) >> 1]!;
      if (parent.order <= entry.order) return;
      this.exchange(entry, parent);
    }
  }

  private sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.heap[entry.at * 2 + 1];
      const right = this.heap[entry.at * 2 + 2];
      const least = right !== undefined && right.order < left!.order ? right : left;
      if (least === undefined || entry.order <= least.order) return;
      this.exchange(entry, least);
    }
  }

  private exchange(a: Entry<T>, b: Entry<T>): void {
    const { at } = a;
    this.place(a, b.at);
    this.place(b, at);
  }

  private place(entry: Entry<T>, at: number): void {
    this.heap[at] = entry;
    entry.at = at;
  }
}
