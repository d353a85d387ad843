/**
 * WATCH and EXEC.
 *
 * A watched key is remembered with its version. Two cases need more: a key that was already
 * expired when it was watched counts as absent, so its physical removal later is no change; and a
 * key that was live and has expired since is a change although no version moved.
 * Source: https://redis.io/docs/latest/develop/interact/transactions/
 */
import { ownText } from '../lib/bytes';
import type { Argv, Command } from './command';
import type { Key } from '../store/record';

export interface Watched {
  readonly db: number;
  readonly key: Key;
  readonly version: number;
  /** Had a value that had not expired. */
  readonly live: boolean;
  /** Had a value that had expired: its removal later is no change. */
  readonly expired?: boolean;
}

/** The keys one connection watches, since its last EXEC, DISCARD or UNWATCH. */
export class WatchSet {
  private readonly byRef = new Map<string, Watched>();
  /** Told when the set is given up, so that the store may forget versions of absent keys. */
  private released = false;

  constructor(private readonly onRelease?: (keys: Iterable<Watched>) => void) {}

  get size(): number {
    return this.byRef.size;
  }

  has(ref: string): boolean {
    return this.byRef.has(ref);
  }

  /** The first registration of a key counts. */
  add(ref: string, watched: Watched): void {
    if (this.released || this.byRef.has(ref)) return;
    // A key of a request may be a slice of what was read from the socket.
    this.byRef.set(ownText(ref), { ...watched, key: ownText(watched.key) });
  }

  [Symbol.iterator](): Iterator<Watched> {
    return this.byRef.values();
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    this.onRelease?.(this.byRef.values());
    this.byRef.clear();
  }
}

/** A command that MULTI queued. */
export interface QueuedCall {
  readonly command: Command;
  readonly argv: Argv;
}

/** What EXEC runs, taken from the connection at EXEC's arrival. */
export interface Transaction {
  readonly calls: readonly QueuedCall[];
  readonly watches: WatchSet;
}
