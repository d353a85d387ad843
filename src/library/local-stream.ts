import { Duplex } from 'node:stream';

/**
 * The server's end of a connection whose other end is in this process, too: what the client sends
 * is put in with `request`, and what the server writes is handed to `onBytes`.
 */
export class LocalStream extends Duplex {
  private chunks: Buffer[] = [];
  private requestsEnded = false;

  /** @param onBytes gets all bytes of one turn together, in a Buffer of its own */
  constructor(private readonly onBytes: (bytes: Buffer) => void) {
    super({ allowHalfOpen: true });
  }

  /** What comes when the server has closed the connection is lost; that it is closed will be heard. */
  request(bytes: Buffer): void {
    if (!this.requestsEnded) this.push(bytes);
  }

  /** The client sends nothing more. */
  endRequests(): void {
    if (this.requestsEnded) return;
    this.requestsEnded = true;
    this.push(null);
  }

  /** Hands on what was written so far. */
  deliver(): void {
    if (this.chunks.length === 0) return;
    // A copy: large values are written uncopied, and what clients get must not be the store's.
    const bytes = Buffer.concat(this.chunks);
    this.chunks = [];
    this.onBytes(bytes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A session writes whole replies; collecting its writes keeps them whole.
    if (this.chunks.length === 0) process.nextTick(() => this.deliver());
    this.chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.deliver();
    this.endRequests();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.requestsEnded = true;
    this.deliver();
    done(error);
  }
}
