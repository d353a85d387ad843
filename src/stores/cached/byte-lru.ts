import { LRUCache } from 'lru-cache';

/** A Map refuses its 16.7-millionth key, and long before that it stops everything when it grows. */
const MAX_ENTRIES = 10_000_000;

/**
 * Entries by recency, within a number of bytes. Each says itself what it takes, and may change that
 * without being used: the library can only do both at once, so that it counts entries here, and the
 * bytes are counted outside of it.
 */
export class ByteLru<T extends { readonly bytes: number }> {
  bytes = 0;
  private readonly entries = new LRUCache<string, T & object>({
    maxSize: MAX_ENTRIES,
    sizeCalculation: () => 1,
  });

  constructor(
    private readonly maxBytes: number,
    private readonly evicted: (entry: T, id: string) => void,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** A use of the entry. */
  get(id: string): T | undefined {
    return this.entries.get(id);
  }

  /** Leaves its place as it is. */
  peek(id: string): T | undefined {
    return this.entries.peek(id);
  }

  /** Adds an entry that is not there, as the latest used. One that is too large leaves at once. */
  add(id: string, entry: T & object): void {
    if (entry.bytes > this.maxBytes) {
      this.evicted(entry, id);
      return;
    }
    this.makeRoom(entry.bytes);
    if (this.entries.size >= MAX_ENTRIES) this.evict();
    this.entries.set(id, entry);
    this.bytes += entry.bytes;
  }

  /** An entry has grown, or shrunk, by so many bytes. */
  resized(byBytes: number): void {
    this.bytes += byBytes;
    this.makeRoom(0);
  }

  remove(id: string): T | undefined {
    const entry = this.entries.peek(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    this.bytes -= entry.bytes;
    return entry;
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
  }

  *[Symbol.iterator](): Iterator<[string, T]> {
    yield* this.entries.entries() as Iterable<[string, T]>;
  }

  private makeRoom(forBytes: number): void {
    while (this.bytes + forBytes > this.maxBytes && this.entries.size > 0) this.evict();
  }

  private evict(): void {
    const [id, entry] = this.entries.rentries().next().value as [string, T];
    this.entries.delete(id);
    this.bytes -= entry.bytes;
    this.evicted(entry, id);
  }
}
