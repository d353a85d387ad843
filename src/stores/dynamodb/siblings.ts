/**
 * What else a commit of several keys wrote: each of its items says so in `tx`, for the caches of
 * other nodes. Whoever reads one of the items learns which versions of the others are too old.
 *
 * A group is one commit: its time in ms (6 bytes), how many items it wrote (1), and of each the
 * partition key `p` (3), the hash that `s` begins with (7) and the version (7), all big-endian. `tx`
 * holds the groups of the last 10 seconds that its item was part of, the latest first. A commit of
 * one key leaves `tx` alone, or removes it when it knows that it is older.
 */
import { HASH_BYTES, type Item, type ItemKey } from './item-key';

/** A cache must not be that far behind, whatever its bound. */
const KEPT_MS = 10_000;
/** A key that is part of commits all the time keeps no more than this of earlier ones. */
const MAX_BYTES = 2048;
const HEAD_BYTES = 7;
const PLACE_BYTES = 3 + HASH_BYTES;
const MEMBER_BYTES = PLACE_BYTES + 7;
/** Of so many items their `tx` is remembered. */
const MAX_SEEN = 10_000;

interface Seen {
  readonly version: number;
  readonly tx: Buffer;
}

/** One commit, and what it wrote. */
export interface Group {
  readonly committedAtMs: number;
  /** `place`: `p` and the hash of `s`. */
  readonly members: readonly { readonly place: Buffer; readonly version: number }[];
}

export class Siblings {
  /** Is told the `tx` of each item that has been seen. */
  onTx: (tx: Uint8Array) => void = () => {};
  /** By place, the latest last. */
  private readonly seen = new Map<string, Seen>();

  /** An item has been seen: the next commit on it will want to know its `tx`. */
  learn(item: Item | undefined): void {
    const tx = item?.['tx']?.B;
    if (tx === undefined || !isWhole(tx)) return;
    const at = item as ItemKey;
    const version = Number(item!['v']?.N);
    // The stream may be behind what has been read.
    const known = this.seen.get(placeName(at))?.version ?? 0;
    if (version >= known) this.wrote(at, version, Buffer.from(tx));
    this.onTx(tx);
  }

  /** This node has written the item with this `tx`. */
  wrote(at: ItemKey, version: number, tx: Buffer): void {
    const name = placeName(at);
    this.seen.delete(name);
    this.seen.set(name, { version, tx });
    if (this.seen.size > MAX_SEEN) this.seen.delete(this.seen.keys().next().value!);
  }

  /** This node has written the item and left its `tx` alone. */
  moved(at: ItemKey, base: number, version: number): void {
    const seen = this.seen.get(placeName(at));
    if (seen?.version === base) this.wrote(at, version, seen.tx);
  }

  /** The `tx` of each item of a commit. @param members their keys, bases and new versions */
  of(
    members: readonly { readonly at: ItemKey; readonly base: number; readonly version: number }[],
    nowMs: number,
  ): Buffer[] {
    const group = Buffer.alloc(HEAD_BYTES + members.length * MEMBER_BYTES);
    group.writeUIntBE(nowMs, 0, 6);
    group[6] = members.length;
    members.forEach(({ at, version }, i) => {
      const offset = HEAD_BYTES + i * MEMBER_BYTES;
      placeOf(at).copy(group, offset);
      // 53 bits: the upper byte and the lower six.
      group[offset + PLACE_BYTES] = Math.floor(version / 2 ** 48);
      group.writeUIntBE(version % 2 ** 48, offset + PLACE_BYTES + 1, 6);
    });
    return members.map(({ at, base }) => {
      const before = this.recent(at, base, nowMs);
      return before.length === 0 ? group : Buffer.concat([group, before]);
    });
  }

  /** Whether the item, as it was at `base`, has a `tx` that nobody needs any more. */
  isOutdated(at: ItemKey, base: number, nowMs: number): boolean {
    const seen = this.seen.get(placeName(at));
    return seen?.version === base && this.recent(at, base, nowMs).length === 0;
  }

  /** What an item's `tx` held at its base version and still matters. */
  private recent(at: ItemKey, base: number, nowMs: number): Buffer {
    const seen = this.seen.get(placeName(at));
    if (seen?.version !== base) return Buffer.alloc(0);
    let end = 0;
    while (end < seen.tx.length && seen.tx.readUIntBE(end, 6) > nowMs - KEPT_MS) {
      const next = end + groupBytes(seen.tx, end);
      if (next > MAX_BYTES) break;
      end = next;
    }
    return seen.tx.subarray(0, end);
  }
}

/** The groups of a `tx`. */
export function groupsOf(tx: Uint8Array): Group[] {
  const bytes = Buffer.from(tx.buffer, tx.byteOffset, tx.byteLength);
  const groups: Group[] = [];
  for (let at = 0; at < bytes.length; at += groupBytes(bytes, at)) {
    const members = Array.from({ length: bytes[at + 6]! }, (_, i) => {
      const offset = at + HEAD_BYTES + i * MEMBER_BYTES;
      const place = bytes.subarray(offset, offset + PLACE_BYTES);
      const upper = bytes[offset + PLACE_BYTES]! * 2 ** 48;
      return { place, version: upper + bytes.readUIntBE(offset + PLACE_BYTES + 1, 6) };
    });
    groups.push({ committedAtMs: bytes.readUIntBE(at, 6), members });
  }
  return groups;
}

/** `p` and the hash of `s` as text: as good as a name. */
export function placeName(at: ItemKey): string {
  return placeOf(at).latin1Slice();
}

export function placeOf({ p, s }: ItemKey): Buffer {
  return Buffer.concat([p.B, s.B.subarray(0, HASH_BYTES)]);
}

/** Another program may have written anything. */
function isWhole(tx: Uint8Array): boolean {
  let at = 0;
  while (at + HEAD_BYTES <= tx.length) at += groupBytes(tx, at);
  return at === tx.length;
}

function groupBytes(tx: Uint8Array, at: number): number {
  return HEAD_BYTES + tx[at + 6]! * MEMBER_BYTES;
}
