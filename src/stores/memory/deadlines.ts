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
import type { MemoryRec } from './memory-rec';

const LEAF = 64;
/** Below LEAF, so that a leaf that comes and goes around its limit is not rebuilt each time. */
const COLLAPSE = 16;
const MAX_DEADLINE = Number.MAX_SAFE_INTEGER;
/** Levels that are digits of the deadline: 9 times 6 bits hold 2^53. */
const DEADLINE_LEVELS = 9;
/** Digits are taken from the two halves of a number, each a small integer. */
const HALF = 2 ** 30;

const { floor, max, min } = Math;

type Leaf = MemoryRec[];

class Branch {
  readonly children = new Array<Branch | Leaf | undefined>(64).fill(undefined);
  count = 0;
}

export class Deadlines {
  private readonly root = new Branch();

  get size(): number {
    return this.root.count;
  }

  /** Enters a record at its `expiresAtMs`. */
  add(rec: MemoryRec): void {
    addBelow(this.root, 0, rec);
  }

  /** Takes a record out; it must be there, and its `expiresAtMs` as it was when it was entered. */
  remove(rec: MemoryRec): void {
    let branch = this.root;
    for (let level = 0; ; level++) {
      branch.count--;
      const at = digit(rec, level);
      const child = branch.children[at]!;
      if (child instanceof Branch) {
        if (child.count - 1 > COLLAPSE) {
          branch = child;
          continue;
        }
        const leaf: Leaf = [];
        collect(child, rec, leaf);
        branch.children[at] = leaf;
      } else if (child.length === 1) {
        branch.children[at] = undefined;
      } else {
        child[child.indexOf(rec)] = child[child.length - 1]!;
        child.pop();
      }
      return;
    }
  }

  /** Up to `limit` records whose deadline is not after `untilMs`, oldest first. */
  due(untilMs: number, limit: number): MemoryRec[] {
    const found: MemoryRec[] = [];
    gather(this.root, untilMs, limit, found);
    return found;
  }

  /** The record at a place in the order of deadlines, from 0 to size - 1. */
  at(place: number): MemoryRec {
    const { leaf, rest } = this.leafAt(place);
    return sorted(leaf)[rest]!;
  }

  /** A record, each with the same chance; undefined if there are none. */
  sample(random: Random): MemoryRec | undefined {
    if (this.size === 0) return undefined;
    const { leaf, rest } = this.leafAt(random.below(this.size));
    return leaf[rest];
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
}

function addBelow(from: Branch, fromLevel: number, rec: MemoryRec): void {
  let branch = from;
  for (let level = fromLevel; ; level++) {
    branch.count++;
    const at = digit(rec, level);
    const child = branch.children[at];
    if (child === undefined) {
      branch.children[at] = [rec];
      return;
    }
    if (child instanceof Branch) {
      branch = child;
      continue;
    }
    child.push(rec);
    if (child.length > LEAF) {
      const split = new Branch();
      for (const one of child) addBelow(split, level + 1, one);
      branch.children[at] = split;
    }
    return;
  }
}

function digit(rec: MemoryRec, level: number): number {
  if (level < DEADLINE_LEVELS) {
    const deadline = min(max(rec.expiresAtMs, 0), MAX_DEADLINE);
    if (level < 4) return (floor(deadline / HALF) >>> (18 - 6 * level)) & 63;
    return ((deadline % HALF) >>> (48 - 6 * level)) & 63;
  }
  const shift = 6 * (level - DEADLINE_LEVELS);
  if (shift < 30) return ((rec.seq % HALF) >>> shift) & 63;
  return (floor(rec.seq / HALF) >>> (shift - 30)) & 63;
}

/** Adds all records below `branch` to `leaf`, without `but`. */
function collect(branch: Branch, but: MemoryRec, leaf: Leaf): void {
  for (const child of branch.children) {
    if (child === undefined) continue;
    if (child instanceof Branch) collect(child, but, leaf);
    else for (const rec of child) if (rec !== but) leaf.push(rec);
  }
}

/** @returns false when there is nothing more to gather */
function gather(branch: Branch, untilMs: number, limit: number, found: MemoryRec[]): boolean {
  for (const child of branch.children) {
    if (child === undefined) continue;
    if (child instanceof Branch) {
      if (!gather(child, untilMs, limit, found)) return false;
      continue;
    }
    for (const rec of sorted(child)) {
      if (rec.expiresAtMs > untilMs || found.length >= limit) return false;
      found.push(rec);
    }
  }
  return true;
}

function sorted(leaf: Leaf): Leaf {
  return leaf.slice().sort((a, b) => a.expiresAtMs - b.expiresAtMs || a.seq - b.seq);
}
