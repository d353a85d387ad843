/**
 * The records of a database that have a deadline, by deadline: a tree over the digits of the
 * deadline, in base 64 from the highest. A leaf is a short list in no order; when it becomes long it
 * turns into a branch one digit further down, and a branch with few records left turns back.
 *
 * - A record is found by its own deadline, so there is one entry a key however often it is
 *   refreshed, and records need no field for their place.
 * - Records with one deadline, a million perhaps, are told apart by their creation number, lowest
 *   digits first (neighbours differ there), so no list is ever long.
 * - Nothing is sorted but one leaf at a time, and no step touches more than a few hundred entries.
 */
import type { Random } from '../../lib/random';
import type { Ref } from '../../store/records/arena';
import type { Records } from '../../store/records/records';

const LEAF = 64;
/** Below LEAF, so that a leaf that comes and goes around its limit is not rebuilt each time. */
const COLLAPSE = 16;
const MAX_DEADLINE = Number.MAX_SAFE_INTEGER;
/** Levels that are digits of the deadline: 9 times 6 bits hold 2^53. */
const DEADLINE_LEVELS = 9;
/** Digits are taken from the two halves of a number, each a small integer. */
const HALF = 2 ** 30;

const { floor, max, min } = Math;

type Leaf = Ref[];

class Branch {
  readonly children = new Array<Branch | Leaf | undefined>(64).fill(undefined);
  count = 0;
}

export class Deadlines {
  private readonly root = new Branch();

  constructor(private readonly records: Records) {}

  get size(): number {
    return this.root.count;
  }

  /** Enters a record at its `expiresAtMs`. */
  add(ref: Ref): void {
    this.addBelow(this.root, 0, ref);
  }

  /** Takes a record out; it must be there, and its `expiresAtMs` as it was when it was entered. */
  remove(ref: Ref): void {
    let branch = this.root;
    for (let level = 0; ; level++) {
      branch.count--;
      const at = this.digit(ref, level);
      const child = branch.children[at]!;
      if (child instanceof Branch) {
        if (child.count - 1 > COLLAPSE) {
          branch = child;
          continue;
        }
        const leaf: Leaf = [];
        collect(child, ref, leaf);
        branch.children[at] = leaf;
      } else if (child.length === 1) {
        branch.children[at] = undefined;
      } else {
        child[child.indexOf(ref)] = child[child.length - 1]!;
        child.pop();
      }
      return;
    }
  }

  /** A record has moved; its deadline and its number have not changed. */
  replace(ref: Ref, moved: Ref): void {
    let branch = this.root;
    for (let level = 0; ; level++) {
      const child = branch.children[this.digit(moved, level)]!;
      if (child instanceof Branch) {
        branch = child;
      } else {
        child[child.indexOf(ref)] = moved;
        return;
      }
    }
  }

  /** Up to `limit` records whose deadline is not after `untilMs`, oldest first. */
  due(untilMs: number, limit: number): Ref[] {
    const found: Ref[] = [];
    this.gather(this.root, untilMs, limit, found);
    return found;
  }

  /** The record at a place in the order of deadlines, from 0 to size - 1. */
  at(place: number): Ref {
    const { leaf, rest } = this.leafAt(place);
    return this.sorted(leaf)[rest]!;
  }

  /** A record, each with the same chance; 0 if there are none. */
  sample(random: Random): Ref {
    if (this.size === 0) return 0;
    const { leaf, rest } = this.leafAt(random.below(this.size));
    return leaf[rest]!;
  }

  /** The leaf that a place is in, and how many places of the leaf are before it. */
  private leafAt(place: number): { leaf: Leaf; rest: number } {
    let branch = this.root;
    let rest = place;
    for (let i = 0; ; i++) {
      const child = branch.children[i];
      if (child === undefined) continue;
      const size = child instanceof Branch ? child.count : child.length;
      if (rest >= size) {
        rest -= size;
      } else if (child instanceof Branch) {
        branch = child;
        i = -1;
      } else {
        return { leaf: child, rest };
      }
    }
  }

  private addBelow(from: Branch, fromLevel: number, ref: Ref): void {
    let branch = from;
    for (let level = fromLevel; ; level++) {
      branch.count++;
      const at = this.digit(ref, level);
      const child = branch.children[at];
      if (child === undefined) {
        branch.children[at] = [ref];
        return;
      }
      if (child instanceof Branch) {
        branch = child;
        continue;
      }
      child.push(ref);
      if (child.length > LEAF) {
        const split = new Branch();
        for (const one of child) this.addBelow(split, level + 1, one);
        branch.children[at] = split;
      }
      return;
    }
  }

  private digit(ref: Ref, level: number): number {
    if (level < DEADLINE_LEVELS) {
      const deadline = min(max(this.records.expiresAtMs(ref), 0), MAX_DEADLINE);
      if (level < 4) return (floor(deadline / HALF) >>> (18 - 6 * level)) & 63;
      return ((deadline % HALF) >>> (48 - 6 * level)) & 63;
    }
    const shift = 6 * (level - DEADLINE_LEVELS);
    const seq = this.records.number(ref);
    if (shift < 30) return ((seq % HALF) >>> shift) & 63;
    return (floor(seq / HALF) >>> (shift - 30)) & 63;
  }

  /** @returns false when there is nothing more to gather */
  private gather(branch: Branch, untilMs: number, limit: number, found: Ref[]): boolean {
    for (const child of branch.children) {
      if (child === undefined) continue;
      if (child instanceof Branch) {
        if (!this.gather(child, untilMs, limit, found)) return false;
        continue;
      }
      for (const ref of this.sorted(child)) {
        if (this.records.expiresAtMs(ref) > untilMs || found.length >= limit) return false;
        found.push(ref);
      }
    }
    return true;
  }

  private sorted(leaf: Leaf): Leaf {
    const { records } = this;
    return leaf
      .slice()
      .sort(
        (a, b) =>
          records.expiresAtMs(a) - records.expiresAtMs(b) || records.number(a) - records.number(b),
      );
  }
}

/** Adds all records below `branch` to `leaf`, without `but`. */
function collect(branch: Branch, but: Ref, leaf: Leaf): void {
  for (const child of branch.children) {
    if (child === undefined) continue;
    if (child instanceof Branch) collect(child, but, leaf);
    else for (const ref of child) if (ref !== but) leaf.push(ref);
  }
}
