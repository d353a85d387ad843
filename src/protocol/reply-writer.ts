/**
 * Collects the replies of one connection and writes them to its stream, as few writes as possible.
 *
 * Short text is joined (V8 joins strings without copying) and goes out as one string, which Node
 * encodes on the way to the kernel. Beyond about a kilobyte joining costs more than it saves, so
 * the parts are copied into one buffer that all connections share; it may be used again only if
 * the kernel took everything at once. Large values go out as they are, uncopied.
 *
 * A socket gets a slice at a time, and whoever flushes comes back for the rest: 100 MB at once would
 * be copied, 4 MB a turn, by the kernel, and encrypted all together by TLS, while everybody waits.
 */
import type { Writable } from 'node:stream';
import type { Bytes } from '../lib/bytes';
import { giveBack, isLent, keepRest } from '../lib/loans';
import type { Reply } from './reply';

const JOINED_LENGTH = 1024;
const SHARED_BYTES = 64 * 1024;
/** Buffers from here on are written as they are. */
const UNCOPIED_BYTES = 16 * 1024;
/** What a socket gets at once. */
const SLICE_BYTES = 256 * 1024;

let shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** A shorter way for short text than the stream, to the same place and in the same order. */
export interface ShortWrites {
  /** @returns false if the text must go through the stream */
  write(text: string): boolean;
}

/**
 * What replies are written to. Bytes that a plain socket no longer counts are really gone; those of
 * another stream may lie in the next one's queue. A stream of this process gets everything at once.
 */
export type Transport = 'plain socket' | 'TLS socket' | 'stream';

export class ReplyWriter {
  private text = '';
  private parts: Bytes[] = [];
  private partBytes = 0;
  /** All bytes ever handed to the stream. */
  bytesWritten = 0;

  constructor(
    private readonly stream: Writable,
    private readonly transport: Transport,
    private readonly short?: ShortWrites,
  ) {}

  /** Bytes collected and not yet handed to the stream. */
  get pendingBytes(): number {
    return this.partBytes + this.text.length;
  }

  add(reply: Reply): void {
    if (typeof reply === 'string') {
      // A string that is joined to a very long one would be longer than V8 allows.
      if (reply.length >= JOINED_LENGTH && this.text.length > 0) this.cut();
      this.text += reply;
      if (this.text.length >= JOINED_LENGTH) this.cut();
    } else {
      this.addPieces(reply);
    }
  }

  /**
   * Hands over everything, or the next slice. If bytes are left, there is a next time: now if the
   * stream needs no drain, else when it has drained.
   */
  flush(): void {
    if (this.partBytes === 0) {
      const { text } = this;
      if (text.length === 0) return;
      this.bytesWritten += text.length;
      this.text = '';
      if (this.short?.write(text) !== true) this.stream.write(text, 'latin1');
      return;
    }
    if (this.text.length > 0) this.cut();
    const whole = this.transport === 'stream' || this.partBytes <= SLICE_BYTES;
    this.writeParts(whole ? this.takeAll() : this.takeSlice());
  }

  private addPieces(pieces: readonly Bytes[]): void {
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        if (piece.length >= JOINED_LENGTH && this.text.length > 0) this.cut();
        this.text += piece;
        if (this.text.length >= JOINED_LENGTH) this.cut();
      } else {
        if (this.text.length > 0) this.cut();
        this.parts.push(piece);
        this.partBytes += piece.length;
      }
    }
  }

  private takeAll(): readonly Bytes[] {
    const parts = this.parts;
    this.bytesWritten += this.partBytes;
    this.parts = [];
    this.partBytes = 0;
    return parts;
  }

  private takeSlice(): readonly Bytes[] {
    const { parts } = this;
    let room = SLICE_BYTES;
    let count = 0;
    while (parts[count]!.length <= room) room -= parts[count++]!.length;
    const slice = parts.slice(0, count);
    this.parts = parts.slice(count);
    if (room > 0) {
      const cut = this.parts[0]!;
      slice.push(typeof cut === 'string' ? cut.slice(0, room) : cut.subarray(0, room));
      this.parts[0] = typeof cut === 'string' ? cut.slice(room) : keepRest(cut, cut.subarray(room));
    }
    this.partBytes -= SLICE_BYTES;
    this.bytesWritten += SLICE_BYTES;
    return slice;
  }

  private cut(): void {
    this.parts.push(this.text);
    this.partBytes += this.text.length;
    this.text = '';
  }

  private writeLarge(bytes: Buffer): void {
    // A stream of this process hands on the very bytes, nobody knows where to.
    if (this.transport === 'stream' || !isLent(bytes)) this.stream.write(bytes);
    else
      this.stream.write(bytes, (error) => {
        if (!error) giveBack(bytes);
      });
  }

  private writeParts(parts: readonly Bytes[]): void {
    const { stream } = this;
    let from = 0;
    let used = 0;
    stream.cork();
    for (const part of parts) {
      const { length } = part;
      const isText = typeof part === 'string';
      if (isText ? length > SHARED_BYTES : length >= UNCOPIED_BYTES) {
        if (used > from) stream.write(shared.subarray(from, used));
        from = used;
        if (isText) stream.write(Buffer.from(part, 'latin1'));
        else this.writeLarge(part);
        continue;
      }
      if (used + length > SHARED_BYTES) {
        if (used > from) stream.write(shared.subarray(from, used));
        // What was handed over may wait: leave that buffer to the stream.
        shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
        from = used = 0;
      }
      if (isText) {
        shared.latin1Write(part, used, length);
      } else {
        part.copy(shared, used);
        giveBack(part);
      }
      used += length;
    }
    if (used > from) stream.write(shared.subarray(from, used));
    // A stream of this process may run others' code when it is uncorked, another writer included.
    if (this.transport !== 'plain socket') shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
    stream.uncork();
    if (stream.writableLength > 0) shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  }
}
