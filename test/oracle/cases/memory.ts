import type { OracleCase, Request } from '../oracle';
import { lines, typed } from '../script';

const full: Request[] = [['CONFIG', 'SET', 'maxmemory', '1']];

/** Commands on a key of each type, each with what it is when memory is full. */
const WRITES = lines(`
  SET s v
  SET s v EX 100
  SETNX s v
  SETEX s 10 v
  GETSET s v
  GETEX s EX 10
  GETDEL none
  MSET s v t w
  MSETNX s v t w
  APPEND s x
  SETRANGE s 0 x
  INCR n
  INCRBYFLOAT n 1
  HSET h f v
  HDEL h f
  LPUSH l a
  RPUSH l a
  LPOP l
  COPY s u
  RENAME s s2
  RENAMENX s2 s
  MOVE s 1
  EXPIRE s 100
  PERSIST s
  TOUCH s
  UNLINK s
  DEL s
  FLUSHDB
`);

export const cases: readonly OracleCase[] = [
  {
    title: 'when memory is full, commands that need some are refused, and the others run',
    inPlaceOnly: true,
    script: [
      ...lines('SET s abc\nSET n 5\nHSET h f v n 1\nRPUSH l a b c'),
      ...full,
      ...WRITES,
      ...lines('GET s\nHGETALL h\nLRANGE l 0 -1\nPING\nDBSIZE\nINFO nothing\nCONFIG GET maxmemory'),
    ],
  },
  {
    title: 'when memory is full, nothing is queued',
    inPlaceOnly: true,
    script: [
      ...full,
      ...lines(`
        MULTI
        GET a
        SET a 1
        WATCH a
        UNWATCH
        MULTI
        PING
        NOSUCH
        EXEC
        MULTI
        PING
        DISCARD
        MULTI
        RESET
        MULTI
        EXEC
        WATCH a
        UNWATCH
      `),
    ],
  },
  {
    title: 'a transaction that fills memory runs to its end',
    inPlaceOnly: true,
    script: lines(`
      MULTI
      CONFIG SET maxmemory 1
      SET a 1
      GET a
      EXEC
      SET b 1
      CONFIG SET maxmemory 0
      SET b 1
    `),
  },
  {
    title: 'a policy evicts what may be evicted, and then memory is full',
    inPlaceOnly: true,
    script: lines(`
      SET a 1
      SET b 1 EX 100
      CONFIG SET maxmemory-eviction-tenacity 100
      CONFIG SET maxmemory-policy volatile-ttl
      CONFIG SET maxmemory 1
      GET b
      GET a
      SET c 1
      CONFIG SET maxmemory-policy allkeys-random
      GET a
      SET c 1
      DBSIZE
    `),
  },
  {
    title: 'OBJECT FREQ and IDLETIME go by the policy',
    inPlaceOnly: true,
    script: lines(`
      SET before v
      CONFIG SET maxmemory-policy allkeys-lfu
      OBJECT FREQ none
      OBJECT IDLETIME none
      SET a v
      OBJECT FREQ a
      OBJECT FREQ a
      TTL a
      TYPE a
      OBJECT FREQ a
      OBJECT IDLETIME a
      HSET h f v
      OBJECT FREQ h
      CONFIG SET maxmemory-policy volatile-lfu
      OBJECT FREQ a
      CONFIG SET maxmemory-policy volatile-lru
      OBJECT FREQ a
      SET b v
      OBJECT IDLETIME b
    `),
  },
  {
    title: 'every use counts with lfu-log-factor 0, up to 255',
    inPlaceOnly: true,
    script: [
      ...lines('CONFIG SET lfu-log-factor 0\nCONFIG SET maxmemory-policy allkeys-lfu\nSET a v'),
      ...Array.from({ length: 3 }, () => lines('GET a\nOBJECT FREQ a')).flat(),
      ...lines(
        'TOUCH a\nOBJECT FREQ a\nSET a w\nOBJECT FREQ a\nSET n 99999\nINCR n\nOBJECT FREQ n',
      ),
      ...lines('HSET h f v\nHSET h f w\nOBJECT FREQ h\nHGET h f\nOBJECT FREQ h'),
      ...Array.from({ length: 300 }, (): Request => ['GET', 'a']),
      ['OBJECT', 'FREQ', 'a'],
    ],
  },
  {
    title: 'MEMORY USAGE is nil or a number',
    compare: 'kind',
    script: lines(`
      MEMORY USAGE none
      SET s 12345
      MEMORY USAGE s
      MEMORY USAGE s SAMPLES 0
      memory usage s samples 3 SAMPLES 1
      HSET h f v
      MEMORY USAGE h
      RPUSH l a
      MEMORY USAGE l SAMPLES 0
    `),
  },
  typed(
    'MEMORY HELP, PURGE, and what is wrong',
    `
      MEMORY HELP
      MEMORY help
      MEMORY PURGE
      MEMORY
      MEMORY FOO
      MEMORY USAGE
      MEMORY STATS x
      MEMORY HELP x
      MEMORY PURGE x
      SET a v
      MEMORY USAGE a SAMPLES
      MEMORY USAGE a SAMPLES -1
      MEMORY USAGE a SAMPLES x
      MEMORY USAGE none SAMPLES x
      MEMORY USAGE a COUNT 1
      MEMORY USAGE a SAMPLES 1 x
    `,
  ),
];
