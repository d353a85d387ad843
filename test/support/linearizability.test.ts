import { isLinearizable, type Operation } from './linearizability';
import { redisModel, type ModelInput } from './redis-model';

type Op = Operation<ModelInput, string>;
const op = (
  command: string,
  output: string | undefined,
  calledAt: number,
  returnedAt: number,
): Op => ({
  input: [command.split(' ')],
  output,
  calledAt,
  returnedAt,
});
const OK = '+OK\r\n';

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
