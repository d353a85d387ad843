/**
 * The lines that announce something: `*<count>` and `$<length>`. What is wrong with one is the whole
 * reply to send before the connection is closed.
 * Source: processMultibulkBuffer in networking.c of Redis 7.0
 */
import { parseInt64 } from '../lib/numbers';
import {
  protocolError,
  UNAUTHENTICATED_MAX_ARGUMENTS,
  UNAUTHENTICATED_MAX_BULK_BYTES,
  type Limits,
} from './limits';

const DOLLAR = 0x24;
const ZERO = 0x30;
const MINUS = 0x2d;

/**
 * How many arguments the line of bytes [start, end) announces; none if it is not above 0.
 * @returns a string for an error
 */
export function argumentCount(
  bytes: Buffer,
  start: number,
  end: number,
  limits: Limits,
  trusted: boolean,
): number | string {
  const count = parseLength(bytes, start + 1, end);
  if (count === undefined || count > limits.maxMultibulk) {
    return protocolError('invalid multibulk length');
  }
  if (count > UNAUTHENTICATED_MAX_ARGUMENTS && !trusted) {
    return protocolError('unauthenticated multibulk length');
  }
  return count;
}

/**
 * How long an argument is that the line of bytes [start, end) announces.
 * @returns a string for an error
 */
export function bulkLength(
  bytes: Buffer,
  start: number,
  end: number,
  limits: Limits,
  trusted: boolean,
): number | string {
  const kind = bytes[start]!;
  if (kind !== DOLLAR) {
    return protocolError(`expected '$', got '${String.fromCharCode(kind)}'`);
  }
  const length = parseLength(bytes, start + 1, end);
  if (length === undefined || length < 0 || length > limits.maxBulkBytes) {
    return protocolError('invalid bulk length');
  }
  if (length > UNAUTHENTICATED_MAX_BULK_BYTES && !trusted) {
    return protocolError('unauthenticated bulk length');
  }
  return length;
}

/**
 * The number that bytes [start, end) of a header line announce: a decimal int64 in its one
 * canonical form. Undefined for all else.
 * Source: string2ll in util.c
 */
function parseLength(bytes: Buffer, start: number, end: number): number | undefined {
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
