import type { Key } from '../../store/record';

interface Watched {
  watchers: number;
  /** The version of the key's absence, while it is absent. */
  tombstone: number;
}

/** The watched keys of one database: only they have a version while they are absent. */
export class Watches {
  private readonly byKey = new Map<Key, Watched>();

  get size(): number {
    return this.byKey.size;
  }

  watch(key: Key): void {
    const watched = this.byKey.get(key);
    if (watched !== undefined) watched.watchers++;
    else this.byKey.set(key, { watchers: 1, tombstone: 0 });
  }

  unwatch(key: Key): void {
    const watched = this.byKey.get(key);
    if (watched !== undefined && --watched.watchers === 0) this.byKey.delete(key);
  }

  /** 0 for a key that is not watched, or has been absent since before. */
  tombstone(key: Key): number {
    return this.byKey.get(key)?.tombstone ?? 0;
  }

  /** A watched key has become absent. */
  bury(key: Key, version: number): void {
    const watched = this.byKey.get(key);
    if (watched !== undefined) watched.tombstone = version;
  }

  keys(): IterableIterator<Key> {
    return this.byKey.keys();
  }
}
