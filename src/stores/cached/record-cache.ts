/**
 * Records by key. What has been read is in the main part; what others have written and nobody here
 * has read is on probation, in a small part of its own, so that it cannot push out what is read.
 */
import type { Key } from '../../store/record';
import { ByteLru } from './byte-lru';
import type { Entry } from './entry';

/** Of the bytes. */
const PROBATION_PART = 0.15;

export class RecordCache {
  evicted = 0;
  private readonly main: ByteLru<Entry>;
  private readonly probation: ByteLru<Entry>;

  /** @param onEvicted told of each entry that had to make room */
  constructor(maxBytes: number, onEvicted: (entry: Entry) => void) {
    const evicted = (entry: Entry): void => {
      this.evicted++;
      onEvicted(entry);
    };
    const probationBytes = Math.floor(maxBytes * PROBATION_PART);
    this.main = new ByteLru(maxBytes - probationBytes, evicted);
    this.probation = new ByteLru(probationBytes, evicted);
  }

  get size(): number {
    return this.main.size + this.probation.size;
  }

  get bytes(): number {
    return this.main.bytes + this.probation.bytes;
  }

  /** A use: the entry is now the last that will have to go. */
  use(db: number, key: Key): Entry | undefined {
    const id = idOf(db, key);
    const entry = this.main.get(id);
    if (entry !== undefined || this.probation.size === 0) return entry;
    const found = this.probation.remove(id);
    if (found !== undefined) this.main.add(id, found);
    return found;
  }

  /** No use. */
  find(db: number, key: Key): Entry | undefined {
    const id = idOf(db, key);
    return this.main.peek(id) ?? this.probation.peek(id);
  }

  /** Adds an entry for a key without one. @param used whether somebody here has asked for it */
  add(entry: Entry, used: boolean): void {
    const part = used ? this.main : this.probation;
    part.add(idOf(entry.db, entry.rec.key), entry);
  }

  /** An entry has grown or shrunk; where it stands does not change. */
  resized(entry: Entry, byBytes: number): void {
    const part =
      this.main.peek(idOf(entry.db, entry.rec.key)) === entry ? this.main : this.probation;
    part.resized(byBytes);
  }

  remove(db: number, key: Key): Entry | undefined {
    const id = idOf(db, key);
    return this.main.remove(id) ?? this.probation.remove(id);
  }

  clear(): void {
    this.main.clear();
    this.probation.clear();
  }
}

/** Keys have characters below 0x100; those of database 0, where most are, stand for themselves. */
function idOf(db: number, key: Key): string {
  return db === 0 ? key : String.fromCharCode(0xff + db) + key;
}
