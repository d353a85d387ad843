/** Strings: parts of a value, values that grow, and LCS. */
import { seeded } from '../../../src/lib/random';
import type { OracleCase, Request } from '../oracle';
import { lines, typed } from '../script';

const indexes = [
  '0',
  '1',
  '2',
  '5',
  '6',
  '7',
  '100',
  '-1',
  '-2',
  '-6',
  '-7',
  '-100',
  '9223372036854775807',
  '-9223372036854775808',
];
const large = Buffer.alloc(10_000, '0123456789');

const lcsOptions = [
  '',
  'LEN',
  'IDX',
  'IDX WITHMATCHLEN',
  'IDX MINMATCHLEN 4',
  'IDX MINMATCHLEN 4 WITHMATCHLEN',
  'idx minmatchlen 2 WithMatchLen',
  'IDX MINMATCHLEN -5 WITHMATCHLEN',
  'IDX MINMATCHLEN 0',
  'IDX MINMATCHLEN 9223372036854775807',
  'MINMATCHLEN 4',
  'WITHMATCHLEN',
  'LEN MINMATCHLEN 4 WITHMATCHLEN',
  'LEN IDX',
  'IDX LEN IDX',
  'MINMATCHLEN',
  'IDX MINMATCHLEN',
  'MINMATCHLEN x',
  'MINMATCHLEN x BAD',
  'BAD MINMATCHLEN x',
  'LEN IDX BAD',
  '""',
];

/** Texts over few letters, so that they have much in common. */
function randomTexts(count: number, maxLength: number, letters: string): string[] {
  const random = seeded(7);
  return Array.from({ length: count }, () =>
    Array.from({ length: random.below(maxLength) }, () =>
      letters.charAt(random.below(letters.length)),
    ).join(''),
  );
}

const texts = randomTexts(120, 40, 'abc');

export const cases: readonly OracleCase[] = [
  {
    title: 'GETRANGE and SUBSTR with every pair of indexes',
    script: [
      ['SET', 'k', 'foobar'],
      ['SET', 'n', '-12345'],
      ['SET', 'empty', ''],
      ...indexes.flatMap((start) =>
        indexes.flatMap((end): Request[] => [
          ['GETRANGE', 'k', start, end],
          ['SUBSTR', 'n', start, end],
          ['GETRANGE', 'empty', start, end],
          ['GETRANGE', 'nokey', start, end],
        ]),
      ),
    ],
  },
  {
    title: 'GETRANGE of a large value',
    script: [
      ['SET', 'k', large],
      ['GETRANGE', 'k', '0', '-1'],
      ['GETRANGE', 'k', '1', '9998'],
      ['GETRANGE', 'k', '5', '4100'],
      ['GETRANGE', 'k', '5', '4099'],
      ['GETRANGE', 'k', '-3', '-1'],
      ['GETRANGE', 'k', '9999', '20000'],
      ['GETRANGE', 'k', '10000', '20000'],
      ['STRLEN', 'k'],
      ['SETRANGE', 'k', '4090', 'overwritten'],
      ['GETRANGE', 'k', '4080', '4110'],
      ['GET', 'k'],
    ],
  },
  typed(
    'bad indexes are refused before the key is looked at',
    `
    RPUSH l a
    GETRANGE l 0 1
    GETRANGE l x 1
    GETRANGE l 0 x
    GETRANGE l 0 9223372036854775808
    GETRANGE l "" 0
    SUBSTR l 0 1
    SUBSTR l 0 1.5
    GETRANGE nokey x 1
    GETRANGE k 0
    GETRANGE k 0 1 2
    SUBSTR k 0
    STRLEN
    STRLEN a b
    STRLEN l
    STRLEN nokey`,
  ),
  {
    title: 'APPEND',
    script: [
      ...lines(`
        APPEND k ""
        EXISTS k
        APPEND k Hello
        APPEND k ", World"
        GET k
        OBJECT ENCODING k
        APPEND k "\\x00\\xff"
        GET k
        STRLEN k
        SET n 10
        EXPIREAT n 40000000000
        APPEND n 5
        GET n
        EXPIRETIME n
        INCR n
        RPUSH l a
        APPEND l b
        APPEND l
        APPEND a b c
        SET s short
        APPEND s ""
        OBJECT ENCODING s
        GET s`),
      ['APPEND', 'k', large],
      ['GET', 'k'],
      ['APPEND', 'new', large],
      ['APPEND', 'new', large],
      ['APPEND', 'new', 'x'],
      ['GET', 'new'],
      ['STRLEN', 'new'],
      ['GETDEL', 'new'],
      ['APPEND', 'new', 'again'],
      ...Array.from({ length: 300 }, (_, i): Request => ['APPEND', 'grown', `piece ${i},`]),
      ['GET', 'grown'],
    ],
  },
  typed(
    'SETRANGE',
    `
    SETRANGE k 0 ""
    EXISTS k
    SETRANGE k 5 abc
    GET k
    OBJECT ENCODING k
    SETRANGE k 0 Hello
    GET k
    SETRANGE k 6 X
    GET k
    SETRANGE k 8 Y
    GET k
    SETRANGE k 20 ""
    STRLEN k
    SETRANGE k 12 Z
    GET k
    SET n 12345
    EXPIREAT n 40000000000
    SETRANGE n 1 99
    GET n
    EXPIRETIME n
    INCR n
    SETRANGE n 5 00
    GET n
    SET e ""
    SETRANGE e 0 ""
    SETRANGE e 3 x
    GET e
    RPUSH l a
    SETRANGE l 0 x
    SETRANGE l 0 ""
    SETRANGE l -1 x
    SETRANGE l x y
    SETRANGE l 9223372036854775807 y
    SETRANGE k -1 x
    SETRANGE k -1 ""
    SETRANGE nokey -9223372036854775808 ""
    SETRANGE k 9223372036854775808 x
    SETRANGE k 1.5 x
    SETRANGE k 0
    SETRANGE k 0 x y`,
  ),
  typed(
    'no value grows beyond proto-max-bulk-len',
    `
    SETRANGE k 536870911 ab
    SETRANGE k 536870912 a
    SETRANGE k 9223372036854775807 a
    SETRANGE k 9223372036854775807 ""
    EXISTS k
    SET k v
    SETRANGE k 536870912 a
    SETRANGE k 9223372036854775807 abc
    GET k
    CONFIG SET proto-max-bulk-len 1048576
    SETRANGE k 1048575 ab
    SETRANGE k 1048576 a
    SETRANGE k 1048575 a
    APPEND k a
    APPEND k ""
    STRLEN k
    DEL k
    SETRANGE n 1048574 a
    APPEND n b
    APPEND n c`,
  ),
  {
    title: 'LCS with all its options',
    script: [
      ...lines(`
        MSET a ohmytext b mynewtext empty "" n 12345 m 2345
        RPUSH l a`),
      ...[
        'a b',
        'b a',
        'a a',
        'a nokey',
        'nokey a',
        'nokey nokey',
        'empty a',
        'n m',
        'a l',
        'l a',
        'l nokey',
      ].flatMap((keys) => lcsOptions.flatMap((options) => lines(`LCS ${keys} ${options}`))),
      ...lines(`
        LCS
        LCS a`),
    ],
  },
  {
    title: 'LCS in RESP3',
    protocol: 3,
    script: lines(`
      MSET a ohmytext b mynewtext
      LCS a b IDX WITHMATCHLEN
      LCS a nokey IDX
      LCS a b
      LCS a b LEN`),
  },
  {
    title: 'LCS of random texts',
    script: texts.flatMap((text, i): Request[] => [
      ['SET', 'a', text],
      ['SET', 'b', texts[(i + 1) % texts.length]!],
      ['LCS', 'a', 'b'],
      ['LCS', 'a', 'b', 'LEN'],
      ['LCS', 'a', 'b', 'IDX', 'WITHMATCHLEN'],
      ['LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', '3'],
    ]),
  },
  {
    title: 'LCS of values that are too long for its table, and of those that just fit',
    script: [
      ['CONFIG', 'SET', 'proto-max-bulk-len', '1048576'],
      ['SET', 'a', large.subarray(0, 511)],
      ['SET', 'b', large.subarray(3, 514)],
      ['LCS', 'a', 'b', 'LEN'],
      ['LCS', 'a', 'b', 'IDX'],
      ['APPEND', 'b', 'x'],
      ['LCS', 'a', 'b'],
      ['LCS', 'a', 'b', 'LEN'],
      ['LCS', 'a', 'b', 'LEN', 'IDX'],
      ['LCS', 'a', 'nokey'],
    ],
  },
];
