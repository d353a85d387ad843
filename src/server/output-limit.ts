import type { SessionHost } from './session-host';

/** So few bytes are never counted against `client-output-buffer-limit`. */
export const UNCOUNTED_REPLY_BYTES = 16 * 1024;

/**
 * `client-output-buffer-limit` of one connection: too many bytes of replies that wait to be sent,
 * or somewhat fewer for too long.
 * Source: checkClientOutputBufferLimits in networking.c
 */
export class OutputLimiter {
  private softSinceMs: number | undefined;
  private cancelCheck: (() => void) | undefined;

  /** @param close is called when the soft limit's time is over; nothing else may happen by then */
  constructor(
    private readonly host: Pick<SessionHost, 'config' | 'clock'>,
    private readonly clientClass: () => 'normal' | 'pubsub',
    private readonly waitingBytes: () => number,
    private readonly close: () => void,
  ) {}

  /** Whether the connection must be closed with so many bytes waiting. */
  overHardLimit(bytes: number): boolean {
    const { hardBytes } = this.host.config.outputLimits[this.clientClass()];
    return hardBytes > 0 && bytes >= hardBytes;
  }

  /** Notes what waits now: after a write and when the client has read. */
  checkSoftLimit(): void {
    const { softBytes, softSeconds } = this.host.config.outputLimits[this.clientClass()];
    if (softBytes === 0 || this.waitingBytes() < softBytes) {
      this.stop();
      return;
    }
    const { clock } = this.host;
    const softMs = softSeconds * 1000;
    this.softSinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - this.softSinceMs > softMs) {
      this.stop();
      this.close();
      return;
    }
    // Nothing else would look again at a client that has stopped reading.
    this.cancelCheck ??= clock.after(softMs + 1, () => {
      this.cancelCheck = undefined;
      this.checkSoftLimit();
    });
  }

  stop(): void {
    this.softSinceMs = undefined;
    this.cancelCheck?.();
    this.cancelCheck = undefined;
  }
}
