/**
 * Versions below which a record is known to be old, while the stream has not come so far: because a
 * sibling of the same transaction has been seen, or because a newer record has been here and had to
 * go. By place in the table (`placeName`), since siblings are named so.
 */
interface Floor {
  readonly version: number;
  /** On the monotonic clock. */
  readonly learnedAtMs: number;
}

/** Floors are counted by so many bits of their places' tags. */
const FILTER_MASK = 2 ** 16 - 1;

export class Floors {
  /** In the order in which they were learned. */
  private readonly floors = new Map<string, Floor>();
  /** How many floors there are by tag: a name costs a hash of the key, which a hit must not. */
  private readonly counts = new Uint32Array(FILTER_MASK + 1);

  get size(): number {
    return this.floors.size;
  }

  /** False: there is none at a place with this tag. */
  mayHave(tag: number): boolean {
    return this.counts[tag & FILTER_MASK] !== 0;
  }

  /** 0: none. */
  at(place: string): number {
    return this.floors.get(place)?.version ?? 0;
  }

  raise(place: string, version: number, nowMs: number): void {
    const before = this.at(place);
    // Last in order.
    if (before > 0) this.delete(place);
    this.floors.set(place, { version: Math.max(before, version), learnedAtMs: nowMs });
    this.counts[tagOf(place) & FILTER_MASK]!++;
  }

  /** The stream has shown this version of the place. */
  passed(place: string, version: number): void {
    const floor = this.floors.get(place);
    if (floor !== undefined && floor.version <= version) this.delete(place);
  }

  /** The stream has shown all that happened before: whatever is cached is as high. */
  forgetBefore(seenMs: number): void {
    for (const [place, { learnedAtMs }] of this.floors) {
      if (learnedAtMs >= seenMs) return;
      this.delete(place);
    }
  }

  clear(): void {
    this.floors.clear();
    this.counts.fill(0);
  }

  private delete(place: string): void {
    this.floors.delete(place);
    this.counts[tagOf(place) & FILTER_MASK]!--;
  }
}

/** 32 bits of a place's name, of equal quality: it ends with bytes of a hash. */
export function tagOf(place: string): number {
  const end = place.length;
  let tag = 0;
  for (let i = end - 4; i < end; i++) tag = (tag << 8) | place.charCodeAt(i);
  return tag;
}
