/**
 * One read buffer for all accepted sockets.
 *
 * Node allocates a buffer for every read of a socket; with one shared buffer a command costs a
 * fifth to a third less processor time. Node offers this (`onread`) for sockets it connects, not
 * for those `net.createServer` accepts, so this takes the accepted handle before the server wraps
 * it. That is not a documented interface: it is used only where it looks as expected, and the
 * ordinary way, 'data' events, is there for everything else.
 * Source: onconnection in https://github.com/nodejs/node/blob/v20.x/lib/net.js
 */
import { Socket, type Server } from 'node:net';

const READ_BYTES = 64 * 1024;

/**
 * Reads of one socket that fill the buffer, one after another, before the others have their turn.
 * libuv would read a socket up to 32 times while the kernel has more: 2 MB, which takes 2 to 10 ms.
 */
const FULL_READS = 4;

/** Takes bytes [0, length) of a buffer that the next read overwrites. */
export type Receive = (bytes: Buffer, length: number) => void;

interface ListeningHandle {
  onconnection: ((error: number, handle: unknown) => void) | null;
}

/**
 * Makes sockets of a listening server read into the shared buffer.
 * @param accept is called with every accepted socket instead of the event 'connection'; it returns
 *   what takes the bytes, or undefined if it has refused the socket
 * @returns false, with nothing changed, where this Node does not look as expected
 */
export function shareReads(
  server: Server,
  buffer: Buffer,
  accept: (socket: Socket) => Receive | undefined,
): boolean {
  const handle = (server as unknown as { _handle?: ListeningHandle | null })._handle;
  if (typeof handle?.onconnection !== 'function') return false;
  const ordinary = handle.onconnection;
  handle.onconnection = function onconnection(this: ListeningHandle, error, accepted) {
    if (error !== 0 || !isStreamHandle(accepted)) {
      ordinary.call(this, error, accepted);
      return;
    }
    // Reading starts with `resume`, when the socket is accepted.
    const taker: { receive: Receive | undefined } = { receive: undefined };
    let fullReads = 0;
    const readOn = (): void => {
      // Whoever has paused it meanwhile will resume it.
      if (!socket.isPaused()) socket.resume();
    };
    const options = {
      handle: accepted,
      allowHalfOpen: true,
      onread: {
        buffer,
        callback: (length: number): boolean => {
          taker.receive?.(buffer, length);
          if (length < buffer.length) {
            fullReads = 0;
          } else if (++fullReads === FULL_READS) {
            fullReads = 0;
            setImmediate(readOn);
            return false;
          }
          return true;
        },
      },
    };
    const socket = new Socket(options);
    socket.on('error', () => socket.destroy());
    taker.receive = accept(socket);
    socket.resume();
  };
  return true;
}

export type ShareReads = typeof shareReads;

export function newReadBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(READ_BYTES);
}

function isStreamHandle(handle: unknown): boolean {
  const candidate = handle as { readStart?: unknown; useUserBuffer?: unknown } | null | undefined;
  return (
    typeof candidate?.readStart === 'function' && typeof candidate.useUserBuffer === 'function'
  );
}
