/**
 * Records as blocks of an arena. A block holds
 *
 *     0   number, version, expiresAtMs            doubles
 *     24  mark, length of the key                 words
 *     32  form of the value; its length or place  word: 3 bits, 28 bits
 *     36  tag                                     word
 *     40  the key, then the value                 bytes
 *
 * Number, mark and tag are whatever the owner wants to know of a record; all are 0 at first.
 *
 * A value is short text behind the key, a number (a double at the next multiple of 8), or an object
 * (a collection, a large string) in a table beside the arena. A key that is too long for a block is
 * in that table, too.
 *
 * A change of length may move a record to a block of another size, so what overwrites a value
 * returns the record's place, old or new.
 */
import { isKeyAt } from '../../lib/key-hash';
import type { LargeMemory } from '../../lib/large-memory';
import type { Key } from '../record';
import { RawString } from '../../values/raw-string';
import { typeOf, type TypeName, type Value } from '../../values/value';
import { Arena, SEGMENT_SHIFT, UNIT_MASK, type Ref } from './arena';
import { KeptObjects, type ObjectValue } from './kept-objects';
import type { Segment } from './segment';
import { CLASS_UNITS, classOf, UNIT_BYTES } from './size-classes';

const HEADER_BYTES = 40;
const MAX_KEY_BYTES = 2048;
const MAX_TEXT_BYTES = 4095;
const NUMBER_BYTES = 8;

/** Places of the header's fields, in doubles and in words. */
const NUMBER_FIELD = 0;
const VERSION = 1;
const EXPIRES_AT = 2;
const MARK = 6;
const KEY_LENGTH = 7;
const FORM = 8;
const TAG = 9;

const FORM_SHIFT = 28;
const LENGTH_MASK = (1 << FORM_SHIFT) - 1;
const TEXT = 0;
const NUMBER = 1;
const OBJECT = 2;
/** An object beside its key, both in the table. */
const ENTRY = 3;

/** Below this many characters a loop writes text faster than a call into Node does. */
const SHORT_TEXT = 24;

export class Records {
  private readonly arena = new Arena();
  private readonly objects: KeptObjects;
  /** The number from which on objects of records are counted. */
  countedFrom = Infinity;

  /** @param largeMemory gets the memory of large strings that leave */
  constructor(largeMemory?: LargeMemory) {
    this.objects = new KeptObjects(largeMemory);
  }

  /** Bytes of blocks; objects are not counted. */
  get blockBytes(): number {
    return this.arena.blockBytes;
  }

  /** Bytes of pages that are in use. */
  get pageBytes(): number {
    return this.arena.pageBytes;
  }

  /** What the objects take that were counted, and keys that are too long for a block. */
  get objectBytes(): number {
    return this.objects.bytes;
  }

  get objectCount(): number {
    return this.objects.size;
  }

  /** @throws RangeError if there is no memory */
  create(key: Key, value: Value, version: number, expiresAtMs: number): Ref {
    const long = key.length > MAX_KEY_BYTES;
    const keyBytes = long ? 0 : key.length;
    const form = long ? ENTRY : formOf(value);
    const ref = this.arena.allocate(unitsOf(form, keyBytes, value));
    const segment = this.segmentOf(ref);
    const unit = ref & UNIT_MASK;
    segment.doubles[(unit << 1) + NUMBER_FIELD] = 0;
    segment.doubles[(unit << 1) + VERSION] = version;
    segment.doubles[(unit << 1) + EXPIRES_AT] = expiresAtMs;
    segment.words[(unit << 2) + MARK] = 0;
    segment.words[(unit << 2) + KEY_LENGTH] = keyBytes;
    segment.words[(unit << 2) + TAG] = 0;
    if (long) {
      const place = this.objects.addEntry(key, value, this.countedFrom !== Infinity);
      segment.words[(unit << 2) + FORM] = (ENTRY << FORM_SHIFT) | place;
    } else {
      writeText(segment.bytes, unit * UNIT_BYTES + HEADER_BYTES, key);
      this.write(segment, unit, form, keyBytes, value, this.countedFrom !== Infinity);
    }
    return ref;
  }

  free(ref: Ref): void {
    if (this.form(ref) >= OBJECT) this.objects.remove(this.place(ref), this.isCounted(ref));
    this.arena.free(ref);
  }

  /**
   * Begins to count the objects of new records, and of those with numbers from `number` on, as if
   * there were none yet.
   * @param number -Infinity: of all; Infinity: ends to count
   */
  countObjectsFrom(number: number): void {
    this.objects.bytes = 0;
    this.countedFrom = number;
  }

  /** The object of a record was changed in place. */
  edited(ref: Ref): void {
    if (this.form(ref) >= OBJECT && this.isCounted(ref)) this.objects.recount(this.place(ref));
  }

  /** Counts the object of a record that was there before counting began. */
  countFirst(ref: Ref): void {
    if (this.form(ref) >= OBJECT) this.objects.countFirst(this.place(ref));
  }

  isKey(ref: Ref, key: Key): boolean {
    const segment = this.segmentOf(ref);
    const unit = ref & UNIT_MASK;
    const keyLength = segment.words[(unit << 2) + KEY_LENGTH];
    if (keyLength === key.length) {
      return isKeyAt(key, segment.bytes, unit * UNIT_BYTES + HEADER_BYTES) && !this.isEntry(ref);
    }
    return keyLength === 0 && this.isEntry(ref) && this.objects.key(this.place(ref)) === key;
  }

  key(ref: Ref): Key {
    if (this.isEntry(ref)) return this.objects.key(this.place(ref));
    const { bytes, words } = this.segmentOf(ref);
    const start = (ref & UNIT_MASK) * UNIT_BYTES + HEADER_BYTES;
    return bytes.latin1Slice(start, start + words[((ref & UNIT_MASK) << 2) + KEY_LENGTH]!);
  }

  /** A text is a new string each time; an object is the one that is kept. */
  value(ref: Ref): Value {
    const { bytes, doubles, words } = this.segmentOf(ref);
    const unit = ref & UNIT_MASK;
    const keyLength = words[(unit << 2) + KEY_LENGTH]!;
    const tag = words[(unit << 2) + FORM]!;
    switch (tag >>> FORM_SHIFT) {
      case TEXT: {
        const start = unit * UNIT_BYTES + HEADER_BYTES + keyLength;
        return bytes.latin1Slice(start, start + tag);
      }
      case NUMBER:
        return doubles[numberPlace(unit, keyLength)]!;
      default:
        return this.objects.value(tag & LENGTH_MASK);
    }
  }

  type(ref: Ref): TypeName {
    const form = this.form(ref);
    return form === TEXT || form === NUMBER ? 'string' : typeOf(this.value(ref));
  }

  /** @returns the record's place, another one if the new value needs a block of another size */
  overwrite(ref: Ref, value: Value): Ref {
    const segment = this.segmentOf(ref);
    const unit = ref & UNIT_MASK;
    const tag = segment.words[(unit << 2) + FORM]!;
    const old = tag >>> FORM_SHIFT;
    const counted = this.isCounted(ref);
    if (old === ENTRY) {
      this.objects.replaceInEntry(tag & LENGTH_MASK, value, counted);
      return ref;
    }
    const form = formOf(value);
    if (form === OBJECT && old === OBJECT) {
      this.objects.replace(tag & LENGTH_MASK, objectOf(value), counted);
      return ref;
    }
    const keyLength = segment.words[(unit << 2) + KEY_LENGTH]!;
    if (form === NUMBER && old === NUMBER) {
      segment.doubles[numberPlace(unit, keyLength)] = value as number;
      return ref;
    }
    const units = unitsOf(form, keyLength, value);
    const stays = classOf(units) === this.arena.sizeClass(ref);
    // First of all, because it may fail.
    const moved = stays ? ref : this.arena.allocate(units);
    if (old === OBJECT) this.objects.remove(tag & LENGTH_MASK, counted);
    if (stays) {
      this.write(segment, unit, form, keyLength, value, counted);
      return ref;
    }
    const target = this.segmentOf(moved);
    const from = unit * UNIT_BYTES;
    const to = (moved & UNIT_MASK) * UNIT_BYTES;
    segment.bytes.copy(target.bytes, to, from, from + HEADER_BYTES + keyLength);
    this.write(target, moved & UNIT_MASK, form, keyLength, value, counted);
    this.arena.free(ref);
    return moved;
  }

  /** Bytes of the block, and of the object if it is counted. */
  bytesOf(ref: Ref): number {
    const bytes = CLASS_UNITS[this.arena.sizeClass(ref)]! * UNIT_BYTES;
    if (this.form(ref) < OBJECT || !this.isCounted(ref)) return bytes;
    return bytes + this.objects.bytesOf(this.place(ref));
  }

  /** Bytes of key and value, without what is around them. */
  contentBytes(ref: Ref): number {
    const { words } = this.segmentOf(ref);
    const word = (ref & UNIT_MASK) << 2;
    const tag = words[word + FORM]!;
    const keyLength = words[word + KEY_LENGTH]!;
    switch (tag >>> FORM_SHIFT) {
      case TEXT:
        return keyLength + tag;
      case NUMBER:
        return keyLength + NUMBER_BYTES;
      default:
        return keyLength + this.objects.bytesOf(tag & LENGTH_MASK);
    }
  }

  number(ref: Ref): number {
    return this.double(ref, NUMBER_FIELD);
  }

  setNumber(ref: Ref, number: number): void {
    this.segmentOf(ref).doubles[((ref & UNIT_MASK) << 1) + NUMBER_FIELD] = number;
  }

  version(ref: Ref): number {
    return this.double(ref, VERSION);
  }

  setVersion(ref: Ref, version: number): void {
    this.segmentOf(ref).doubles[((ref & UNIT_MASK) << 1) + VERSION] = version;
  }

  expiresAtMs(ref: Ref): number {
    return this.double(ref, EXPIRES_AT);
  }

  setExpiresAtMs(ref: Ref, expiresAtMs: number): void {
    this.segmentOf(ref).doubles[((ref & UNIT_MASK) << 1) + EXPIRES_AT] = expiresAtMs;
  }

  mark(ref: Ref): number {
    return this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + MARK]!;
  }

  setMark(ref: Ref, mark: number): void {
    this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + MARK] = mark;
  }

  tag(ref: Ref): number {
    return this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + TAG]!;
  }

  setTag(ref: Ref, tag: number): void {
    this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + TAG] = tag;
  }

  private segmentOf(ref: Ref): Segment {
    return this.arena.segments[ref >>> SEGMENT_SHIFT]!;
  }

  private double(ref: Ref, field: number): number {
    return this.segmentOf(ref).doubles[((ref & UNIT_MASK) << 1) + field]!;
  }

  private form(ref: Ref): number {
    return this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + FORM]! >>> FORM_SHIFT;
  }

  private place(ref: Ref): number {
    return this.segmentOf(ref).words[((ref & UNIT_MASK) << 2) + FORM]! & LENGTH_MASK;
  }

  private isEntry(ref: Ref): boolean {
    return this.form(ref) === ENTRY;
  }

  private isCounted(ref: Ref): boolean {
    return this.countedFrom !== Infinity && this.number(ref) >= this.countedFrom;
  }

  /** Writes a value into a block that is large enough. */
  private write(
    segment: Segment,
    unit: number,
    form: number,
    keyLength: number,
    value: Value,
    counted: boolean,
  ): void {
    let rest = 0;
    if (form === TEXT) {
      rest = (value as string).length;
      writeText(segment.bytes, unit * UNIT_BYTES + HEADER_BYTES + keyLength, value as string);
    } else if (form === NUMBER) {
      segment.doubles[numberPlace(unit, keyLength)] = value as number;
    } else {
      rest = this.objects.add(objectOf(value), counted);
    }
    segment.words[(unit << 2) + FORM] = (form << FORM_SHIFT) | rest;
  }
}

function formOf(value: Value): number {
  if (typeof value === 'string') return value.length <= MAX_TEXT_BYTES ? TEXT : OBJECT;
  return typeof value === 'number' ? NUMBER : OBJECT;
}

/** The value as an object: a text that is too long for a block becomes a RawString. */
function objectOf(value: Value): ObjectValue {
  return typeof value === 'object' ? value : RawString.of(value as string);
}

/** Units for a value behind a key. A short text has room for a number: it may be a counter. */
function unitsOf(form: number, keyBytes: number, value: Value): number {
  const start = HEADER_BYTES + keyBytes;
  const numberEnd = ((start + 7) & ~7) + NUMBER_BYTES;
  let end = start;
  if (form === NUMBER) end = numberEnd;
  else if (form === TEXT) {
    const { length } = value as string;
    end = length <= NUMBER_BYTES ? numberEnd : start + length;
  }
  return (end + UNIT_BYTES - 1) >>> 4;
}

/** Where the number of a record is, in doubles. */
function numberPlace(unit: number, keyLength: number): number {
  return (unit << 1) + ((HEADER_BYTES + keyLength + 7) >>> 3);
}

function writeText(bytes: Buffer, at: number, text: string): void {
  const { length } = text;
  if (length >= SHORT_TEXT) {
    bytes.latin1Write(text, at, length);
    return;
  }
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
}
