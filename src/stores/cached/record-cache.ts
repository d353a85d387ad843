/**
 * Records by key. What has been read is in the main part; what others have written and nobody here
 * has read is on probation, in a small part of its own, so that it cannot push out what is read.
 */
import type { Key } from '../../store/record';
import { ClockCache } from './clock-cache';
import { idOf, type Entry } from './entry';

/** Of the bytes. */
const PROBATION_PART = 0.15;

export class RecordCache {
  evicted = 0;
  private readonly main: ClockCache<Entry>;
  private readonly probation: ClockCache<Entry>;

  /** @param onEvicted told of each entry that had to make room */
  constructor(maxBytes: number, onEvicted: (entry: Entry) => void) {
    const evicted = (entry: Entry): void => {
      this.evicted++;
      onEvicted(entry);
    };
    const probationBytes = Math.floor(maxBytes * PROBATION_PART);
    this.main = new ClockCache(maxBytes - probationBytes, evicted);
    this.probation = new ClockCache(probationBytes, evicted);
  }

  get size(): number {
    return this.main.size + this.probation.size;
  }

  get bytes(): number {
    return this.main.bytes + this.probation.bytes;
  }

  /** A use: the entry is now among the last that will have to go. */
  use(db: number, key: Key): Entry | undefined {
    const id = idOf(db, key);
    const entry = this.main.find(id);
    if (entry !== undefined) entry.used = true;
    else if (this.probation.size > 0) return this.promote(id);
    return entry;
  }

  /** No use. */
  find(db: number, key: Key): Entry | undefined {
    const id = idOf(db, key);
    return this.main.find(id) ?? this.probation.find(id);
  }

  /** Adds a record for a key without one. @param used whether somebody here has asked for it */
  add(entry: Entry, used: boolean): void {
    this.partOf(entry, used).add(entry);
  }

  /** An entry has grown or shrunk; where it stands does not change. */
  resized(entry: Entry, byBytes: number): void {
    this.partOf(entry, entry.inMain).resized(entry, byBytes);
  }

  remove(entry: Entry): void {
    this.partOf(entry, entry.inMain).remove(entry);
  }

  clear(): void {
    this.main.clear();
    this.probation.clear();
  }

  private promote(id: string): Entry | undefined {
    const entry = this.probation.find(id);
    if (entry === undefined) return undefined;
    this.probation.remove(entry);
    this.add(entry, true);
    return entry;
  }

  private partOf(entry: Entry, main: boolean): ClockCache<Entry> {
    entry.inMain = main;
    return main ? this.main : this.probation;
  }
}
