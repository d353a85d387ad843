/** Up to here a bulk gets its whole room with its first byte. */
const WHOLE_AT_ONCE_BYTES = 1024 * 1024;
/** Beyond it grows by this: all copies together are less than a sixth of the bulk. */
const GROWTH = 8;

const none: Buffer = Buffer.alloc(0);

/**
 * A large argument that arrives in many chunks. Its room follows what has arrived, not what was
 * announced, so that an announcement alone costs nothing; each byte is copied about once.
 */
export class LargeBulk {
  private bytes = none;
  /** How many bytes arrived, the line break behind the bulk included. */
  received = 0;

  constructor(private readonly length: number) {}

  /** How many bytes are still to come, line break included. */
  get missing(): number {
    return this.length + 2 - this.received;
  }

  /** At most `missing` bytes. */
  push(chunk: Buffer, start: number, end: number): void {
    const dataEnd = Math.min(end, start + Math.max(0, this.length - this.received));
    const filled = Math.min(this.received, this.length);
    if (dataEnd > start) {
      this.makeRoom(filled + dataEnd - start);
      chunk.copy(this.bytes, filled, start, dataEnd);
    }
    this.received += end - start;
  }

  /** The argument, once nothing is missing. */
  take(): Buffer {
    return this.bytes;
  }

  private makeRoom(needed: number): void {
    let room = this.bytes.length;
    if (needed <= room) return;
    room = Math.max(room * GROWTH, WHOLE_AT_ONCE_BYTES, needed);
    const grown = Buffer.allocUnsafeSlow(Math.min(room, this.length));
    this.bytes.copy(grown);
    this.bytes = grown;
  }
}
