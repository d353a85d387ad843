import { LARGE_BYTES, MAX_BYTES, asBuffer, type Bytes } from '../lib/bytes';
import { bufferMemory, type MeasuredValue } from './memory';

/** The object itself. */
const OBJECT_BYTES = 56;

/**
 * A string value that grows or is written into: what APPEND, SETRANGE and large SETs make. Redis
 * calls this encoding `raw`. It keeps spare room at its end, so that appending one byte to 50 MB
 * copies nothing.
 *
 * Bytes once handed out by `view` stay as they were: a reply may still wait for its socket.
 * Appending writes behind every view; `write` copies first if a view was taken since the last copy.
 */
export class RawString implements MeasuredValue {
  countedBytes = 0;
  private viewed = false;

  private constructor(
    private buffer: Buffer,
    private used: number,
  ) {}

  /** Takes over `bytes` if it is a Buffer: the caller must not write to it any more. */
  static of(bytes: Bytes): RawString {
    const buffer = asBuffer(bytes);
    return new RawString(buffer, buffer.length);
  }

  get length(): number {
    return this.used;
  }

  /** Bytes of memory it occupies. */
  get capacity(): number {
    return this.buffer.length;
  }

  /** The whole value, without a copy when it is large. */
  bytes(): Bytes {
    if (this.used < LARGE_BYTES) return this.buffer.latin1Slice(0, this.used);
    return this.view(0, this.used);
  }

  text(): string {
    return this.buffer.latin1Slice(0, this.used);
  }

  /** The bytes from `start` up to, not including, `end`; within the length. */
  slice(start: number, end: number): Bytes {
    if (end - start < LARGE_BYTES) return this.buffer.latin1Slice(start, end);
    return this.view(start, end);
  }

  /** The byte at `index`, 0 beyond the end. */
  at(index: number): number {
    return index < this.used ? this.buffer[index]! : 0;
  }

  append(bytes: Bytes): void {
    const end = this.used + bytes.length;
    if (end > this.buffer.length) this.grow(end);
    this.put(this.used, bytes);
    this.used = end;
  }

  /** Overwrites from `offset` on; a gap behind the old end is filled with zero bytes. */
  write(offset: number, bytes: Bytes): void {
    const end = Math.max(this.used, offset + bytes.length);
    if (end > this.buffer.length) {
      this.grow(end);
    } else if (this.viewed && offset < this.used) {
      this.buffer = Buffer.from(this.buffer);
      this.viewed = false;
    }
    if (offset > this.used) this.buffer.fill(0, this.used, offset);
    this.put(offset, bytes);
    this.used = end;
  }

  memoryBytes(): number {
    return OBJECT_BYTES + bufferMemory(this.buffer.length);
  }

  sampledMemoryBytes(): number {
    return this.memoryBytes();
  }

  clone(): RawString {
    return new RawString(Buffer.from(this.buffer.subarray(0, this.used)), this.used);
  }

  private view(start: number, end: number): Buffer {
    this.viewed = true;
    return this.buffer.subarray(start, end);
  }

  private put(offset: number, bytes: Bytes): void {
    if (typeof bytes === 'string') this.buffer.latin1Write(bytes, offset, bytes.length);
    else bytes.copy(this.buffer, offset);
  }

  /** Doubles up to 1 MB of spare room, as Redis's sds does. */
  private grow(length: number): void {
    const capacity = length < 1 << 20 ? length * 2 : length + (1 << 20);
    const grown = Buffer.allocUnsafeSlow(Math.min(capacity, MAX_BYTES));
    this.buffer.copy(grown, 0, 0, this.used);
    this.buffer = grown;
    this.viewed = false;
  }
}
