import { NO_EXPIRY, type Key, type Rec } from '../../store/record';
import { decodeValue } from '../../values/codec';
import type { Value } from '../../values/value';

/** A record whose value is decoded when somebody looks at it. */
export class LazyRec implements Rec {
  private decoded: Value | undefined;

  constructor(
    readonly key: Key,
    readonly version: number,
    readonly expiresAtMs: number,
    private encoded: Buffer | undefined,
  ) {}

  /** @throws StoreError when it cannot be decoded */
  get value(): Value {
    if (this.encoded !== undefined) {
      this.decoded = decodeValue(this.encoded);
      this.encoded = undefined;
    }
    return this.decoded!;
  }

  /** What is not decoded yet. */
  get payload(): Buffer | undefined {
    return this.encoded;
  }
}

/** What is not decoded of a record. */
export function payloadOf(rec: Rec): Buffer | undefined {
  return rec instanceof LazyRec ? rec.payload : undefined;
}

/** Whether there is anything that a reader could want at this time, or later. */
export function isWorthKeeping(rec: Rec, nowMs: number): boolean {
  const isThere = payloadOf(rec) !== undefined || rec.value !== undefined;
  return isThere && (rec.expiresAtMs === NO_EXPIRY || rec.expiresAtMs > nowMs);
}
