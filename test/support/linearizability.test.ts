import { isLinearizable, type Operation } from './linearizability';
import { WATCHED, redisModel, type ModelInput } from './redis-model';

type Op = Operation<ModelInput, string>;
const op = (
  command: string,
  output: string | undefined,
  calledAt: number,
  returnedAt: number,
): Op => exec([command], output, calledAt, returnedAt);
const exec = (
  commands: readonly string[],
  output: string | undefined,
  calledAt: number,
  returnedAt: number,
): Op => ({
  input: commands.map((command) => command.split(' ')),
  output,
  calledAt,
  returnedAt,
});
const OK = '+OK\r\n';
/** EXEC of SET a and SET b to a value. */
const pair = (value: number, calledAt: number, returnedAt: number): Op =>
  exec([`SET a ${value}`, `SET b ${value}`], `*2\r\n${OK}${OK}`, calledAt, returnedAt);
/** WATCH a, which MGET has answered with `seen`, and then SET a. */
const watched = (
  seen: string,
  value: number,
  output: string | undefined,
  calledAt: number,
  returnedAt: number,
): Op => ({
  input: [
    [WATCHED, seen, 'a'],
    ['SET', 'a', String(value)],
  ],
  output,
  calledAt,
  returnedAt,
});
const ABSENT = '*1\r\n$-1\r\n';
const isOne = (value: number): string => `*1\r\n$1\r\n${value}\r\n`;
const DONE = `*1\r\n${OK}`;

const good: readonly (readonly [string, readonly Op[]])[] = [
  ['one after another', [op('SET a 1', OK, 0, 1), op('GET a', '$1\r\n1\r\n', 2, 3)]],
  [
    'an overlapping read that sees the write',
    [op('SET a 1', OK, 0, 5), op('GET a', '$1\r\n1\r\n', 1, 2)],
  ],
  ['an overlapping read that does not', [op('SET a 1', OK, 0, 5), op('GET a', '$-1\r\n', 1, 2)]],
  [
    'an unknown write that happens late',
    [
      op('SET a 1', undefined, 0, Infinity),
      op('GET a', '$-1\r\n', 1, 2),
      op('GET a', '$1\r\n1\r\n', 3, 4),
    ],
  ],
  [
    'an unknown write that never happens',
    [op('SET a 1', undefined, 0, Infinity), op('GET a', '$-1\r\n', 1, 2)],
  ],
  [
    'a transaction on a watched key, and another that could not be before it',
    [watched(ABSENT, 1, DONE, 0, 5), watched(isOne(1), 2, DONE, 1, 6)],
  ],
  [
    'a transaction of unknown outcome whose watched key has changed',
    [
      op('SET a 1', OK, 0, 1),
      watched(ABSENT, 2, undefined, 2, Infinity),
      op('GET a', '$1\r\n1\r\n', 3, 4),
    ],
  ],
];

const bad: readonly (readonly [string, readonly Op[]])[] = [
  ['a lost write', [op('SET a 1', OK, 0, 1), op('GET a', '$-1\r\n', 2, 3)]],
  [
    'a stale read',
    [op('SET a 1', OK, 0, 1), op('SET a 2', OK, 2, 3), op('GET a', '$1\r\n1\r\n', 4, 5)],
  ],
  [
    'reads that run backwards',
    [op('SET a 1', OK, 0, 9), op('GET a', '$1\r\n1\r\n', 1, 2), op('GET a', '$-1\r\n', 3, 4)],
  ],
  ['the same count twice', [op('INCR n', ':1\r\n', 0, 5), op('INCR n', ':1\r\n', 1, 6)]],
  [
    'an unknown write that is undone',
    [
      op('SET a 1', undefined, 0, Infinity),
      op('GET a', '$1\r\n1\r\n', 1, 2),
      op('GET a', '$-1\r\n', 3, 4),
    ],
  ],
  [
    'half of a write of two keys',
    [op('MSET a 1 b 1', OK, 0, 9), op('MGET a b', '*2\r\n$1\r\n1\r\n$-1\r\n', 1, 2)],
  ],
  [
    'a torn transaction, read by another transaction',
    [pair(1, 0, 1), pair(2, 2, 9), exec(['GET a', 'GET b'], '*2\r\n$1\r\n2\r\n$1\r\n1\r\n', 3, 4)],
  ],
  [
    'a torn transaction, one of whose keys another overwrites in between',
    [pair(1, 0, 9), pair(2, 0, 9), op('MGET a b', '*2\r\n$1\r\n1\r\n$1\r\n2\r\n', 10, 11)],
  ],
  [
    'a lost update: two transactions saw the same of a watched key, and both happened',
    [watched(ABSENT, 1, DONE, 0, 5), watched(ABSENT, 2, DONE, 1, 6)],
  ],
  [
    'a transaction that happened although its watched key had changed',
    [op('SET a 1', OK, 0, 1), watched(ABSENT, 2, DONE, 2, 3)],
  ],
  [
    'a transaction of unknown outcome that happened although its watched key had changed',
    [
      op('SET a 1', OK, 0, 1),
      watched(ABSENT, 2, undefined, 2, Infinity),
      op('GET a', '$1\r\n2\r\n', 3, 4),
    ],
  ],
  [
    'an appended part that is there twice',
    [op('APPEND a x', undefined, 0, Infinity), op('APPEND a y', ':3\r\n', 1, 2)],
  ],
];

describe('the checker accepts', () => {
  test.each(good)('%s', (_title, history) => {
    expect(isLinearizable(redisModel, history)).toBe(true);
  });
});

describe('the checker rejects', () => {
  test.each(bad)('%s', (_title, history) => {
    expect(isLinearizable(redisModel, history)).toBe(false);
  });
});
