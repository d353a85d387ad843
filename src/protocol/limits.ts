/**
 * What a client may send before the server refuses to read on. One object is shared by all
 * connections of a server; CONFIG SET changes it in place.
 */
export interface Limits {
  /** `proto-max-bulk-len`: of one argument. At least LARGE_BYTES (Redis allows 1 MB and more), at most MAX_BYTES. */
  maxBulkBytes: number;
  /** Of an inline command, and of a line that announces a count or a length. */
  maxInlineBytes: number;
  /** Arguments of a request. */
  maxMultibulk: number;
  /** `client-query-buffer-limit`: bytes that were received but are not yet a whole argument. */
  maxQueryBufferBytes: number;
}

/** Redis's defaults. Source: server.h and config.c */
export function defaultLimits(): Limits {
  return {
    maxBulkBytes: 512 * 1024 * 1024,
    maxInlineBytes: 64 * 1024,
    maxMultibulk: 2 ** 31 - 1,
    maxQueryBufferBytes: 1024 * 1024 * 1024,
  };
}

/** What a client may announce before it has authenticated. Source: processMultibulkBuffer */
export const UNAUTHENTICATED_MAX_ARGUMENTS = 10;
export const UNAUTHENTICATED_MAX_BULK_BYTES = 16 * 1024;

/** The reply before the connection is closed. Line breaks cannot be part of a RESP error. */
export function protocolError(text: string): string {
  return `-ERR Protocol error: ${text.replace(/[\r\n]/g, ' ')}\r\n`;
}
