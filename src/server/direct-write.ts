/**
 * Short replies straight to a socket's handle.
 *
 * At pipeline depth 1 every command ends in a write of a few bytes, and what Node's streams do
 * around the system call (a request object, queues, callbacks, nextTick) is a tenth of the whole
 * command. The kernel nearly always takes such a write at once; then there is nothing to remember.
 * If it does not, the rest is libuv's, in order, and until it has gone nothing else takes this way:
 * the stream counts what waits, and this does not.
 *
 * These are not documented interfaces: they are used only where they look as expected, and the
 * stream is there for everything else.
 * Source: handleWriteReq in https://github.com/nodejs/node/blob/v20.x/lib/internal/stream_base_commons.js
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ShortWrites } from '../protocol/reply-writer';

interface WriteRequest {
  oncomplete?: () => void;
}

interface StreamHandle {
  writeLatin1String(request: WriteRequest, text: string): number;
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: Int32Array;
  readonly kLastWriteWasAsync: number;
}

const binding = streamBinding();

/** A request is used up only by a write that the kernel did not take at once. */
let spare = binding === undefined ? {} : new binding.WriteWrap();

/** Undefined where the stream must be written to as a stream. */
export function directWrites(stream: Duplex): ShortWrites | undefined {
  // A TLS socket has a handle of another kind.
  if (binding === undefined || stream.constructor !== Socket) return undefined;
  const handle = (stream as unknown as { _handle?: Partial<StreamHandle> | null })._handle;
  if (typeof handle?.writeLatin1String !== 'function') return undefined;
  return new DirectWrites(stream, handle as StreamHandle, binding);
}

class DirectWrites implements ShortWrites {
  /** A write is under way that the kernel did not take at once. */
  private waiting = false;

  constructor(
    private readonly stream: Duplex,
    private readonly handle: StreamHandle,
    private readonly base: StreamBinding,
  ) {}

  write(text: string): boolean {
    const { base, stream } = this;
    if (this.waiting || stream.writableLength > 0 || stream.destroyed) return false;
    const request = spare;
    const error = this.handle.writeLatin1String(request, text);
    if (error !== 0) {
      // As when a stream's write fails. Nobody asks why: the client has gone.
      stream.destroy();
    } else if (base.streamBaseState[base.kLastWriteWasAsync] !== 0) {
      this.waiting = true;
      request.oncomplete = (): void => void (this.waiting = false);
      spare = new base.WriteWrap();
    }
    return true;
  }
}

function streamBinding(): StreamBinding | undefined {
  try {
    const found = (process as unknown as { binding(name: string): Partial<StreamBinding> }).binding(
      'stream_wrap',
    );
    const expected =
      typeof found.WriteWrap === 'function' &&
      ArrayBuffer.isView(found.streamBaseState) &&
      typeof found.kLastWriteWasAsync === 'number';
    return expected ? (found as StreamBinding) : undefined;
  } catch {
    return undefined;
  }
}
