import { LRUCache } from 'lru-cache';

/** A Map refuses its 16.7-millionth key, and long before that it stops everything when it grows. */
const MAX_ENTRIES = 10_000_000;

/** What is kept: it says itself what it takes, and may change that without being used. */
export interface Kept {
  readonly id: string;
  readonly bytes: number;
  /** It has been used since it got its place. */
  used: boolean;
}

/**
 * Entries by recency, within a number of bytes. A use only marks the entry: when the time of a
 * marked one has come, it goes to the end of the line once more. So a use costs no more than finding
 * the entry. (The line is `lru-cache`'s; bytes are counted outside of it, because there an entry
 * could only change its size by being used.)
 */
export class ByteLru<T extends Kept> {
  bytes = 0;
  private readonly entries = new LRUCache<string, T>({
    maxSize: MAX_ENTRIES,
    sizeCalculation: () => 1,
  });

  constructor(
    private readonly maxBytes: number,
    private readonly evicted: (entry: T) => void,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** A use is marked by who uses it. */
  find(id: string): T | undefined {
    return this.entries.peek(id);
  }

  /** Adds an entry that is not there, as the latest. One that is too large leaves at once. */
  add(entry: T): void {
    if (entry.bytes > this.maxBytes) {
      this.evicted(entry);
      return;
    }
    entry.used = false;
    this.makeRoom(entry.bytes);
    if (this.entries.size >= MAX_ENTRIES) this.evict();
    this.entries.set(entry.id, entry);
    this.bytes += entry.bytes;
  }

  /** An entry has grown, or shrunk, by so many bytes. */
  resized(byBytes: number): void {
    this.bytes += byBytes;
    this.makeRoom(0);
  }

  remove(entry: T): void {
    this.entries.delete(entry.id);
    this.bytes -= entry.bytes;
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
  }

  private makeRoom(forBytes: number): void {
    while (this.bytes + forBytes > this.maxBytes && this.entries.size > 0) this.evict();
  }

  private evict(): void {
    for (;;) {
      const entry = this.entries.pop()!;
      if (!entry.used) {
        this.bytes -= entry.bytes;
        this.evicted(entry);
        return;
      }
      entry.used = false;
      this.entries.set(entry.id, entry);
    }
  }
}
