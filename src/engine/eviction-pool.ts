import type { Key } from '../store/record';

/** As many as in Redis. */
const SIZE = 16;

interface Candidate {
  readonly db: number;
  readonly key: Key;
  readonly score: number;
}

/**
 * The best keys to evict of all that were sampled lately, so that few samples at a time come near to
 * having looked at all keys. A candidate may have been used or removed since.
 * Source: evictionPoolPopulate in evict.c of Redis 7.0
 */
export class EvictionPool {
  /** The best one last. */
  private readonly candidates: Candidate[] = [];

  /** Keeps the key if it is better than the worst one here, or there is room. */
  offer(db: number, key: Key, score: number): void {
    const { candidates } = this;
    let place = 0;
    while (place < candidates.length && candidates[place]!.score < score) place++;
    if (candidates.length === SIZE) {
      if (place === 0) return;
      candidates.shift();
      place--;
    }
    candidates.splice(place, 0, { db, key, score });
  }

  /** Takes the best one out. */
  take(): Candidate | undefined {
    return this.candidates.pop();
  }

  clear(): void {
    this.candidates.length = 0;
  }
}
