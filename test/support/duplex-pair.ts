import { Duplex, type DuplexOptions } from 'node:stream';

/** What a socket reads at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Two ends of one connection in memory: what is written to one is read from the other. As with
 * sockets the client's end closes when the server's does, the server's may stay half open.
 */
export function duplexPair(options: DuplexOptions = {}): [client: Duplex, server: Duplex] {
  const a = new End({ allowHalfOpen: false, ...options });
  const b = new End({ ...options, allowHalfOpen: true });
  a.peer = b;
  b.peer = a;
  return [a, b];
}

class End extends Duplex {
  peer!: End;
  /** Ends the write of the other end whose bytes are read here. */
  private taken: (() => void) | undefined;

  override _read(): void {
    const { taken } = this;
    this.taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { peer } = this;
    if (chunk.length === 0 || peer.destroyed) {
      process.nextTick(done);
      return;
    }
    peer.taken = done;
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      peer.push(chunk.subarray(at, at + CHUNK_BYTES));
    }
  }

  override _final(done: () => void): void {
    const { peer } = this;
    if (peer.destroyed) {
      done();
      return;
    }
    peer.once('end', done);
    peer.push(null);
  }

  /** The other end notices, as it does of a socket. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    process.nextTick(() => this.peer.destroy());
    done(error);
  }
}
