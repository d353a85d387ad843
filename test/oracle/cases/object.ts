import type { OracleCase, Request } from '../oracle';

const encodingOf = (...requests: Request[]): Request[] => [
  ...requests,
  ...requests.slice(-1).map(([, key]): Request => ['OBJECT', 'ENCODING', key!]),
];

const STRINGS = ['', '0', '-0', '1', '-1', '01', '+1', ' 1', '1.0', '9999', '10000'].concat(
  ['9007199254740991', '9007199254740992', '9223372036854775807', '9223372036854775808'],
  ['-9223372036854775808', '-9223372036854775809', 'a', 'a'.repeat(44), 'a'.repeat(45)],
  ['1'.repeat(19), '1'.repeat(20), '1'.repeat(44), '\xff'.repeat(44), 'a'.repeat(5000)],
);

const fieldsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => [`f${i}`, 'v']).flat();

export const cases: readonly OracleCase[] = [
  {
    title: 'the encoding of a string goes by its text',
    script: STRINGS.flatMap((text, i) => [
      ...encodingOf(['SET', `k${i}`, text]),
      ...encodingOf(['GETSET', `k${i}`, text]),
      ...encodingOf(['MSET', `k${i}`, text]),
    ]),
  },
  {
    title: 'a string that was appended to or written into is raw',
    script: [
      ...encodingOf(['SET', 'a', 'x'], ['APPEND', 'a', 'y']),
      ...encodingOf(['SET', 'a', '1'], ['APPEND', 'a', '2']),
      ...encodingOf(['SET', 'a', 'xyz'], ['SETRANGE', 'a', '0', 'X']),
      ...encodingOf(['SET', 'a', '123'], ['SETRANGE', 'a', '0', '9']),
      ['COPY', 'a', 'b'],
      ['OBJECT', 'ENCODING', 'b'],
      ['RENAME', 'b', 'c'],
      ['OBJECT', 'ENCODING', 'c'],
      ...encodingOf(['INCR', 'c']),
      ...encodingOf(['SETRANGE', 'new', '0', 'x']),
    ],
  },
  {
    title: 'APPEND that creates a key sets it',
    script: [
      ...encodingOf(['APPEND', 'n', '12']),
      ...encodingOf(['APPEND', 't', 'text']),
      ...encodingOf(['APPEND', 'l', 'x'.repeat(45)]),
    ],
  },
  {
    title: 'counters are int',
    script: [
      ...encodingOf(['INCR', 'a']),
      ...encodingOf(['INCRBY', 'a', '9223372036854775000']),
      ...encodingOf(['DECRBY', 'b', '9223372036854775807']),
      ...encodingOf(['DECR', 'c']),
    ],
  },
  {
    title: 'a hash is a listpack up to 512 fields',
    script: [
      ...encodingOf(['HSET', 'h', ...fieldsOf(511)]),
      ...encodingOf(['HSET', 'h', 'f511', 'v']),
      ...encodingOf(['HSET', 'h', 'f511', 'w']),
      ...encodingOf(['HSET', 'h', 'f512', 'v']),
      ...encodingOf(['HDEL', 'h', ...fieldsOf(510).filter((_, i) => i % 2 === 0)]),
      ['HLEN', 'h'],
    ],
  },
  {
    title: 'a hash is a listpack up to 64 bytes a field or value',
    script: [
      ...encodingOf(['HSET', 'h', 'a'.repeat(64), 'b'.repeat(64)]),
      ...encodingOf(['HSET', 'i', 'f', 'b'.repeat(65)]),
      ...encodingOf(['HSET', 'j', 'a'.repeat(65), 'v']),
      ...encodingOf(['HSET', 'k', 'f', 'v', 'g', 'b'.repeat(5000)]),
    ],
  },
  {
    title: 'a hash that was a hashtable stays one',
    script: [
      ...encodingOf(['HSET', 'h', 'f', 'b'.repeat(65)]),
      ...encodingOf(['HSET', 'h', 'f', 'short']),
      ...encodingOf(['HSET', 'h', 'g', '1'], ['HDEL', 'h', 'f']),
      ['COPY', 'h', 'i'],
      ['OBJECT', 'ENCODING', 'i'],
      ['RENAME', 'i', 'j'],
      ['OBJECT', 'ENCODING', 'j'],
      ['MOVE', 'j', '1'],
      ['SELECT', '1'],
      ['OBJECT', 'ENCODING', 'j'],
      ['HDEL', 'j', 'g'],
      ...encodingOf(['HSET', 'j', 'f', 'v']),
    ],
  },
  {
    title: 'a list is a quicklist',
    script: [
      ...encodingOf(['RPUSH', 'l', '1']),
      ...encodingOf(['RPUSH', 'm', 'x'.repeat(10_000), 'y']),
    ],
  },
  {
    title: 'REFCOUNT tells the shared integers from the rest',
    script: ['0', '9999', '10000', '-1', 'text', 'x'.repeat(100)]
      .flatMap((text): Request[] => [
        ['SET', 'k', text],
        ['OBJECT', 'REFCOUNT', 'k'],
      ])
      .concat([
        ['INCR', 'n'],
        ['OBJECT', 'REFCOUNT', 'n'],
        ['INCRBY', 'n', '9999'],
        ['OBJECT', 'REFCOUNT', 'n'],
        ['RPUSH', 'l', '1'],
        ['OBJECT', 'REFCOUNT', 'l'],
        ['HSET', 'h', 'f', '1'],
        ['OBJECT', 'REFCOUNT', 'h'],
      ]),
  },
  {
    title: 'OBJECT of an absent key is nil, FREQ of a key an error',
    script: [
      ['OBJECT', 'ENCODING', 'nokey'],
      ['OBJECT', 'REFCOUNT', 'nokey'],
      ['OBJECT', 'IDLETIME', 'nokey'],
      ['OBJECT', 'FREQ', 'nokey'],
      ['SET', '', '1'],
      ['OBJECT', 'FREQ', ''],
      ['object', 'encoding', ''],
    ],
  },
  {
    title: 'OBJECT IDLETIME of a key that was used a moment ago',
    compare: 'idle',
    script: [
      ['SET', 'k', '1'],
      ['OBJECT', 'IDLETIME', 'k'],
      ['object', 'idletime', 'k'],
      ['RPUSH', 'l', '1'],
      ['OBJECT', 'IDLETIME', 'l'],
      ['MULTI'],
      ['OBJECT', 'IDLETIME', 'k'],
      ['EXEC'],
      ['OBJECT', 'IDLETIME', 'nokey'],
    ],
  },
  {
    title: 'OBJECT HELP, unknown subcommands and wrong numbers of arguments',
    script: [
      ['OBJECT', 'HELP'],
      ['OBJECT', 'help'],
      ['OBJECT'],
      ['OBJECT', 'HELP', 'x'],
      ['OBJECT', 'ENCODING'],
      ['OBJECT', 'Encoding', 'a', 'b'],
      ['OBJECT', 'FREQ'],
      ['OBJECT', 'FOO'],
      ['OBJECT', 'FOO', 'a', 'b'],
      ['OBJECT', ''],
      ['OBJECT', 'f'.repeat(200)],
      ['OBJECT', 'FOO\0BAR'],
      ['OBJECT', 'FOO\r\nBAR'],
      ['MULTI'],
      ['OBJECT', 'FOO'],
      ['EXEC'],
      ['MULTI'],
      ['SET', 'a', 'text'],
      ['OBJECT', 'ENCODING', 'a'],
      ['OBJECT', 'ENCODING', 'nokey'],
      ['OBJECT', 'FREQ', 'a'],
      ['EXEC'],
    ],
  },
];
