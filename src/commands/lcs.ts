/**
 * LCS by dynamic programming: cell (i, j) is the length for the first i bytes of `a` and the first
 * j of `b`. Only two rows of lengths are kept, and for the way back one bit a cell: which
 * neighbour was larger. Redis keeps the whole table; what it refuses is refused here as well.
 */
import { genericError, syntaxError } from '../errors';
import { asBuffer } from '../lib/bytes';
import { array, bulk, bulkText, integer, type Reply } from '../protocol/reply';
import { stringBytes } from '../values/string';
import { isString } from '../values/value';
import type { Argv } from '../engine/command';
import type { Context } from '../engine/context';
import { integerAt, keyAt, wordAt } from './args';
import { defineCommand, twoKeys } from './command';

const notStrings = genericError('The specified keys must contain string values');
const lengthAndIndexes = genericError(
  'If you want both the length and indexes, please just use IDX.',
);
const tableTooLarge = genericError(
  'Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
);

/** Of Redis's table, which decides what is too large. */
const BYTES_PER_CELL = 4;

/** A stretch that both strings have, as positions of its first and last byte. */
interface Match {
  readonly a: readonly [first: number, last: number];
  readonly b: readonly [first: number, last: number];
  readonly length: number;
}

interface LcsResult {
  readonly length: number;
  readonly text: Buffer;
  /** From the end to the beginning. */
  readonly matches: readonly Match[];
}

interface LcsOptions {
  readonly length: boolean;
  readonly indexes: boolean;
  readonly withMatchLength: boolean;
  readonly minMatchLength: number;
}

/**
 * LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN]
 *
 * The longest common subsequence of two strings, a missing key counts as empty: the text, its
 * length, or the positions of the matches from last to first.
 * Source: https://redis.io/docs/latest/commands/lcs/
 * @throws ReplyError for values that are no strings, syntax error, LEN with IDX, strings too long
 */
export const lcs = defineCommand({
  name: 'lcs',
  arity: -3,
  flags: ['readonly'],
  group: 'string',
  since: '7.0.0',
  summary: 'Find longest common substring',
  complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
  keys: twoKeys,
  keyFlags: ['RO', 'access'],
  run(ctx, argv) {
    const a = stringAt(ctx, argv, 1);
    const b = stringAt(ctx, argv, 2);
    if (a === undefined || b === undefined) throw notStrings;
    const options = readOptions(argv);
    if ((a.length + 1) * (b.length + 1) * BYTES_PER_CELL > ctx.server.maxBulkBytes) {
      throw tableTooLarge;
    }
    if (options.length) return integer(fillTable(a, b, undefined));
    const result = longestCommonSubsequence(a, b);
    return options.indexes ? indexesReply(ctx, result, options) : bulk(result.text);
  },
});

/** Undefined for a value of another type. */
function stringAt(ctx: Context, argv: Argv, index: number): Buffer | undefined {
  const value = ctx.get(keyAt(argv, index)) ?? '';
  return isString(value) ? asBuffer(stringBytes(value)) : undefined;
}

function readOptions(argv: Argv): LcsOptions {
  let length = false;
  let indexes = false;
  let withMatchLength = false;
  let minMatchLength = 0;
  for (let at = 3; at < argv.length; at++) {
    const word = wordAt(argv, at);
    if (word === 'IDX') indexes = true;
    else if (word === 'LEN') length = true;
    else if (word === 'WITHMATCHLEN') withMatchLength = true;
    else if (word === 'MINMATCHLEN' && at + 1 < argv.length) minMatchLength = integerAt(argv, ++at);
    else throw syntaxError;
  }
  if (length && indexes) throw lengthAndIndexes;
  return { length, indexes, withMatchLength, minMatchLength };
}

/**
 * @param up receives bit i * b.length + j for bytes i and j that differ: whether the cell above,
 *   without byte i of `a`, is larger than the one to the left
 * @returns the length of the longest common subsequence
 */
function fillTable(a: Buffer, b: Buffer, up: Uint8Array | undefined): number {
  const width = b.length;
  const row = new Uint32Array(width + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = a[i]!;
    let diagonal = 0;
    let left = 0;
    for (let j = 0; j < width; j++) {
      const above = row[j + 1]!;
      if (b[j] === byte) {
        left = diagonal + 1;
      } else if (above > left) {
        left = above;
        if (up !== undefined) {
          const bit = i * width + j;
          up[bit >>> 3]! |= 1 << (bit & 7);
        }
      }
      row[j + 1] = left;
      diagonal = above;
    }
  }
  return row[width]!;
}

function longestCommonSubsequence(a: Buffer, b: Buffer): LcsResult {
  const width = b.length;
  const up = new Uint8Array(Math.ceil((a.length * width) / 8));
  const length = fillTable(a, b, up);
  const text = Buffer.alloc(length);
  const matches: Match[] = [];
  let left = length;
  let i = a.length - 1;
  let j = width - 1;
  while (i >= 0 && j >= 0) {
    if (a[i] !== b[j]) {
      const bit = i * width + j;
      if ((up[bit >>> 3]! >> (bit & 7)) & 1) i--;
      else j--;
      continue;
    }
    const [lastA, lastB] = [i, j];
    while (i >= 0 && j >= 0 && a[i] === b[j]) {
      text[--left] = a[i]!;
      i--;
      j--;
    }
    matches.push({ a: [i + 1, lastA], b: [j + 1, lastB], length: lastA - i });
  }
  return { length, text, matches };
}

function indexesReply(ctx: Context, result: LcsResult, options: LcsOptions): Reply {
  const matches: Reply[] = [];
  for (const match of result.matches) {
    if (match.length < options.minMatchLength) continue;
    const parts = [array(match.a.map(integer)), array(match.b.map(integer))];
    if (options.withMatchLength) parts.push(integer(match.length));
    matches.push(array(parts));
  }
  return ctx.form.map([
    bulkText('matches'),
    array(matches),
    bulkText('len'),
    integer(result.length),
  ]);
}
