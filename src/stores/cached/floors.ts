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

export class Floors {
  /** In the order in which they were learned. */
  private readonly floors = new Map<string, Floor>();

  get size(): number {
    return this.floors.size;
  }

  /** 0: none. */
  at(place: string): number {
    return this.floors.get(place)?.version ?? 0;
  }

  raise(place: string, version: number, nowMs: number): void {
    const before = this.at(place);
    // Last in order.
    if (before > 0) this.floors.delete(place);
    this.floors.set(place, { version: Math.max(before, version), learnedAtMs: nowMs });
  }

  /** The stream has shown this version of the place. */
  passed(place: string, version: number): void {
    if (this.at(place) <= version) this.floors.delete(place);
  }

  /** The stream has shown all that happened before: whatever is cached is as high. */
  forgetBefore(seenMs: number): void {
    for (const [place, { learnedAtMs }] of this.floors) {
      if (learnedAtMs >= seenMs) return;
      this.floors.delete(place);
    }
  }

  clear(): void {
    this.floors.clear();
  }
}
