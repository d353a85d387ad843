import type { SessionHost } from './session-host';

/**
 * `client-output-buffer-limit` of one connection: too many unread bytes at once, or somewhat fewer
 * for too long.
 * Source: checkClientOutputBufferLimits in networking.c
 */
export class OutputLimiter {
  private softSinceMs: number | undefined;

  constructor(private readonly host: Pick<SessionHost, 'config' | 'clock'>) {}

  /** Whether the connection must be closed with so many bytes unread now. */
  exceeds(bytes: number): boolean {
    const { hardBytes, softBytes, softSeconds } = this.host.config.outputLimits.normal;
    if (hardBytes > 0 && bytes >= hardBytes) return true;
    if (softBytes === 0 || bytes < softBytes) {
      this.softSinceMs = undefined;
      return false;
    }
    const nowMs = this.host.clock.monotonicMs();
    this.softSinceMs ??= nowMs;
    return nowMs - this.softSinceMs > softSeconds * 1000;
  }
}
