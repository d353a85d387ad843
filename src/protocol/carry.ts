/** A carry up to this size keeps its buffer for the next time. */
const KEPT_BYTES = 256;

const none: Buffer = Buffer.alloc(0);

/** Bytes kept over from a chunk that is gone: a copy that grows by doubling. */
export class Carry {
  private bytes: Buffer = none;
  length = 0;

  get first(): number | undefined {
    return this.bytes[0];
  }

  get last(): number | undefined {
    return this.bytes[this.length - 1];
  }

  /** Makes room for `bytes` in all, when that is known. */
  reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(bytes);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  append(chunk: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) this.reserve(Math.max(needed, this.bytes.length * 2));
    chunk.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }

  /** What was carried, to be used up before the next `append`. Nothing is carried afterwards. */
  release(): Buffer {
    return this.bytes.length > KEPT_BYTES ? this.giveAway() : this.empty();
  }

  /** What was carried, in a buffer that will not be used again. */
  giveAway(): Buffer {
    const bytes = this.empty();
    this.bytes = none;
    return bytes;
  }

  private empty(): Buffer {
    this.length = 0;
    return this.bytes;
  }
}
