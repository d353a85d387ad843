/** Requests whose keyspace events are compared with redis-server's: every command on keys, and what it does for nothing. */

/** A title, and requests one a line. Each case begins with empty databases, in database 0. */
export type EventCase = readonly [title: string, script: string];

export const eventCases: readonly EventCase[] = [
  [
    'setting',
    `
    SET k v
    SET k w EX 1000
    SET k w KEEPTTL
    SET k w NX
    SET new w NX PX 1000000
    SET k w XX GET
    SET no w XX
    SET no w XX GET
    SET k w NX GET
    SET k w BAD
    RPUSH l a
    SET l v GET
    SET l v
    SET k v PXAT 99999999999999
    SET k v EX 0
    SETNX k v
    SETNX k2 v
    SETEX k 1000 v
    SETEX k3 1000 v
    SETEX k3 -1 v
    PSETEX k 1000000 v
    PSETEX k4 1000000 v
    GETSET k v
    GETSET k5 v
    RPUSH l2 a
    GETSET l2 v
    MSET a 1 b 2 a 3
    MSET a 1 l2 x
    MSETNX a 1 c 2
    MSETNX c 1 d 2 c 3`,
  ],
  [
    'reading and what goes with it',
    `
    GETEX k EX 10
    SET k v
    GET k
    GETEX k
    GETEX k PERSIST
    GETEX k EX 1000
    GETEX k PERSIST
    GETEX k PERSIST
    GETEX k EX 0
    GETEX k PXAT 1
    GET k
    SET k v
    GETDEL k
    GETDEL k
    RPUSH l a
    GETDEL l
    GETEX l PERSIST
    SET k v
    MGET k no l k
    STRLEN k
    STRLEN l
    GETRANGE k 0 1
    SUBSTR k 0 1
    LCS k k`,
  ],
  [
    'numbers and ranges',
    `
    INCR n
    DECR n
    DECR n2
    INCRBY n 0
    INCRBY n3 5
    DECRBY n 5
    DECRBY n4 5
    INCRBYFLOAT n 1.5
    INCRBYFLOAT f 1
    INCRBYFLOAT f nan
    INCR n
    SET m 9223372036854775807
    INCR m
    APPEND n x
    APPEND s x
    APPEND s y
    APPEND s ""
    APPEND e ""
    SETRANGE s 1 x
    SETRANGE s 1 ""
    SETRANGE s 9 ""
    SETRANGE z 1 ""
    SETRANGE z 1 x
    SETRANGE z 536870912 x
    RPUSH l a
    INCR l
    APPEND l x
    SETRANGE l 0 x
    SETRANGE l 0 ""
    LCS s z`,
  ],
  [
    'hashes',
    `
    HSET h a 1 b 2
    HSET h a 1
    HSET h a 1 b
    HMSET h c 3
    HMSET h2 c 3
    HGET h a
    HGET h x
    HGETALL h
    HLEN h
    HDEL h x
    HDEL h a x
    HDEL h b c
    HDEL h b c
    HSET h a 1
    HDEL h a a
    SET s v
    HSET s a 1
    HDEL s a
    HGET s a`,
  ],
  [
    'lists',
    `
    RPUSH l a b
    LPUSH l c
    LPOP l
    RPOP l 0
    LPOP l 0
    RPOP l 1
    LPOP l 5
    LPOP l
    LPOP l 1
    LPUSH l a
    RPOP l
    LPOP nokey
    RPUSH l a b c
    RPOP l 3
    RPUSH l a
    LPOP l -1
    LLEN l
    LRANGE l 0 -1
    SET s v
    LPUSH s a
    LPOP s`,
  ],
  [
    'asking about keys',
    `
    EXISTS no no
    TYPE no
    TTL no
    PTTL no
    EXPIRETIME no
    PEXPIRETIME no
    OBJECT ENCODING no
    OBJECT IDLETIME no
    OBJECT REFCOUNT no
    OBJECT FREQ no
    TOUCH no no
    GET no
    GETRANGE no 0 1
    SUBSTR no 0 1
    STRLEN no
    MGET no no
    GETDEL no
    GETEX no
    GETSET gs v
    SET sg v GET
    LRANGE no 0 1
    LLEN no
    LPOP no
    RPOP no 1
    HGET no f
    HGETALL no
    HLEN no
    HDEL no f
    LCS no gs
    LCS gs no
    COPY no x
    RENAME no x
    RENAMENX no x
    MOVE no 1
    EXPIRE no 10
    PEXPIREAT no 10
    PERSIST no
    DEL no
    UNLINK no
    WATCH no
    UNWATCH
    SCAN 0
    KEYS *
    DBSIZE
    RANDOMKEY
    WAIT 0 0
    APPEND no x
    EXISTS no no2
    TOUCH no
    TYPE no
    TTL no
    OBJECT ENCODING no
    WATCH no`,
  ],
  [
    'renaming, copying and moving',
    `
    SET a 1
    RENAME a b
    SET c 1
    RENAME b c
    RENAME c c
    RENAMENX c d
    RENAMENX d d
    SET e 1
    RENAMENX d e
    COPY d e
    COPY d e REPLACE
    COPY d f
    COPY d d
    COPY d d DB 1
    COPY d d DB 1
    COPY d d DB 1 REPLACE
    COPY d f DB 99
    RPUSH l a
    COPY l d
    COPY l d REPLACE
    RENAME l e
    MOVE e 1
    MOVE e 1
    MOVE d 1
    MOVE d 0
    SELECT 1
    SET e 2
    DEL e
    RENAME d x
    MOVE x 0
    SELECT 0
    GET x`,
  ],
  [
    'deadlines',
    `
    SET d v
    EXPIRE d 100
    EXPIRE d 50 GT
    EXPIRE d 200 GT
    EXPIRE d 300 LT
    EXPIRE d 100 NX
    EXPIRE d 100 XX
    PERSIST d
    PERSIST d
    EXPIRE d 100 XX
    EXPIRE d 100 GT
    PEXPIRE d 100000
    EXPIREAT d 9999999999
    PEXPIREAT d 9999999999999
    EXPIRE d abc
    TTL d
    RENAME d e
    COPY e d
    EXPIRE d -1
    EXPIRE d -1
    PEXPIREAT e 1
    SET e v
    EXPIRE e 0
    SET e v
    EXPIREAT e 1 GT
    EXPIRE e -1 LT
    SET e v EX 100
    EXPIRE e -1 NX
    EXPIRE e -1 XX`,
  ],
  [
    'deleting, flushing and swapping',
    `
    MSET a 1 b 2 c 3
    DEL a a no b
    UNLINK c no c
    DEL c
    MSET a 1 b 2
    SWAPDB 0 1
    SWAPDB 0 0
    GET a
    SET a 3
    SELECT 1
    SET a 2
    SET z 2
    FLUSHDB
    SELECT 0
    SET a 2
    FLUSHDB
    FLUSHALL
    SET a 1`,
  ],
  [
    'transactions',
    `
    MULTI
    SET a 1
    INCR a
    GET no
    SELECT 1
    SET a 1
    DEL a
    LPUSH l x
    RPOP l
    LPUSH a b
    EXEC
    SELECT 0
    MULTI
    SET a 2
    DISCARD
    WATCH a
    SET a 3
    MULTI
    SET a 4
    EXEC
    MULTI
    FLUSHALL
    SET a 5
    RENAME a b
    EXEC`,
  ],
];

/** Only where memory is limited. */
export const fullMemory: EventCase = [
  'full memory',
  `
    SET a 1
    CONFIG SET maxmemory 1 maxmemory-policy allkeys-lru
    GET a
    SET a 1
    CONFIG SET maxmemory 0
    SELECT 1
    SET b 1 EX 100
    CONFIG SET maxmemory 1 maxmemory-policy volatile-ttl
    GET b
    CONFIG SET maxmemory 0 maxmemory-policy noeviction
    SELECT 0`,
];

/** The same for a string `k` that has expired and that nobody has looked at. */
export const requestsOnExpired: readonly string[] = [
  ...['GET k', 'GETDEL k', 'GETEX k', 'GETEX k PERSIST', 'GETSET k v', 'MGET k k', 'STRLEN k'],
  ...['SET k v', 'SET k v NX', 'SET k v XX', 'SET k v GET', 'SET k v KEEPTTL', 'SET k v EX 100'],
  ...['SETNX k v', 'SETEX k 100 v', 'PSETEX k 100000 v', 'MSET k v a b', 'MSETNX a b k v'],
  ...['INCR k', 'DECRBY k 2', 'INCRBYFLOAT k 1', 'APPEND k x', 'SETRANGE k 1 x', 'SETRANGE k 1 ""'],
  ...['GETRANGE k 0 1', 'SUBSTR k 0 1', 'LCS k k', 'HSET k a 1', 'HGET k a', 'HDEL k a', 'HLEN k'],
  ...['HMSET k a 1', 'HGETALL k', 'LPUSH k a', 'RPUSH k a', 'LPOP k', 'RPOP k 1', 'LRANGE k 0 1'],
  ...['LLEN k', 'DEL k', 'UNLINK k', 'EXISTS k k', 'TYPE k', 'TOUCH k', 'TTL k', 'PTTL k'],
  ...['EXPIRETIME k', 'PEXPIRETIME k', 'EXPIRE k 100', 'PEXPIRE k 100', 'EXPIREAT k 9999999999'],
  ...['PEXPIREAT k 1', 'EXPIRE k -1', 'PERSIST k', 'OBJECT ENCODING k', 'OBJECT IDLETIME k'],
  ...['RENAME k a', 'RENAME o k', 'RENAMENX o k', 'RENAMENX k a', 'RENAME k k', 'COPY k a'],
  ...['COPY o k', 'COPY o k REPLACE', 'COPY k o REPLACE', 'COPY o k DB 1', 'MOVE k 1', 'KEYS *'],
  ...['DBSIZE', 'SWAPDB 0 1', 'FLUSHDB', 'FLUSHALL', 'SELECT 1'],
];
