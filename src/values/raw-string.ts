import { REUSED_BYTES, type LargeMemory, type Leaving } from '../lib/large-memory';
import { Loans } from '../lib/loans';
import { LARGE_BYTES, MAX_BYTES, asBuffer, type Bytes } from '../lib/bytes';
import { bufferMemory, type MeasuredValue } from './memory';

const none: Buffer = Buffer.alloc(0);

/** The object itself. */
const OBJECT_BYTES = 56;

/**
 * A string value that grows or is written into: what APPEND, SETRANGE and large SETs make. Redis
 * calls this encoding `raw`. It keeps spare room at its end, so that appending one byte to 50 MB
 * copies nothing.
 *
 * Bytes once handed out stay as they were: a reply may still wait for its socket. Appending writes
 * behind all of them; `write` copies first if some were handed out since the last copy and have not
 * come back. Only those that were lent can come back, and when all have, and no record holds the
 * string any more, its memory may be used again.
 */
export class RawString implements MeasuredValue, Leaving {
  countedBytes = 0;
  /** How many records of a store hold it. Only the store uses it. */
  holders = 0;
  /** Somebody has bytes of it, who knows for how long. */
  private viewed = false;
  /** Absent before anything is lent. */
  private loans: Loans | undefined;
  /** Who wants the memory when what is lent comes back. */
  private heir: LargeMemory | undefined;

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

  /** `bytes`, from `start` up to, not including, `end`, for a reply: to be given back (see Loans). */
  lend(start: number, end: number): Bytes {
    if (end - start < LARGE_BYTES || !this.isReusable) return this.slice(start, end);
    this.loans ??= new Loans(() => this.heir?.leaves(this));
    return this.loans.lend(this.buffer.subarray(start, end));
  }

  /** Whether its memory is large enough to be used again. */
  get isReusable(): boolean {
    return this.buffer.length >= REUSED_BYTES;
  }

  giveUp(heir: LargeMemory): void {
    if (this.holders > 0 || this.viewed) return;
    if (this.loans?.any === true) {
      this.heir = heir;
      return;
    }
    heir.give(this.buffer);
    // Whoever still has the string by mistake finds it empty, not full of something else.
    this.useBuffer(none);
    this.used = 0;
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
    } else if ((this.viewed || this.loans?.any === true) && offset < this.used) {
      this.useBuffer(Buffer.from(this.buffer));
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
    this.useBuffer(grown);
  }

  /** What was handed out of the old one does not matter any more. */
  private useBuffer(buffer: Buffer): void {
    this.buffer = buffer;
    this.viewed = false;
    this.loans = undefined;
    this.heir = undefined;
  }
}
