/** Lists. */
import type { OracleCase, Request } from '../oracle';
import { lines, typed } from '../script';

const large = Buffer.alloc(5000, 'large');
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const indexes = [
  '0',
  '1',
  '3',
  '4',
  '5',
  '100',
  '-1',
  '-2',
  '-5',
  '-6',
  '-100',
  '9223372036854775807',
  '-9223372036854775808',
];
const counts = [
  '0',
  '1',
  '2',
  '3',
  '100',
  '9223372036854775807',
  '9223372036854775808',
  '-1',
  '-9223372036854775808',
  '1.5',
  '',
  'x',
  '+1',
  '01',
];

export const cases: readonly OracleCase[] = [
  typed(
    'pushing and popping at both ends',
    `
    RPUSH l a b c
    LPUSH l x y z
    LLEN l
    LRANGE l 0 -1
    LPOP l
    RPOP l
    LRANGE l 0 -1
    LPOP nokey
    RPOP nokey
    LLEN nokey
    LRANGE nokey 0 -1
    RPUSH l a a a
    LRANGE l 0 -1
    OBJECT ENCODING l`,
  ),
  {
    title: 'LRANGE with every pair of indexes',
    script: [
      ['RPUSH', 'l', 'a', 'b', 'c', 'd', 'e'],
      ...indexes.flatMap((start) =>
        indexes.flatMap((stop): Request[] => [
          ['LRANGE', 'l', start, stop],
          ['LRANGE', 'nokey', start, stop],
        ]),
      ),
    ],
  },
  {
    title: 'LPOP and RPOP with good and bad counts',
    script: counts.flatMap((count): Request[] => [
      ['DEL', 'l', 's'],
      ['LPOP', 'l', count],
      ['RPOP', 'l', count],
      ['RPUSH', 'l', 'a', 'b', 'c'],
      ['LPOP', 'l', count],
      ['LRANGE', 'l', '0', '-1'],
      ['RPUSH', 'l', 'a', 'b', 'c'],
      ['RPOP', 'l', count],
      ['LRANGE', 'l', '0', '-1'],
      ['EXISTS', 'l'],
      ['SET', 's', 'v'],
      ['LPOP', 's', count],
      ['RPOP', 's', count],
    ]),
  },
  typed(
    'a list without elements is gone, and its deadline with it',
    `
    RPUSH l a b
    EXPIREAT l 40000000000
    RPUSH l c
    LPOP l
    EXPIRETIME l
    RPOP l 5
    EXISTS l
    TYPE l
    RPUSH l a
    EXPIRETIME l
    RPOP l
    LPOP l
    LPOP l 1
    SET l string
    GET l`,
  ),
  typed(
    'other types are refused, after what is wrong with the arguments',
    `
    SET s v
    HSET h f v
    LPUSH s a
    RPUSH h a
    LPOP s
    RPOP h
    LPOP s 0
    LPOP s -1
    LPOP s x
    RPOP h 1 2
    LLEN s
    LRANGE s 0 1
    LRANGE s x 1
    LRANGE s 0 x
    LRANGE nokey 0 1.5
    LRANGE nokey 9223372036854775808 0
    GET s
    HGETALL h
    RPUSH l a
    GET l
    HSET l f v`,
  ),
  typed(
    'wrong numbers of arguments',
    `
    LPUSH
    LPUSH l
    RPUSH l
    LPOP
    LPOP l 1 2
    RPOP
    RPOP l 1 2
    RPOP nokey x y
    LRANGE l
    LRANGE l 0
    LRANGE l 0 1 2
    LLEN
    LLEN a b
    EXISTS l`,
  ),
  {
    title: 'elements of any bytes and any size',
    script: [
      ['RPUSH', 'l', '', everyByte, '-1', '9223372036854775807', '007'],
      ['LRANGE', 'l', '0', '-1'],
      ['LPUSH', 'l', large],
      ['RPUSH', 'l', large, 'end'],
      ['LRANGE', 'l', '0', '-1'],
      ['LRANGE', 'l', '1', '-3'],
      ['LPOP', 'l'],
      ['RPOP', 'l', '2'],
      ['LPOP', 'l', '2'],
      ['LPOP', 'l', '100'],
      ['RPUSH', large, large],
      ['RPOP', large],
    ],
  },
  {
    title: 'many elements',
    script: [
      ...Array.from({ length: 700 }, (_, i): Request => [
        i % 3 === 0 ? 'LPUSH' : 'RPUSH',
        'l',
        `${i}`,
      ]),
      ...lines(`
        LLEN l
        LRANGE l 0 -1
        LRANGE l 300 310
        LPOP l 320
        RPOP l 320
        LRANGE l 0 -1
        LPOP l 61
        EXISTS l`),
    ],
  },
  {
    title: 'RESP3: nulls',
    protocol: 3,
    script: lines(`
    LPOP nokey
    LPOP nokey 2
    RPUSH l a
    LPOP l 2
    LRANGE l 0 -1`),
  },
];
