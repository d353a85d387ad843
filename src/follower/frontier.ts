/**
 * How fresh what the follower has seen provably is. Everything of a shard that was written before a
 * beacon of this node was sent, and before that beacon came back, has been seen: so the time of the
 * least recent of the shards' latest beacons holds for the table. No clocks of others are compared.
 */

/** A moment by both clocks of this machine: one stands still while the machine sleeps, one may be set. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export const NEVER: Moment = { monotonicMs: -Infinity, wallMs: -Infinity };

export class Frontier {
  /** All that was written before has been seen. */
  seen: Moment = NEVER;
  private readonly moments = new Map<string, Moment>();

  /** A part of the table that must be seen: a shard, or one whose heirs are not all certain yet. */
  add(id: string, moment: Moment): void {
    this.moments.set(id, moment);
    this.update();
  }

  /** Raises what has been seen of it. Nothing if it is no part. */
  raise(id: string, moment: Moment): void {
    const before = this.moments.get(id);
    if (before === undefined || before.monotonicMs >= moment.monotonicMs) return;
    this.moments.set(id, moment);
    this.update();
  }

  remove(id: string): void {
    this.moments.delete(id);
    this.update();
  }

  clear(): void {
    this.moments.clear();
    this.update();
  }

  momentOf(id: string): Moment {
    return this.moments.get(id) ?? NEVER;
  }

  /** Parts of which nothing has been seen yet. */
  get unseen(): number {
    let count = 0;
    for (const moment of this.moments.values()) if (moment === NEVER) count++;
    return count;
  }

  private update(): void {
    let monotonicMs = this.moments.size === 0 ? -Infinity : Infinity;
    let wallMs = monotonicMs;
    for (const moment of this.moments.values()) {
      monotonicMs = Math.min(monotonicMs, moment.monotonicMs);
      wallMs = Math.min(wallMs, moment.wallMs);
    }
    this.seen = { monotonicMs, wallMs };
  }
}
