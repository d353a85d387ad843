import type { LargeMemory } from '../lib/large-memory';

/** Up to here a bulk gets its whole room with its first byte. */
const WHOLE_AT_ONCE_BYTES = 1024 * 1024;
/** Before its whole room it gets an eighth of it, before that an eighth of an eighth, and so on. */
const GROWTH = 8;
/** What came before is copied into larger room in such pieces, one a chunk: nobody waits for all of it. */
const COPY_BYTES = 256 * 1024;

const none: Buffer = Buffer.alloc(0);

/**
 * A large argument that arrives in many chunks. Its room follows what has arrived, not what was
 * announced, so that an announcement alone costs nothing; each byte is copied about once. Memory of
 * a value that is gone is there already, so that may be all of the room at once.
 */
export class LargeBulk {
  private bytes = none;
  /** The room before, while what it holds is not all in `bytes` yet. */
  private old = none;
  private copied = 0;
  /** How many bytes arrived, the line break behind the bulk included. */
  received = 0;

  constructor(
    private readonly length: number,
    private readonly memory?: LargeMemory,
  ) {}

  /** How many bytes are still to come, line break included. */
  get missing(): number {
    return this.length + 2 - this.received;
  }

  /** At most `missing` bytes. */
  push(chunk: Buffer, start: number, end: number): void {
    const dataEnd = Math.min(end, start + Math.max(0, this.length - this.received));
    const filled = Math.min(this.received, this.length);
    if (dataEnd > start) {
      this.makeRoom(filled, filled + dataEnd - start);
      chunk.copy(this.bytes, filled, start, dataEnd);
    }
    this.received += end - start;
    this.copyOld(COPY_BYTES);
  }

  /** The argument, once nothing is missing. */
  take(): Buffer {
    this.copyOld(Infinity);
    return this.bytes;
  }

  private makeRoom(filled: number, needed: number): void {
    if (needed <= this.bytes.length) return;
    if (filled === 0) this.bytes = this.memory?.take(this.length) ?? none;
    if (needed <= this.bytes.length) return;
    let room = this.length;
    while (room > WHOLE_AT_ONCE_BYTES && room / GROWTH >= needed) room = Math.ceil(room / GROWTH);
    const grown = Buffer.allocUnsafeSlow(room);
    this.copyOld(Infinity);
    this.old = this.bytes.subarray(0, filled);
    this.bytes = grown;
  }

  private copyOld(atMost: number): void {
    const end = Math.min(this.old.length, this.copied + atMost);
    this.old.copy(this.bytes, this.copied, this.copied, end);
    this.copied = end;
    if (end < this.old.length) return;
    this.old = none;
    this.copied = 0;
  }
}
