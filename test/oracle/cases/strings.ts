/** Strings: reading and setting, one key or several. */
import type { OracleCase, Request } from '../oracle';
import { arrangements, lines, typed } from '../script';

const large = Buffer.alloc(5000, 'large value ');
const huge = Buffer.alloc(1 << 20, 'ab');
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** Seconds and milliseconds of a year that is far ahead. */
const FAR_S = '40000000000';
const FAR_MS = '40000000000123';

const options: readonly (readonly string[])[] = [
  ['NX'],
  ['XX'],
  ['GET'],
  ['KEEPTTL'],
  ['PERSIST'],
  ['EX', '1000000'],
  ['PX', '1000000000'],
  ['EXAT', FAR_S],
  ['PXAT', FAR_MS],
];

/** What the options of SET or GETEX did, on a missing key, a string with a deadline, and a list. */
function tried(request: readonly string[]): Request[] {
  // A deadline that counts from now is not the same on two servers: look only whether there is one.
  const relative = request.includes('EX') || request.includes('PX');
  const deadline = [relative ? 'PERSIST' : 'EXPIRETIME', 'k'];
  return [
    ['DEL', 'k'],
    request,
    ['GET', 'k'],
    deadline,
    ['SET', 'k', 'before', 'PXAT', '50000000000456'],
    request,
    ['GET', 'k'],
    deadline,
    ['PERSIST', 'k'],
    request,
    deadline,
    ['DEL', 'k'],
    ['RPUSH', 'k', 'element'],
    request,
    ['TYPE', 'k'],
    ['LRANGE', 'k', '0', '-1'],
  ];
}

const optionCases: OracleCase[] = [
  {
    title: 'SET with every arrangement of up to two options',
    script: arrangements(options, 2).flatMap((words) =>
      tried(['SET', 'k', 'new', ...words.flat()]),
    ),
  },
  {
    title: 'SET with every arrangement of three options, on a key with a deadline',
    script: arrangements(options, 3)
      .filter((words) => words.length === 3)
      .flatMap((words): Request[] => [
        ['SET', 'k', 'before', 'PXAT', '50000000000456'],
        ['SET', 'k', 'new', ...words.flat()],
        ['GET', 'k'],
      ]),
  },
  {
    title: 'GETEX with every arrangement of up to two options',
    script: arrangements(options, 2).flatMap((words) => tried(['GETEX', 'k', ...words.flat()])),
  },
];

const expiries = [
  '0',
  '-1',
  '1000000',
  '9223372036854775807',
  '9223372036854775',
  '9223372036854776',
  '-9223372036854775808',
  '9223372036854775808',
  '-9223372036854775',
  '9007199254740',
  '9007199254741',
  '1.5',
  '',
  ' 10',
  '+10',
  '010',
  '1e3',
  'abc',
  'NX',
];

/** Deadlines beyond 2^53 ms are not exact in goredis, so only the replies of the writers are compared. */
const expiryCases: OracleCase[] = [
  ['SET', 'k', 'v', 'EX'],
  ['SET', 'k', 'v', 'PX'],
  ['SET', 'k', 'v', 'EXAT'],
  ['SET', 'k', 'v', 'PXAT'],
  ['SET', 'k', 'v', 'GET', 'EX'],
  ['SET', 'k', 'v', 'NX', 'EX'],
  ['GETEX', 'k', 'EX'],
  ['GETEX', 'k', 'PX'],
  ['GETEX', 'k', 'EXAT'],
  ['GETEX', 'k', 'PXAT'],
].map((head) => ({
  title: `${head.join(' ')} with good and bad times`,
  script: expiries.flatMap((time): Request[] => [
    ['SET', 'k', 'v'],
    [...head, time],
    ['DEL', 'k'],
    [...head, time],
    ['DEL', 'k'],
    ['RPUSH', 'k', 'element'],
    [...head, time],
    ['TYPE', 'k'],
    ['DEL', 'k'],
  ]),
}));

export const cases: readonly OracleCase[] = [
  ...optionCases,
  ...expiryCases,
  {
    title: 'SETEX and PSETEX with good and bad times',
    script: expiries.flatMap((time): Request[] => [
      ['SETEX', 'k', time, 'v'],
      ['PSETEX', 'k', time, 'v'],
      ['DEL', 'k'],
    ]),
  },
  typed(
    'SETEX and PSETEX overwrite any type and set the deadline',
    `
    RPUSH k element
    SETEX k 1000000 v
    GET k
    PERSIST k
    HSET h f v
    PSETEX h 1000000000 w
    GET h
    PERSIST h
    SETEX k 1000000 w
    SET k plain
    PERSIST k`,
  ),
  {
    title: 'times that count from now',
    compare: 's',
    script: lines(`
      SETEX k 1000 v
      TTL k
      PSETEX k 2000000 v
      TTL k
      SET k v EX 3000
      TTL k
      SET k v PX 4000000
      TTL k
      GETEX k EX 5000
      TTL k
      GETEX k PX 6000000
      TTL k
      APPEND k w
      TTL k
      SET k w KEEPTTL
      TTL k`),
  },
  typed(
    'SET overwrites any type and takes the deadline away',
    `
    RPUSH k element
    SET k v EXAT ${FAR_S}
    EXPIRETIME k
    SET k w
    EXPIRETIME k
    GET k`,
  ),
  typed(
    'SET with a deadline in the past sets a key that is gone',
    `
    SET k v EXAT 1
    GET k
    EXISTS k
    SET k v
    SET k w PXAT 1
    EXPIRETIME k
    SET k v NX EXAT 1
    SET k v NX
    GET k
    SET k w XX GET PXAT 1
    GET k
    SET k w XX`,
  ),
  typed(
    'options of SET in any case, repeated, cut by a NUL, and almost right',
    `
    set k v nX eXaT 40000000000
    EXPIRETIME k
    SeT k w xx Get KeepTtl
    EXPIRETIME k
    SET k v EXAT 40000000000 EXAT 50000000000
    EXPIRETIME k
    SET k v NX NX
    SET k v XX XX GET GET
    SET k v EX
    SET k v EX EX
    SET k v NXX
    SET k v N
    SET k v ""
    SET k v "NX\\x00junk"
    SET k v "XX\\x00junk" "EXAT\\x00" 40000000000
    EXPIRETIME k
    SET k v "\\x00NX"
    SET k v \xdf
    SET k v EX 10 EXAT
    SET k v KEEPTTL EX 10
    SET k v 10`,
  ),
  typed(
    'GETEX with a deadline in the past deletes the key, after answering',
    `
    SET k v
    GETEX k EXAT 1
    EXISTS k
    SET k v
    GETEX k PXAT 1
    EXISTS k
    GETEX k PXAT 1
    SET k v EXAT 40000000000
    GETEX k PERSIST
    EXPIRETIME k
    GETEX k PERSIST PERSIST
    GETEX k
    GETEX k EXAT 40000000000
    EXPIRETIME k
    GETEX k
    EXPIRETIME k
    GETEX k BAD
    GETEX nokey BAD
    GETEX nokey EX 0
    RPUSH l a
    GETEX l EX 0
    GETEX l
    GETEX l BAD`,
  ),
  typed(
    'GETDEL, GETSET and SETNX',
    `
    GETDEL k
    SET k v EXAT 40000000000
    GETDEL k
    EXISTS k
    GETSET k a
    EXPIREAT k 40000000000
    GETSET k b
    EXPIRETIME k
    GET k
    RPUSH l a
    GETDEL l
    GETSET l v
    SETNX l v
    TYPE l
    SETNX n v
    EXPIREAT n 40000000000
    SETNX n w
    GET n
    EXPIRETIME n`,
  ),
  typed(
    'MSET, MSETNX and MGET',
    `
    MSET a 1 b 2 a 3
    MGET a b c a
    RPUSH l x
    HSET h f v
    MGET a l h "" b
    MSET l string h string
    MGET l h
    EXPIREAT a 40000000000
    MSET a 4
    EXPIRETIME a
    MSETNX c 1 a 2
    EXISTS c
    MSETNX c 1 d 2
    MSETNX e 1 e 2
    GET e
    MSETNX f 1 g
    MSET f 1 g
    MSET f
    MSETNX f
    MGET f g`,
  ),
  {
    title: 'keys and values of any bytes and any size',
    script: [
      ...lines(`
        SET "" ""
        GET ""
        STRLEN ""
        EXISTS ""
        MGET "" nokey
        SET "k\\r\\n" "\\r\\n$5\\r\\n"
        GET "k\\r\\n"
        GETSET "k\\r\\n" "\\x00"
        GETDEL "k\\r\\n"`),
      ['SET', everyByte, everyByte],
      ['GET', everyByte],
      ['SET', large, large],
      ['GET', large],
      ['MGET', 'nokey', large, '', everyByte, large],
      ['MSET', 'a', large, 'b', 'small', large, huge],
      ['MGET', large, 'b', 'a', 'b'],
      ['SET', 'a', huge, 'GET'],
      ['GETSET', 'a', 'small'],
      ['GETEX', large, 'PERSIST'],
      ['GETDEL', large],
      ['SET', 'a', huge],
      ['SET', 'a', 'b', large],
      ['SET', 'a', 'b', 'EX', large],
      ['GETDEL', 'a'],
      ['SETNX', 'a', huge],
      ['STRLEN', 'a'],
      ['SET', 'edge', Buffer.alloc(4095, 'x')],
      ['GET', 'edge'],
      ['SET', 'edge', Buffer.alloc(4096, 'x')],
      ['GET', 'edge'],
    ],
  },
  typed(
    'numbers are kept as they were written',
    ['0', '-0', '00', '+1', '1.0', '9007199254740993', '-9223372036854775808', '1e5', ' 1']
      .map((text) => `SET n "${text}"\nGET n\nSTRLEN n\nGETRANGE n 0 0\nOBJECT ENCODING n`)
      .join('\n'),
  ),
  typed(
    'reading a key of another type is refused',
    `
    RPUSH l a
    HSET h f v
    GET l
    GET h
    GETEX h
    GETDEL h
    GETSET h v
    SET h v GET
    SET h v XX GET
    SET h v NX GET
    SET h v NX
    STRLEN l
    TYPE h
    SET h v XX
    TYPE h`,
  ),
  typed(
    'wrong numbers of arguments',
    `
    SET
    SET k
    GET
    GET a b
    GETEX
    GETDEL
    GETDEL a b
    GETSET a
    GETSET a b c
    SETNX a
    SETNX a b c
    SETEX a 10
    SETEX a 10 b c
    PSETEX a 10
    MGET
    MSET
    MSET a
    MSET a b c
    MSETNX a
    MSETNX a b c d e
    MULTI
    MSET a b c
    SET a b BAD
    EXEC`,
  ),
  {
    title: 'RESP3: nulls of strings',
    protocol: 3,
    script: lines(`
      GET k
      MGET k k
      GETSET k v
      SET k w NX
      SET k w XX GET
      SET nokey w XX GET
      GETDEL nokey
      GETEX nokey
      INCRBYFLOAT f 1.5`),
  },
];
