/**
 * Records by key, within a number of bytes: those go that nobody has used for long. Absences are
 * records, too. What has been read is in the main part; what others have written and nobody here has
 * read is on probation, in a small part of its own, so that it cannot push out what is read.
 *
 * Records are blocks outside V8's heap, as those of the memory store, so that a hit touches as few
 * cold places as there, and the collector none. Of each is known besides: when it was known to be
 * the latest (its number), a piece of its place's name (its tag), and in its mark its place in the
 * ring and the flags below. An absence is a record whose deadline lies before all times.
 */
import { StoreError } from '../../errors';
import { asBuffer } from '../../lib/bytes';
import { Keyspace } from '../../lib/keyspace';
import type { Key, Rec } from '../../store/record';
import type { Ref } from '../../store/records/arena';
import { Records } from '../../store/records/records';
import { decodeValue } from '../../values/codec';
import { RawString } from '../../values/raw-string';
import type { Value } from '../../values/value';
import { payloadOf } from './lazy-rec';
import { Ring } from './ring';

/** It has been used since the hand came by. */
const USED = 1 << 31;
const PROBATION = 1 << 30;
/** The value is not decoded yet. */
const ENCODED = 1 << 29;
/** Reading it from the table would cost more than one unit. */
const LARGE = 1 << 28;
const PLACE = LARGE - 1;
/** Before all times. */
const ABSENT_MS = -1;
/** DynamoDB's unit of a read: 4 KB. */
const READ_UNIT_BYTES = 4096;

/** Of the bytes. */
const PROBATION_PART = 0.15;
/** A record's places in the ring and in the table of keys. */
const INDEX_BYTES = 24;
/**
 * So many records go at most, when one is added, for the sake of pages alone: these are given back
 * when all of their records have gone, which may take thousands.
 */
const MAX_FOR_PAGES = 32;
/** So much room in pages is not worth having back. */
const SPARE_BYTES = 4 * 1024 * 1024;

interface Part {
  readonly maxBytes: number;
  ring: Ring;
  bytes: number;
}

/** What is told of a record beside what it says itself. */
export interface Known {
  /**
   * When it was known to be the latest, on the monotonic clock; -Infinity: it came by the stream,
   * so that all before it have come.
   */
  readonly asOfMs: number;
  /** Of its place's name. */
  readonly tag: number;
}

export class RecordCache {
  evicted = 0;
  /** Read units, beyond one each, that reading the records would cost that were used since it was 0. */
  moreUnits = 0;
  private readonly main: Part;
  private readonly probation: Part;
  private records!: Records;
  /** By number of the database. */
  private keyspaces: Keyspace[] = [];
  private readonly takeMark = (ref: Ref): boolean => {
    const mark = this.records.mark(ref);
    if ((mark & USED) === 0) return false;
    this.records.setMark(ref, mark & ~USED);
    return true;
  };

  /**
   * @param leaving told of each record that has to make room
   * @param unreadable told of each that could not be decoded when somebody wanted it
   */
  constructor(
    private readonly maxBytes: number,
    private readonly leaving: (db: number, ref: Ref) => void,
    private readonly unreadable: (db: number, error: StoreError) => void,
  ) {
    const probationBytes = Math.floor(maxBytes * PROBATION_PART);
    this.main = { maxBytes: maxBytes - probationBytes, ring: new Ring(), bytes: 0 };
    this.probation = { maxBytes: probationBytes, ring: new Ring(), bytes: 0 };
    this.clear();
  }

  get size(): number {
    return this.main.ring.size + this.probation.ring.size;
  }

  get bytes(): number {
    return this.main.bytes + this.probation.bytes + this.wasted;
  }

  /** The record of a key, which is used with this; 0: none. */
  use(db: number, key: Key): Ref {
    const ref = this.find(db, key);
    if (ref === 0) return 0;
    const mark = this.records.mark(ref);
    if ((mark & (USED | PROBATION | ENCODED | LARGE)) === USED) return ref;
    return this.otherUse(db, key, ref, mark);
  }

  /** The same, without a use. */
  find(db: number, key: Key): Ref {
    const keys = this.keyspaces[db];
    return keys === undefined ? 0 : keys.get(key);
  }

  version(ref: Ref): number {
    return this.records.version(ref);
  }

  /** Of an absence: before all times. */
  expiresAtMs(ref: Ref): number {
    return this.records.expiresAtMs(ref);
  }

  isAbsence(ref: Ref): boolean {
    return this.records.expiresAtMs(ref) === ABSENT_MS;
  }

  asOfMs(ref: Ref): number {
    return this.records.number(ref);
  }

  tag(ref: Ref): number {
    return this.records.tag(ref);
  }

  key(ref: Ref): Key {
    return this.records.key(ref);
  }

  /** Of a record that is used, and is no absence. */
  value(ref: Ref): Value {
    return this.records.value(ref);
  }

  /** Adds a record for a key without one; it may be too large. @param used whether somebody here has asked for it */
  add(db: number, rec: Rec, known: Known, used: boolean): void {
    const { records } = this;
    const ref = records.create(rec.key, contentOf(rec), rec.version, deadlineOf(rec));
    records.setNumber(ref, known.asOfMs);
    records.setTag(ref, known.tag);
    records.setMark(ref, this.flagsOf(ref, payloadOf(rec) !== undefined));
    this.keyspace(db).add(rec.key, ref);
    this.enter(db, ref, used ? this.main : this.probation);
  }

  /** Overwrites the record of a key. It may leave, because it has grown. */
  replace(db: number, key: Key, ref: Ref, rec: Rec, asOfMs: number): void {
    const isEncoded = payloadOf(rec) !== undefined;
    const moved = this.overwrite(db, key, ref, contentOf(rec), isEncoded);
    const { records } = this;
    records.setVersion(moved, rec.version);
    records.setExpiresAtMs(moved, deadlineOf(rec));
    records.setNumber(moved, asOfMs);
    this.settle(db, moved);
  }

  remove(db: number, key: Key, ref: Ref): void {
    const mark = this.records.mark(ref);
    const part = this.partOf(mark);
    part.ring.remove(mark & PLACE);
    part.bytes -= this.bytesOf(ref);
    this.forget(db, key, ref);
  }

  clear(): void {
    this.records = new Records();
    this.records.countObjectsFrom(-Infinity);
    this.keyspaces = [];
    for (const part of [this.main, this.probation]) {
      part.ring = new Ring();
      part.bytes = 0;
    }
  }

  /** A use that changes something, or costs more. */
  private otherUse(db: number, key: Key, ref: Ref, mark: number): Ref {
    const { records } = this;
    if ((mark & LARGE) !== 0) {
      this.moreUnits += Math.ceil(records.contentBytes(ref) / READ_UNIT_BYTES) - 1;
    }
    if ((mark & ENCODED) === 0) return this.entered(db, ref, mark);
    const decoded = this.decode(db, key, ref);
    if (decoded === 0 || this.entered(db, decoded, records.mark(decoded)) === 0) return 0;
    // Its elements take more than what they were made of.
    this.settle(db, decoded);
    return this.find(db, key);
  }

  /** The record is in the main part, and used. @returns 0: it has no room there */
  private entered(db: number, ref: Ref, mark: number): Ref {
    const { probation, records } = this;
    if ((mark & PROBATION) === 0) {
      records.setMark(ref, mark | USED);
      return ref;
    }
    probation.ring.remove(mark & PLACE);
    probation.bytes -= this.bytesOf(ref);
    records.setMark(ref, mark & LARGE);
    return this.enter(db, ref, this.main) ? ref : 0;
  }

  /** @returns its place now; 0: it cannot be decoded, and who reads it from the table is told why */
  private decode(db: number, key: Key, ref: Ref): Ref {
    try {
      const payload = this.records.value(ref) as RawString;
      return this.overwrite(db, key, ref, decodeValue(asBuffer(payload.bytes())), false);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.unreadable(db, error);
      this.remove(db, key, ref);
      return 0;
    }
  }

  private overwrite(db: number, key: Key, ref: Ref, content: Value, isEncoded: boolean): Ref {
    const { records } = this;
    const mark = records.mark(ref);
    const part = this.partOf(mark);
    part.bytes -= this.bytesOf(ref);
    const moved = records.overwrite(ref, content);
    if (moved !== ref) {
      this.keyspaces[db]!.replace(key, ref, moved);
      part.ring.replace(mark & PLACE, moved);
    }
    records.setMark(moved, (mark & ~(ENCODED | LARGE)) | this.flagsOf(moved, isEncoded));
    part.bytes += this.bytesOf(moved);
    return moved;
  }

  /** Gives a record a place in a part. @returns whether it has room there */
  private enter(db: number, ref: Ref, part: Part): boolean {
    const bytes = this.bytesOf(ref);
    if (bytes > part.maxBytes) {
      this.leave(db, ref);
      return false;
    }
    this.makeRoom(part, bytes);
    const { records } = this;
    const flags = records.mark(ref) | (part === this.probation ? PROBATION : 0);
    records.setMark(ref, flags | part.ring.add(db, ref));
    part.bytes += bytes;
    return true;
  }

  /** A record has another size now. */
  private settle(db: number, ref: Ref): void {
    const mark = this.records.mark(ref);
    const part = this.partOf(mark);
    const bytes = this.bytesOf(ref);
    if (bytes > part.maxBytes) {
      part.ring.remove(mark & PLACE);
      part.bytes -= bytes;
      this.leave(db, ref);
    } else this.makeRoom(part, 0);
  }

  private makeRoom(part: Part, forBytes: number): void {
    const { ring } = part;
    for (let forPages = 0; ring.size > 0;) {
      if (part.bytes + forBytes <= part.maxBytes && ring.size < PLACE) {
        if (part.bytes + forBytes <= this.roomOf(part) || ++forPages > MAX_FOR_PAGES) return;
      }
      const place = ring.next(this.takeMark);
      const ref = ring.refAt(place);
      const db = ring.dbAt(place);
      ring.remove(place);
      part.bytes -= this.bytesOf(ref);
      this.leave(db, ref);
    }
  }

  /** Bytes between records, in pages that they keep from being given back. */
  private get wasted(): number {
    const { pageBytes, blockBytes } = this.records;
    return Math.max(0, pageBytes - blockBytes - SPARE_BYTES);
  }

  private roomOf({ maxBytes }: Part): number {
    return maxBytes - (this.wasted * maxBytes) / this.maxBytes;
  }

  /** It is in no part any more. */
  private leave(db: number, ref: Ref): void {
    this.evicted++;
    this.leaving(db, ref);
    this.forget(db, this.records.key(ref), ref);
  }

  private forget(db: number, key: Key, ref: Ref): void {
    this.keyspaces[db]!.remove(key, ref);
    this.records.free(ref);
  }

  private flagsOf(ref: Ref, isEncoded: boolean): number {
    const isLarge = this.records.contentBytes(ref) > READ_UNIT_BYTES;
    return (isEncoded ? ENCODED : 0) | (isLarge ? LARGE : 0);
  }

  private bytesOf(ref: Ref): number {
    return this.records.bytesOf(ref) + INDEX_BYTES;
  }

  private partOf(mark: number): Part {
    return (mark & PROBATION) === 0 ? this.main : this.probation;
  }

  private keyspace(db: number): Keyspace {
    for (let next = this.keyspaces.length; next <= db; next++) {
      this.keyspaces.push(new Keyspace(this.records));
    }
    return this.keyspaces[db]!;
  }
}

/** What lies in the block: something even if there is no value. */
function contentOf(rec: Rec): Value {
  const payload = payloadOf(rec);
  return payload === undefined ? (rec.value ?? '') : RawString.of(payload);
}

function deadlineOf(rec: Rec): number {
  return payloadOf(rec) === undefined && rec.value === undefined ? ABSENT_MS : rec.expiresAtMs;
}
