/**
 * Replies, already in wire form.
 *
 * A command returns the bytes of its reply, not a tree that somebody else walks: a latin1 string,
 * or, where a large value is part of it, the pieces in order with the value's own Buffer. What
 * looks different in RESP2 and RESP3 (maps, sets, doubles, nulls, ...) is made by the `ReplyForm`
 * of the connection, `ctx.form`; what looks alike is made by the functions here.
 * Source: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
 */
import { constants } from 'node:buffer';
import { LARGE_BYTES, type Bytes } from '../lib/bytes';

/** A reply cut at its large values. Never empty. */
export type Pieces = readonly Bytes[];
export type Reply = string | Pieces;

export const ok = '+OK\r\n';
export const queued = '+QUEUED\r\n';
export const pong = '+PONG\r\n';
export const emptyArray = '*0\r\n';
export const emptyBulk = '$0\r\n\r\n';

/** Most integers in replies are small (counts, booleans, positions). */
const smallIntegers: readonly string[] = Array.from({ length: 1024 }, (_, n) => `:${n}\r\n`);
const smallBulkHeads: readonly string[] = Array.from({ length: 1024 }, (_, n) => `$${n}\r\n`);

export const zero = ':0\r\n';
export const one = ':1\r\n';

/** `+text`. For fixed texts only: no line breaks. */
export function simple(text: string): string {
  return `+${text}\r\n`;
}

/** An integer within ±2^53, or a bigint within int64. */
export function integer(value: number | bigint): string {
  return typeof value === 'number' && value >= 0 && value < 1024
    ? (smallIntegers[value] ?? `:${value}\r\n`)
    : `:${value}\r\n`;
}

/** A bulk string of a short text. The common case, kept apart so that it stays small and inlined. */
export function bulkText(text: string): string {
  const length = text.length;
  return (length < 1024 ? smallBulkHeads[length]! : `$${length}\r\n`) + text + '\r\n';
}

/** A bulk string. A Buffer goes into the pieces as it is: it must not change afterwards. */
export function bulk(value: Bytes | number): Reply {
  if (typeof value === 'string') return bulkText(value);
  if (typeof value === 'number') return bulkText(String(value));
  if (value.length < LARGE_BYTES) return bulkText(value.latin1Slice(0, value.length));
  return [`$${value.length}\r\n`, value, '\r\n'];
}

/** Longer text is cut into pieces: a string has at most 2^29 - 24 characters. */
export const PIECE_LENGTH = 1 << 24;

/** Joins replies behind `head`; stays a string while all are. */
function join(head: string, items: readonly Reply[]): Reply {
  let text = head;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (typeof item !== 'string' || text.length >= PIECE_LENGTH || item.length >= PIECE_LENGTH) {
      return joinPieces(text, items, i);
    }
    text += item;
  }
  return text;
}

function joinPieces(text: string, items: readonly Reply[], from: number): Pieces {
  const pieces: Bytes[] = [];
  let tail = text;
  for (let i = from; i < items.length; i++) {
    const item = items[i]!;
    for (const piece of typeof item === 'string' ? [item] : item) {
      if (
        tail.length >= PIECE_LENGTH ||
        (tail !== '' && tail.length + piece.length > constants.MAX_STRING_LENGTH)
      ) {
        pieces.push(tail);
        tail = '';
      }
      if (typeof piece === 'string') {
        tail += piece;
      } else {
        if (tail !== '') pieces.push(tail);
        pieces.push(piece);
        tail = '';
      }
    }
  }
  if (tail !== '') pieces.push(tail);
  return pieces;
}

export function array(items: readonly Reply[]): Reply {
  return join(`*${items.length}\r\n`, items);
}

/** Texts that are joined into one. */
const FLAT_LENGTH = 1 << 18;

/** An array of very many texts: they are joined as they come, so that the memory of each is freed. */
export class LongArray {
  private count = 0;
  private readonly parts: string[] = [];
  private last: string[] = [];
  private lastLength = 0;

  add(item: string): void {
    this.count++;
    if (this.lastLength + item.length > FLAT_LENGTH) this.joinLast();
    this.last.push(item);
    this.lastLength += item.length;
  }

  reply(): Reply {
    this.joinLast();
    return join(`*${this.count}\r\n`, this.parts);
  }

  private joinLast(): void {
    this.parts.push(this.last.join(''));
    this.last = [];
    this.lastLength = 0;
  }
}

/** Replies one after another, as several messages: the confirmations of SUBSCRIBE a b. */
export function sequence(items: readonly Reply[]): Reply {
  return join('', items);
}

/** An array of bulk strings. */
export function bulkArray(items: readonly (Bytes | number)[]): Reply {
  return join(`*${items.length}\r\n`, items.map(bulk));
}

/** An error: `-code text`. */
export function error(code: string, text: string): string {
  return `-${code} ${text.replace(/[\r\n]/g, ' ')}\r\n`;
}

export function isError(reply: Reply): boolean {
  return headOf(reply).charCodeAt(0) === 0x2d;
}

/** The beginning, up to the first large value; all of an error. */
export function headOf(reply: Reply): string {
  const head = typeof reply === 'string' ? reply : reply[0]!;
  return typeof head === 'string' ? head : '';
}

/** All bytes of a reply in one Buffer. For tests and for what is not on the hot path. */
export function replyBytes(reply: Reply): Buffer {
  if (typeof reply === 'string') return Buffer.from(reply, 'latin1');
  return Buffer.concat(reply.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : p)));
}

/**
 * A double as Redis 7.0 prints it in replies: `%.17g`, with `inf` and `-inf`.
 * Source: addReplyDouble in networking.c
 */
export function formatDouble(value: number): string {
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  if (Number.isNaN(value)) return 'nan';
  if (Object.is(value, -0)) return '-0';
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return String(value);
  // %.17g: 17 significant digits, trailing zeros dropped, an exponent below -4 or from 17 on.
  const digits = value.toExponential(16);
  const exponent = Number(digits.slice(digits.indexOf('e') + 1));
  if (exponent < -4 || exponent >= 17) {
    const mantissa = trimZeros(digits.slice(0, digits.indexOf('e')));
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return trimZeros(value.toFixed(Math.max(0, 16 - exponent)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** What differs between the two protocol versions. One object a version, shared by all connections. */
export interface ReplyForm {
  readonly version: 2 | 3;
  /** A missing value: `$-1` or `_`. */
  readonly nil: string;
  /** A missing array: `*-1` or `_`. */
  readonly nilArray: string;
  /** Keys and values in turn, so `items.length` is even. RESP2: a flat array. */
  map(items: readonly Reply[]): Reply;
  set(items: readonly Reply[]): Reply;
  /** RESP2: a bulk string. */
  double(value: number): string;
  /** RESP2: 1 or 0. */
  boolean(value: boolean): string;
  /** RESP2: a bulk string. */
  bigNumber(value: bigint): string;
  /** `format` has three letters (`txt`, `mkd`). RESP2: a bulk string. */
  verbatim(format: string, text: Bytes): Reply;
  /** A message outside the order of replies. RESP2: an array. */
  push(items: readonly Reply[]): Reply;
}

export const resp2: ReplyForm = {
  version: 2,
  nil: '$-1\r\n',
  nilArray: '*-1\r\n',
  map: array,
  set: array,
  double: (value) => bulkText(formatDouble(value)),
  boolean: (value) => (value ? one : zero),
  bigNumber: (value) => bulkText(String(value)),
  verbatim: (_format, text) => bulk(text),
  push: array,
};

export const resp3: ReplyForm = {
  version: 3,
  nil: '_\r\n',
  nilArray: '_\r\n',
  map: (items) => join(`%${items.length / 2}\r\n`, items),
  set: (items) => join(`~${items.length}\r\n`, items),
  double: (value) => `,${formatDouble(value)}\r\n`,
  boolean: (value) => (value ? '#t\r\n' : '#f\r\n'),
  bigNumber: (value) => `(${value}\r\n`,
  verbatim: (format, text) => {
    const head = `=${text.length + 4}\r\n${format}:`;
    return typeof text === 'string' ? `${head}${text}\r\n` : [head, text, '\r\n'];
  },
  push: (items) => join(`>${items.length}\r\n`, items),
};
