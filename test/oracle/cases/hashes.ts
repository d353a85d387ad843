/** Hashes. */
import type { OracleCase, Request } from '../oracle';
import { lines, typed } from '../script';

const large = Buffer.alloc(5000, 'large');
/** Every byte, 64 in a piece: longer ones make Redis give up the order of fields. */
const pieces = [0, 64, 128, 192].map((from) =>
  Buffer.from(Array.from({ length: 64 }, (_, byte) => from + byte)),
);

export const cases: readonly OracleCase[] = [
  typed(
    'setting, reading and removing fields',
    `
    HSET h a 1 b 2
    HSET h a 3 c 4
    HGET h a
    HGET h nofield
    HGET nokey a
    HLEN h
    HLEN nokey
    HGETALL h
    HGETALL nokey
    HDEL h a nofield b
    HGETALL h
    HDEL h nofield
    HDEL nokey a
    HSET h a 5
    HGETALL h
    HSET h d 1 d 2 d 3
    HGET h d
    HMSET h e 1 f 2
    HMSET h2 e 1 e 2
    HGETALL h2
    HDEL h a a c c
    HLEN h`,
  ),
  typed(
    'a hash without fields is gone, and its deadline with it',
    `
    HSET h a 1
    EXPIREAT h 40000000000
    HSET h b 2
    EXPIRETIME h
    HDEL h a b c
    EXISTS h
    TYPE h
    EXPIRETIME h
    HSET h a 1
    EXPIRETIME h
    HDEL h a
    SET h string
    GET h`,
  ),
  typed(
    'other types are refused, after the number of arguments',
    `
    SET s v
    RPUSH l a
    HSET s a
    HSET s a 1 b
    HMSET s a 1 b
    HSET s a 1
    HMSET l a 1
    HGET s a
    HGET l a
    HDEL s a
    HGETALL s
    HLEN l
    GET s
    HSET h a 1
    GET h
    LPUSH h a
    INCR h
    APPEND h x`,
  ),
  typed(
    'wrong numbers of arguments',
    `
    HSET
    HSET h
    HSET h a
    HSET h a 1 b
    HMSET h a
    HMSET h a 1 b
    HGET h
    HGET h a b
    HDEL h
    HGETALL
    HGETALL h a
    HLEN
    HLEN h a
    EXISTS h
    MULTI
    HSET h a 1 b
    HSET h a 1
    EXEC`,
  ),
  {
    title: 'fields and values of any bytes and any size',
    script: [
      ['HSET', 'h', '', '', ...pieces],
      ['HGET', 'h', ''],
      ['HGET', 'h', pieces[0]!],
      ['HGET', 'h', pieces[1]!],
      ['HGET', 'h', pieces[2]!],
      ['HGETALL', 'h'],
      ['HSET', 'h', 'large', large],
      ['HGET', 'h', 'large'],
      ['HSET', 'big', large, large],
      ['HGET', 'big', large],
      ['HGETALL', 'big'],
      ['HDEL', 'big', large],
      ['HDEL', 'h', ''],
      ['HLEN', 'h'],
      ['OBJECT', 'ENCODING', 'h'],
      ['HSET', 'n', '1', '2', '-1', '9223372036854775807'],
      ['HGETALL', 'n'],
      ['OBJECT', 'ENCODING', 'n'],
    ],
  },
  {
    title: 'many fields',
    compare: 'sorted',
    script: [
      ...Array.from({ length: 600 }, (_, i): Request => ['HSET', 'h', `field:${i}`, String(i)]),
      ...lines(`
        HLEN h
        HGET h field:599
        HGETALL h
        HDEL h field:0 field:1 field:600
        HGETALL h`),
    ],
  },
  {
    title: 'RESP3: maps and nulls',
    protocol: 3,
    script: lines(`
    HSET h a 1 b 2
    HGETALL h
    HGETALL nokey
    HGET h nofield
    HDEL h a`),
  },
];
