/**
 * Values as bytes, for stores that keep bytes. The first byte says the version of the format (its
 * high half) and the kind of value, so that later versions can still read what was written before.
 *
 *     text, raw        the bytes, to the end
 *     number           its magnitude as a varint; the sign is in the kind
 *     hash, list       the count, then each field and value, or element, as length and bytes
 *
 * Counts and lengths are varints: seven bits a byte, lowest first. Integers, text and raw strings
 * stay apart, as does a hash that has outgrown a listpack, because OBJECT ENCODING shows them.
 */
import { StoreError } from '../errors';
import { LARGE_BYTES, type Bytes } from '../lib/bytes';
import { HashValue } from './hash';
import { ListValue } from './list';
import { RawString } from './raw-string';
import type { Value } from './value';

const VERSION = 0x10;
const TEXT = VERSION | 0;
const RAW = VERSION | 1;
const NUMBER = VERSION | 2;
const NEGATIVE = VERSION | 3;
const LISTPACK_HASH = VERSION | 4;
const TABLE_HASH = VERSION | 5;
const LIST = VERSION | 6;

/** Of the last byte of the longest varint: 2^53 has eight. */
const MAX_SCALE = 2 ** 49;

/** The bytes of a value, in a Buffer that nobody else holds. */
export function encodeValue(value: Value): Buffer {
  if (typeof value === 'number') {
    const writer = new Writer(value < 0 ? NEGATIVE : NUMBER, varintSize(Math.abs(value)));
    writer.varint(Math.abs(value));
    return writer.buffer;
  }
  if (typeof value === 'string' || value instanceof RawString) {
    const writer = new Writer(typeof value === 'string' ? TEXT : RAW, value.length);
    writer.bytes(typeof value === 'string' ? value : value.bytes());
    return writer.buffer;
  }
  if (value instanceof HashValue) {
    let size = varintSize(value.size);
    for (const [field, item] of value.entries()) size += itemSize(field) + itemSize(item);
    const writer = new Writer(value.encoding === 'listpack' ? LISTPACK_HASH : TABLE_HASH, size);
    writer.varint(value.size);
    for (const [field, item] of value.entries()) {
      writer.item(field);
      writer.item(item);
    }
    return writer.buffer;
  }
  let size = varintSize(value.size);
  for (const item of value) size += itemSize(item);
  const writer = new Writer(LIST, size);
  writer.varint(value.size);
  for (const item of value) writer.item(item);
  return writer.buffer;
}

/**
 * The value that `encodeValue` wrote. It shares nothing with `bytes`.
 * @throws StoreError `failed` if the bytes are not such a value
 */
export function decodeValue(bytes: Buffer): Value {
  const reader = new Reader(bytes);
  const value = readValue(reader);
  reader.end();
  return value;
}

function readValue(reader: Reader): Value {
  const kind = reader.byte();
  switch (kind) {
    case TEXT:
      return reader.rest().latin1Slice();
    case RAW:
      return RawString.of(Buffer.from(reader.rest()));
    case NUMBER:
      return reader.varint();
    case NEGATIVE: {
      const magnitude = reader.varint();
      if (magnitude === 0) throw corrupt('negative zero');
      return -magnitude;
    }
    case LISTPACK_HASH:
    case TABLE_HASH: {
      const count = reader.varint();
      const hash = new HashValue([], kind === LISTPACK_HASH ? 'listpack' : 'hashtable');
      for (let i = 0; i < count; i++) {
        const field = reader.field();
        if (!hash.set(field, reader.item())) throw corrupt('a field comes twice');
      }
      return hash;
    }
    case LIST: {
      const count = reader.varint();
      const list = new ListValue();
      for (let i = 0; i < count; i++) list.pushBack(reader.item());
      return list;
    }
    default:
      throw corrupt(`unknown kind ${kind}`);
  }
}

class Writer {
  readonly buffer: Buffer;
  private at = 1;

  /** @param size what follows the kind, in bytes */
  constructor(kind: number, size: number) {
    this.buffer = Buffer.allocUnsafeSlow(1 + size);
    this.buffer[0] = kind;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
      this.buffer[this.at++] = (rest % 0x80) | 0x80;
    }
    this.buffer[this.at++] = rest;
  }

  bytes(bytes: Bytes): void {
    if (typeof bytes === 'string') this.buffer.latin1Write(bytes, this.at, bytes.length);
    else bytes.copy(this.buffer, this.at);
    this.at += bytes.length;
  }

  item(bytes: Bytes): void {
    this.varint(bytes.length);
    this.bytes(bytes);
  }
}

class Reader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  byte(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) throw corrupt('it ends too early');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      if (scale > MAX_SCALE) throw corrupt('a number is too large');
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw corrupt('a number is too large');
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw corrupt('a number has leading zeros');
        return value;
      }
    }
  }

  field(): string {
    return this.slice(this.varint()).latin1Slice();
  }

  /** Text below LARGE_BYTES, a Buffer of its own above. */
  item(): Bytes {
    const slice = this.slice(this.varint());
    return slice.length < LARGE_BYTES ? slice.latin1Slice() : Buffer.from(slice);
  }

  rest(): Buffer {
    return this.slice(this.buffer.length - this.at);
  }

  end(): void {
    if (this.at < this.buffer.length) throw corrupt('bytes follow its end');
  }

  private slice(length: number): Buffer {
    if (length > this.buffer.length - this.at) throw corrupt('it ends too early');
    return this.buffer.subarray(this.at, (this.at += length));
  }
}

function itemSize(bytes: Bytes): number {
  return varintSize(bytes.length) + bytes.length;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

function corrupt(what: string): StoreError {
  return new StoreError('unreadable', `a stored value is corrupt: ${what}`);
}
