/**
 * Names of write requests. Each item keeps those of its last four (`w1` to `w4`), so that a writer
 * whose answer was lost can look whether its request was applied; and for each writer that ever had
 * to ask, a fence (`f` and its name): requests that it sent before are refused from then on.
 */
import { randomBytes } from 'node:crypto';
import type { Item } from './item-key';

/** Attributes of the ring, the latest operation first. */
export const RING = ['w1', 'w2', 'w3', 'w4'] as const;

/** The name of a writer, in the attribute of its fence. */
const FENCE = /^f[0-9a-f]{16}$/;

/**
 * A request that comes so long after it was signed does nothing, fence or not: DynamoDB refuses it
 * after some minutes. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
const FENCE_NEEDED_US = 3_600_000_000;

/** A request of a writer that is still on its way after so long is taken for lost. */
const LONG_AGO_US = 60_000_000;

/** One write request. */
export interface Operation {
  /** Writer and time of sending, as it stands in the ring. */
  readonly id: Buffer;
  /** Microseconds, strictly increasing within a writer: ahead of its clock when that was set back. */
  readonly sentAtUs: number;
  /** What the writer's clock showed. */
  readonly clockUs: number;
  /** The attribute that holds the fence of its writer. */
  readonly fence: string;
}

/** A fence as it stands in an item. */
export interface Fence {
  readonly name: string;
  /** Microseconds, as text. */
  readonly sentUs: string;
}

/** Whether a request whose answer was lost has been applied. */
export type Outcome =
  /** `later`: how many commits came after it. */
  | { readonly kind: 'applied'; readonly later: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

export class Writer {
  private readonly name = randomBytes(8);
  private readonly fence = `f${this.name.toString('hex')}`;
  private lastUs = 0;

  constructor(private readonly nowMs: () => number) {}

  next(): Operation {
    const clockUs = Math.floor(this.nowMs() * 1000);
    this.lastUs = Math.max(this.lastUs + 1, clockUs);
    const id = Buffer.alloc(16);
    this.name.copy(id);
    id.writeBigUInt64BE(BigInt(this.lastUs), 8);
    return { id, sentAtUs: this.lastUs, clockUs, fence: this.fence };
  }
}

/**
 * What became of an operation, from its item as it was when its fence was set.
 * @param since a version of the item that was there before it was sent, or undefined
 */
export function outcomeOf(
  { id, clockUs }: Operation,
  item: Item | undefined,
  since: number | undefined,
): Outcome {
  if (item === undefined) return { kind: 'refused' };
  const ring = RING.map((name) => Buffer.from(item[name]?.B ?? []));
  const later = ring.findIndex((other) => other.equals(id));
  if (later !== -1) return { kind: 'applied', later };
  const oldest = ring.at(-1)!;
  if (oldest.length === 0) return { kind: 'refused' };
  // Each write makes the version one higher: all since then are in the ring.
  const writes = Number(item['v']?.N) - (since ?? -Infinity);
  if (writes >= 0 && writes <= RING.length) return { kind: 'refused' };
  const oldestSentUs = Number(oldest.readBigUInt64BE(8));
  return { kind: oldestSentUs <= clockUs - LONG_AGO_US ? 'refused' : 'unknown' };
}

/** The fences of an item that can stop nothing any more. */
export function outdatedFences(item: Item, nowMs: number): Fence[] {
  const neededUs = nowMs * 1000 - FENCE_NEEDED_US;
  const fences: Fence[] = [];
  for (const name of Object.keys(item)) {
    if (!FENCE.test(name)) continue;
    const sentUs = item[name]!.N;
    if (Number(sentUs) < neededUs) fences.push({ name, sentUs: sentUs! });
  }
  return fences;
}
