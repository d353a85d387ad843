import { parseInt64 } from '../lib/numbers';

const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * The number that bytes [start, end) of a header line announce: a decimal int64 in its one
 * canonical form. Undefined for all else.
 * Source: string2ll in util.c
 */
export function parseLength(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start > 15 || bytes[start] === MINUS) {
    const exact = parseInt64(bytes.latin1Slice(start, Math.min(end, start + 21)));
    return exact === undefined ? undefined : Number(exact);
  }
  if (start === end || (bytes[start] === ZERO && end - start > 1)) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
