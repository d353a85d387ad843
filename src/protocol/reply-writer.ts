/**
 * Collects the replies of one connection and writes them to its stream, as few writes as possible.
 *
 * Short text is joined (V8 joins strings without copying) and goes out as one string, which Node
 * encodes on the way to the kernel. Beyond about a kilobyte joining costs more than it saves, so
 * the parts are copied into one buffer that all connections share; it may be used again only if
 * the kernel took everything at once. Large values go out as they are, uncopied.
 */
import type { Writable } from 'node:stream';
import type { Bytes } from '../lib/bytes';
import type { Reply } from './reply';

const JOINED_LENGTH = 1024;
const SHARED_BYTES = 64 * 1024;
/** Buffers from here on are written as they are. */
const UNCOPIED_BYTES = 16 * 1024;

let shared = Buffer.allocUnsafeSlow(SHARED_BYTES);

/** A shorter way for short text than the stream, to the same place and in the same order. */
export interface ShortWrites {
  /** @returns false if the text must go through the stream */
  write(text: string): boolean;
}

export class ReplyWriter {
  private text = '';
  private parts: Bytes[] = [];
  private partBytes = 0;
  /** All bytes ever handed to the stream. */
  bytesWritten = 0;

  /**
   * @param sharing whether the shared buffer may be used: only where bytes that the stream no longer
   *   counts are really gone (a socket), not where they may lie in another stream's queue
   */
  constructor(
    private readonly stream: Writable,
    private readonly sharing: boolean,
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

  /** Hands everything to the stream. */
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
    const parts = this.parts;
    this.bytesWritten += this.partBytes;
    this.parts = [];
    this.partBytes = 0;
    this.writeParts(parts);
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

  private cut(): void {
    this.parts.push(this.text);
    this.partBytes += this.text.length;
    this.text = '';
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
        stream.write(isText ? Buffer.from(part, 'latin1') : part);
        continue;
      }
      if (used + length > SHARED_BYTES) {
        if (used > from) stream.write(shared.subarray(from, used));
        // What was handed over may wait: leave that buffer to the stream.
        shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
        from = used = 0;
      }
      if (isText) shared.latin1Write(part, used, length);
      else part.copy(shared, used);
      used += length;
    }
    if (used > from) stream.write(shared.subarray(from, used));
    // A stream of this process may run others' code when it is uncorked, another writer included.
    if (!this.sharing) shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
    stream.uncork();
    if (stream.writableLength > 0) shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  }
}
