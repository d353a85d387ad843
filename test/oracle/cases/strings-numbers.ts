/** Strings that hold numbers. */
import { addends } from '../numbers';
import type { OracleCase, Request } from '../oracle';
import { lines, typed } from '../script';

const integers = [
  '0',
  '1',
  '-1',
  '10',
  '9007199254740990',
  '9007199254740991',
  '9007199254740992',
  '-9007199254740991',
  '-9007199254740992',
  '-9007199254740993',
  '9223372036854775806',
  '9223372036854775807',
  '-9223372036854775807',
  '-9223372036854775808',
];
const notIntegers = [
  '',
  ' ',
  'abc',
  '1.0',
  '1.5',
  '01',
  '-0',
  '+1',
  '1 ',
  ' 1',
  '1\0',
  '0x10',
  '1e3',
  '-',
  '9223372036854775808',
  '-9223372036854775809',
  '99999999999999999999999',
  '1'.repeat(5000),
];

export const cases: readonly OracleCase[] = [
  typed(
    'counting from nothing, up and down',
    `
    INCR n
    INCR n
    DECR n
    DECR m
    INCRBY n 41
    DECRBY n 50
    INCRBY n -1
    DECRBY n -1
    INCRBY z 0
    DECRBY zz 0
    GET n
    GET zz
    STRLEN n
    APPEND n 5
    INCR n
    GETRANGE n 0 -1
    EXPIREAT n 40000000000
    INCR n
    EXPIRETIME n
    GETSET n 5
    INCR n
    EXPIRETIME n
    GETDEL n
    GET n`,
  ),
  {
    title: 'INCR, DECR, INCRBY and DECRBY over all of int64 and beyond',
    script: integers.flatMap((value): Request[] => [
      ['SET', 'n', value],
      ['INCR', 'n'],
      ['GET', 'n'],
      ['SET', 'n', value],
      ['DECR', 'n'],
      ['GET', 'n'],
      ...integers.flatMap((delta): Request[] => [
        ['SET', 'n', value],
        ['INCRBY', 'n', delta],
        ['GET', 'n'],
        ['INCRBY', 'n', delta],
        ['SET', 'n', value],
        ['DECRBY', 'n', delta],
        ['DECRBY', 'n', delta],
        ['GET', 'n'],
      ]),
    ]),
  },
  {
    title: 'what is not an integer is refused, as value and as argument',
    script: [
      ...notIntegers.flatMap((text): Request[] => [
        ['SET', 'n', text],
        ['INCR', 'n'],
        ['DECR', 'n'],
        ['INCRBY', 'n', '9223372036854775807'],
        ['DECRBY', 'n', '5'],
        ['GET', 'n'],
        ['INCRBY', 'm', text],
        ['DECRBY', 'm', text],
        ['EXISTS', 'm'],
      ]),
    ],
  },
  typed(
    'the encoding of counters',
    `
    INCR n
    OBJECT ENCODING n
    INCRBY n 9223372036854775806
    OBJECT ENCODING n
    APPEND s 5
    OBJECT ENCODING s
    APPEND s 5
    OBJECT ENCODING s
    INCR s
    OBJECT ENCODING s
    SETRANGE s 0 7
    OBJECT ENCODING s
    DECRBY s 1
    OBJECT ENCODING s
    APPEND s ""
    OBJECT ENCODING s
    SETRANGE s 0 ""
    OBJECT ENCODING s`,
  ),
  typed(
    'the argument is read before the key, the type before the value',
    `
    RPUSH l a
    INCR l
    DECR l
    INCRBY l 1
    INCRBY l x
    DECRBY l x
    DECRBY l 9223372036854775807
    DECRBY l -9223372036854775808
    DECRBY n -9223372036854775808
    INCRBYFLOAT l 1
    INCRBYFLOAT l x
    INCR
    INCR a b
    DECR
    INCRBY a
    INCRBY a 1 2
    DECRBY a
    INCRBYFLOAT a
    INCRBYFLOAT a 1 2`,
  ),
  typed(
    'INCRBYFLOAT',
    `
    SET f 10.50
    INCRBYFLOAT f 0.1
    INCRBYFLOAT f -5
    SET f 5.0e3
    INCRBYFLOAT f 2.0e2
    INCRBYFLOAT g 0.1
    INCRBYFLOAT g 0.2
    GET g
    STRLEN g
    INCRBYFLOAT g -0.3
    EXPIREAT g 40000000000
    INCRBYFLOAT g 1
    EXPIRETIME g
    INCR g
    INCR f
    INCRBYFLOAT h 1.5
    INCR h
    APPEND h 1
    INCRBYFLOAT h 1
    SET i inf
    INCRBYFLOAT i 1
    INCRBYFLOAT i -inf
    INCRBYFLOAT j inf
    INCRBYFLOAT j nan
    EXISTS j`,
  ),
  {
    title: 'INCRBYFLOAT: every number as value and as argument',
    script: addends.flatMap((text): Request[] => [
      ['SET', 'f', text],
      ['INCRBYFLOAT', 'f', '0'],
      ['SET', 'f', '0'],
      ['INCRBYFLOAT', 'f', text],
      ['INCRBYFLOAT', 'f', '0.1'],
      ['GET', 'f'],
    ]),
  },
  {
    title: 'INCRBYFLOAT: the encoding of its result',
    compare: 'encoding',
    script: lines(`
      INCRBYFLOAT f 1.5
      OBJECT ENCODING f
      INCRBYFLOAT f 1.5
      OBJECT ENCODING f
      INCRBYFLOAT f 1e60
      OBJECT ENCODING f`),
  },
];
