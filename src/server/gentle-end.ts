import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock';

/** How long a client may take to close its side after it was sent everything. */
const LINGER_MS = 1000;

/**
 * Ends a stream once all that was written is sent. What the client still sends is read and dropped
 * for a moment: closing a socket with unread bytes would reset the connection, and the client could
 * lose its last replies.
 * @param sent is called when all is sent, unless the stream is closed by then
 */
export function endGently(stream: Duplex, clock: Clock, sent?: () => void): void {
  stream.end(() => {
    if (stream.destroyed) return;
    sent?.();
    const cancel = clock.after(LINGER_MS, () => stream.destroy());
    stream.once('close', cancel);
  });
  stream.resume();
}
