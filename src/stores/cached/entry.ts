/** What the cache keeps of a key. */
import { NO_EXPIRY, type Key, type Rec } from '../../store/record';
import { valueMemory } from '../../values/memory';
import type { Value } from '../../values/value';
import type { Kept } from './clock-cache';

/** Entry, record, and their places in a Map and in the order of use, as V8 lays them out. */
const ENTRY_BYTES = 320;
/** Of a collection so many elements are measured. */
const SAMPLES = 16;
/** DynamoDB's unit of a read. */
const READ_UNIT_BYTES = 4096;

/** A key's record in the cache; absence is a record, too. */
export class Entry implements Kept {
  readonly id: string;
  used = false;
  place = 0;
  /** Somebody here has asked for it. */
  inMain = false;
  rec: Rec;
  bytes: number;
  /** What reading it from the table would cost. */
  readUnits: number;
  /**
   * When the record was known to be the latest, on the monotonic clock; -Infinity: it came by the
   * stream, so that all before it have come.
   */
  asOfMs: number;
  /** As `placeName` has it, once somebody has asked. */
  itemPlace: string | undefined;

  constructor(
    readonly db: number,
    rec: Rec,
    asOfMs: number,
  ) {
    this.id = idOf(db, rec.key);
    this.rec = rec;
    this.asOfMs = asOfMs;
    this.bytes = bytesOf(rec);
    this.readUnits = unitsOf(this.bytes);
  }

  /** @returns by how many bytes it has grown */
  replace(rec: Rec, asOfMs: number): number {
    const before = this.bytes;
    this.rec = rec;
    this.asOfMs = asOfMs;
    this.bytes = bytesOf(rec);
    this.readUnits = unitsOf(this.bytes);
    return this.bytes - before;
  }
}

/** A record whose value is decoded when somebody looks at it. */
export class LazyRec implements Rec {
  private decoded: Value | undefined;

  constructor(
    readonly key: Key,
    readonly version: number,
    readonly expiresAtMs: number,
    private payload: Uint8Array | undefined,
    private readonly decode: (payload: Uint8Array) => Value,
  ) {}

  /** @throws StoreError when it cannot be decoded */
  get value(): Value {
    if (this.payload !== undefined) {
      this.decoded = this.decode(this.payload);
      this.payload = undefined;
    }
    return this.decoded!;
  }

  /** Bytes of what is not decoded yet. */
  get payloadBytes(): number | undefined {
    return this.payload?.length;
  }
}

function bytesOf(rec: Rec): number {
  return ENTRY_BYTES + rec.key.length + valueBytes(rec);
}

function valueBytes(rec: Rec): number {
  const payload = rec instanceof LazyRec ? rec.payloadBytes : undefined;
  if (payload !== undefined) return payload;
  return rec.value === undefined ? 0 : valueMemory(rec.value, SAMPLES);
}

function unitsOf(bytes: number): number {
  return Math.ceil(bytes / READ_UNIT_BYTES);
}

/** Whether there is anything that a reader could want at this time, or later. */
export function isWorthKeeping(rec: Rec, nowMs: number): boolean {
  const isThere = rec instanceof LazyRec || rec.value !== undefined;
  return isThere && (rec.expiresAtMs === NO_EXPIRY || rec.expiresAtMs > nowMs);
}

/** Keys have characters below 0x100; those of database 0, where most are, stand for themselves. */
export function idOf(db: number, key: Key): string {
  return db === 0 ? key : String.fromCharCode(0xff + db) + key;
}
