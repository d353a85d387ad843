import type { OracleCase, Request } from '../oracle';

const EXPIRES = ['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT'] as const;
const TTLS = ['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME'] as const;

/** 2100-01-01, in the unit of EXPIREAT and of PEXPIREAT. */
const farOf = (command: string): number => (command === 'EXPIREAT' ? 4102444800 : 4102444800000);

const BAD_NUMBERS = ['', 'x', '1.5', ' 1', '1 ', '+1', '01', '-0', '1e3', '0x10', '1\0'];
const LIMITS = [
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '9223372036854775',
  '9223372036854776',
  '-9223372036854775',
  '-9223372036854776',
];

/** Each on a key of its own, with what became of the key. */
function eachOn(requests: (key: string) => readonly Request[], count: number): Request[] {
  return Array.from({ length: count }, (_, i) => requests(`k${i}`)).flat();
}

/** What a deadline beyond 2^53 ms reads as is pinned in docs/differences.md; the reply is the same. */
const limitCases = EXPIRES.map((command): OracleCase => ({
  title: `${command} at the limits of int64`,
  script: eachOn((key) => {
    const limit = LIMITS[Number(key.slice(1))]!;
    return [
      ['SET', key, 'v'],
      [command, key, limit],
      ['EXISTS', key],
      [command, 'nokey', limit],
    ];
  }, LIMITS.length),
}));

const badNumberCases = EXPIRES.map((command): OracleCase => ({
  title: `${command} wants a canonical integer, before it looks for the key`,
  script: [
    ['SET', 'a', '1'],
    ...BAD_NUMBERS.flatMap((number): Request[] => [
      [command, 'a', number],
      [command, 'nokey', number],
    ]),
    ['PTTL', 'a'],
    [command],
    [command, 'a'],
  ],
}));

const CONDITIONS = ['NX', 'XX', 'GT', 'LT', 'nx', 'Gt'];

const conditionCases = ['EXPIREAT', 'PEXPIREAT'].map((command): OracleCase => {
  const far = farOf(command);
  return {
    title: `${command} with NX, XX, GT and LT`,
    script: CONDITIONS.flatMap((condition): Request[] => [
      ['SET', 'a', '1'],
      [command, 'a', String(far), condition],
      ['PEXPIRETIME', 'a'],
      [command, 'nokey', String(far), condition],
      ...[0, 1, -1].flatMap((step): Request[] => [
        ['SET', 'a', '1'],
        [command, 'a', String(far)],
        [command, 'a', String(far + step), condition],
        ['PEXPIRETIME', 'a'],
      ]),
      // A deadline in the past counts as any other before it removes the key.
      [command, 'a', '1', condition],
      ['EXISTS', 'a'],
      ['SET', 'a', '1'],
      [command, 'a', '1', condition],
      ['EXISTS', 'a'],
    ]),
  };
});

export const cases: readonly OracleCase[] = [
  ...limitCases,
  ...badNumberCases,
  ...conditionCases,
  {
    title: 'combinations of conditions: which exclude each other, in what order that is checked',
    script: [
      ['SET', 'a', '1'],
      ['EXPIRE', 'a', '100', 'NX', 'XX'],
      ['EXPIRE', 'a', '100', 'GT', 'NX'],
      ['EXPIRE', 'a', '100', 'LT', 'NX'],
      ['EXPIRE', 'a', '100', 'GT', 'LT'],
      ['EXPIRE', 'a', '100', 'GT', 'LT', 'NX'],
      ['EXPIRE', 'a', '100', 'XX', 'GT'],
      ['EXPIRE', 'a', '100', 'XX', 'LT'],
      ['EXPIRE', 'a', '100', 'NX', 'NX'],
      ['EXPIRE', 'a', '200', 'XX', 'LT'],
      ['EXPIRE', 'a', '200', 'XX', 'GT', 'XX', 'gt'],
      ['EXPIRE', 'a', 'x', 'NX', 'XX'],
      ['EXPIRE', 'a', 'x', 'FOO'],
      ['EXPIRE', 'a', 'x', 'NX', 'FOO', 'XX'],
      ['EXPIRE', 'nokey', '100', 'FOO'],
      ['EXPIRE', 'a', '100', ''],
      ['EXPIRE', 'a', '100', 'FOO\r\nBAR\r\n'],
      ['EXPIRE', 'a', '100', '\n'],
      ['EXPIRE', 'a', '100', 'FOO\0BAR'],
      ['EXPIRE', 'a', '300', 'GT\0BAR'],
      ['EXPIRE', 'a', '100', '\xdf\xff'],
      ['EXPIRE', 'a', '100', 'y'.repeat(5000)],
    ],
  },
  {
    title: 'a deadline in the past removes the key',
    script: eachOn((key) => {
      const [command, value] = [
        ['EXPIRE', '0'],
        ['EXPIRE', '-1'],
        ['PEXPIRE', '0'],
        ['PEXPIRE', '-1'],
        ['EXPIREAT', '0'],
        ['EXPIREAT', '1'],
        ['EXPIREAT', '-1'],
        ['PEXPIREAT', '0'],
        ['PEXPIREAT', '1000'],
        ['PEXPIREAT', '-1000'],
      ][Number(key.slice(1))] as [string, string];
      return [
        ['SET', key, 'v'],
        [command, key, value],
        ['GET', key],
        ['DBSIZE'],
        [command, key, value],
      ];
    }, 10),
  },
  {
    title: 'every type can have a deadline, and changing a value keeps it',
    script: [
      ['SET', 's', '1'],
      ['RPUSH', 'l', '1'],
      ['HSET', 'h', 'f', 'v'],
      ...['s', 'l', 'h'].map((key): Request => ['PEXPIREAT', key, '4102444800123']),
      ['INCR', 's'],
      ['APPEND', 's', '1'],
      ['RPUSH', 'l', '2'],
      ['HSET', 'h', 'g', 'w'],
      ...['s', 'l', 'h'].map((key): Request => ['PEXPIRETIME', key]),
      ['LPOP', 'l', '2'],
      ['RPUSH', 'l', '1'],
      ['PEXPIRETIME', 'l'],
      ['GETSET', 's', '1'],
      ['PEXPIRETIME', 's'],
    ],
  },
  {
    title: 'EXPIRETIME rounds to the nearest second',
    script: eachOn((key) => {
      const ms = [4102444800000, 4102444800499, 4102444800500, 4102444800999][
        Number(key.slice(1))
      ]!;
      return [
        ['SET', key, 'v', 'PXAT', String(ms)],
        ['EXPIRETIME', key],
        ['PEXPIRETIME', key],
      ];
    }, 4),
  },
  {
    title: 'the four readers of deadlines on absent and lasting keys',
    script: [
      ['SET', 'a', '1'],
      ...TTLS.flatMap((command): Request[] => [
        [command, 'a'],
        [command, 'nokey'],
        [command, ''],
        [command],
        [command, 'a', 'b'],
      ]),
    ],
  },
  {
    title: 'TTL counts from now',
    script: [
      ['SET', 'a', '1'],
      ['EXPIRE', 'a', '1000'],
      ['TTL', 'a'],
      ['PEXPIRE', 'a', '2000000'],
      ['TTL', 'a'],
      ['EXPIRE', 'a', '1000000000'],
      ['TTL', 'a'],
      ['EXPIRETIME', 'a'],
      ['EXPIRE', 'a', '5000', 'GT'],
      ['EXPIRE', 'a', '5000', 'LT'],
      ['TTL', 'a'],
    ],
    compare: 's',
  },
  {
    title: 'PTTL counts from now',
    script: [
      ['SET', 'a', '1', 'EX', '1000'],
      ['PTTL', 'a'],
      ['PEXPIRE', 'a', '3000000'],
      ['PTTL', 'a'],
      ['PEXPIRETIME', 'a'],
      ['RENAME', 'a', 'b'],
      ['COPY', 'b', 'a'],
      ['PTTL', 'a'],
      ['PTTL', 'b'],
    ],
    compare: 'ms',
  },
  {
    title: 'PERSIST takes a deadline away',
    script: [
      ['SET', 'a', '1', 'PXAT', '4102444800123'],
      ['PERSIST', 'a'],
      ['PERSIST', 'a'],
      ['PTTL', 'a'],
      ['PERSIST', 'nokey'],
      ['PERSIST', ''],
      ['PERSIST'],
      ['PERSIST', 'a', 'b'],
      ['HSET', 'h', 'f', 'v'],
      ['EXPIREAT', 'h', '4102444800'],
      ['PERSIST', 'h'],
      ['TTL', 'h'],
    ],
  },
  {
    title: 'deadlines in a transaction',
    script: [
      ['MULTI'],
      ['SET', 'a', '1'],
      ['EXPIREAT', 'a', '4102444800'],
      ['EXPIRETIME', 'a'],
      ['EXPIREAT', 'a', '1'],
      ['GET', 'a'],
      ['EXPIREAT', 'a', '4102444800'],
      ['EXPIRE', 'a', '1', 'FOO'],
      ['EXEC'],
      ['EXISTS', 'a'],
    ],
  },
];
