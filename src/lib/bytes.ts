/**
 * Binary-safe text. Small byte strings are latin1 strings, one character a byte: V8 keeps them in
 * one byte a character, compares and hashes them fast, and no byte sequence is lost or merged (as
 * UTF-8 decoding would). Large ones are Buffers, so that they are not copied.
 */
import { constants } from 'node:buffer';
import { textTooLong } from '../errors';

export type Bytes = string | Buffer;

declare global {
  // In every Node since 0.x and the fastest way from bytes to text, but not in @types/node.
  // https://github.com/nodejs/node/blob/v20.x/lib/internal/buffer.js
  interface Buffer {
    latin1Slice(start?: number, end?: number): string;
    latin1Write(text: string, offset?: number, length?: number): number;
  }
}

/** A Buffer holds no more. */
export const MAX_BYTES = constants.MAX_LENGTH;

/** Text holds no more: V8's limit, less what is put around it in replies. */
export const MAX_TEXT_BYTES = constants.MAX_STRING_LENGTH - 1024;

/** From this length on, request arguments and values are Buffers. */
export const LARGE_BYTES = 4096;

/** V8 makes `substring` results of fewer characters real copies. Longer ones keep their parent alive. */
const SLICE_MIN_LENGTH = 13;

/** @throws ReplyError above MAX_TEXT_BYTES */
export function asText(bytes: Bytes): string {
  if (typeof bytes === 'string') return bytes;
  if (bytes.length > MAX_TEXT_BYTES) throw textTooLong;
  return bytes.latin1Slice(0, bytes.length);
}

export function asBuffer(bytes: Bytes): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/** The text up to its first NUL: what Redis prints where it takes bytes for a C string. */
export function cString(text: string): string {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

let scratch = Buffer.allocUnsafeSlow(1024);

/**
 * A copy of `text` that shares nothing with another string. Keys of requests may be slices of the
 * chunk that was read from the socket; whoever keeps one keeps this instead.
 */
export function ownText(text: string): string {
  const length = text.length;
  if (length < SLICE_MIN_LENGTH) return text;
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(length * 2);
  scratch.latin1Write(text, 0, length);
  return scratch.latin1Slice(0, length);
}
