/** What commands cost on DynamoDB: the rows of docs/stores.md, each run by request-costs.test.ts. */

export interface Cost {
  /** In their order, with the number of items of those that take several; '' is none. */
  readonly requests: string;
  /** Of items up to 1 KB. */
  readonly readUnits: number;
}

export interface CostRow extends Cost {
  /** What the row is about, as docs/stores.md has it. */
  readonly title: string;
  /** Chunks of commands, a line each. Each chunk is run on a table of its own. */
  readonly chunks: readonly string[];
  /** What is there before. */
  readonly before?: string;
  /** What other keys are in the table matters. */
  readonly wholeTable?: true;
  /** Another node writes all keys before the first write of this one arrives. */
  readonly race?: string;
  readonly writeUnits: number;
  /** With a cache that holds the keys. The write units are the same. */
  readonly cached: Cost;
  /** With a cache that does not hold them, where that differs from no cache. */
  readonly missed?: Cost;
}

/** In a chunk: a database with no keys. */
export const FREE_DATABASE = 'free';

const ONE_OF_EACH = 'SET a 5\nHSET h f v\nRPUSH l e';
const THREE = 'MSET a 1 b 2 c 3';
const VOLATILE = 'SETEX a 100 1';

const NOTHING: Cost = { requests: '', readUnits: 0 };
/** A decision to write nothing is checked at the table, whatever the cache holds. */
const VALIDATED: Cost = { requests: 'GetItem', readUnits: 1 };

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export const COSTS: readonly CostRow[] = [
  {
    title: 'A read of one key: `GET`, `HGET`, `LRANGE`, `TTL`, `TYPE`, `EXISTS`, `WATCH`, ...',
    chunks: [
      ...['GET a', 'GETRANGE a 0 1', 'SUBSTR a 0 1', 'STRLEN a', 'MGET a', 'WATCH a'],
      ...['TYPE a', 'EXISTS a', 'TOUCH a', 'OBJECT ENCODING a', 'OBJECT REFCOUNT a'],
      ...['OBJECT IDLETIME a', 'MEMORY USAGE a', 'TTL a', 'PTTL a', 'EXPIRETIME a'],
      ...['PEXPIRETIME a', 'HGET h f', 'HGETALL h', 'HLEN h', 'LLEN l', 'LRANGE l 0 -1'],
      'GET none',
    ],
    before: ONE_OF_EACH,
    requests: 'GetItem',
    readUnits: 1,
    writeUnits: 0,
    cached: NOTHING,
  },
  {
    title: 'A pipeline of 100 such reads',
    chunks: [lines(100, (i) => `GET ${i}`)],
    requests: 'BatchGetItem (100)',
    readUnits: 100,
    writeUnits: 0,
    cached: NOTHING,
  },
  {
    title: '`GETEX` without options, `EXEC` that only reads one key',
    chunks: ['GETEX a', 'MULTI\nGET a\nEXEC'],
    before: ONE_OF_EACH,
    requests: 'GetItem',
    readUnits: 1,
    writeUnits: 0,
    cached: VALIDATED,
  },
  {
    title: '`MGET`, `EXISTS`, `TOUCH` of three keys',
    chunks: ['MGET a b c', 'EXISTS a b c', 'TOUCH a b c'],
    before: THREE,
    requests: 'TransactGetItems (3)',
    readUnits: 6,
    writeUnits: 0,
    cached: NOTHING,
    missed: { requests: 'BatchGetItem (3)', readUnits: 3 },
  },
  {
    title: '`EXEC` that only reads three keys',
    chunks: ['MULTI\nGET a\nTTL b\nTYPE c\nEXEC'],
    before: THREE,
    requests: 'TransactGetItems (3)',
    readUnits: 6,
    writeUnits: 0,
    cached: { requests: 'TransactGetItems (3)', readUnits: 6 },
  },
  {
    title: '`LCS`',
    chunks: ['LCS a b'],
    before: THREE,
    requests: 'TransactGetItems (2)',
    readUnits: 4,
    writeUnits: 0,
    cached: NOTHING,
    missed: { requests: 'BatchGetItem (2)', readUnits: 2 },
  },
  {
    title: '`SET` without `NX`, `XX`, `GET`, `KEEPTTL`',
    chunks: ['SET a 1'],
    before: ONE_OF_EACH,
    requests: 'UpdateItem',
    readUnits: 0,
    writeUnits: 1,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: '`SETEX`, `PSETEX`, `SET ... EX`, of a key without deadline',
    chunks: ['SETEX a 100 1', 'PSETEX a 100000 1', 'SET a 1 EX 100'],
    requests: 'UpdateItem',
    readUnits: 0,
    writeUnits: 2,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'The same of a key with a deadline',
    chunks: ['SETEX a 200 1', 'PSETEX a 200000 1', 'SET a 1 PX 200000'],
    before: VOLATILE,
    requests: 'UpdateItem',
    readUnits: 0,
    writeUnits: 3,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title:
      'Any other write of one key: `INCR`, `APPEND`, `HSET`, `LPUSH`, `GETSET`, `DEL`, `SET ... XX`, ...',
    chunks: [
      ...['INCR a', 'INCRBY a 2', 'DECR a', 'DECRBY a 2', 'INCRBYFLOAT a 1', 'APPEND a 1'],
      ...['SETRANGE a 0 x', 'GETSET a 1', 'GETDEL a', 'SETNX new 1', 'DEL a', 'UNLINK a'],
      ...['SET new 1 NX', 'SET a 1 XX', 'SET a 1 GET', 'SET a 1 KEEPTTL', 'MULTI\nINCR a\nEXEC'],
      ...['HSET h f w', 'HMSET h f w', 'HDEL h f', 'LPUSH l a', 'RPUSH l a', 'LPOP l', 'RPOP l'],
      ...['LPUSH new a', 'MULTI\nSET a 1\nEXEC'],
    ],
    before: ONE_OF_EACH,
    requests: 'GetItem + UpdateItem',
    readUnits: 1,
    writeUnits: 1,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'A first deadline: `EXPIRE`, `PEXPIREAT`, `GETEX ... EX`, ...',
    chunks: ['EXPIRE a 100', 'PEXPIRE a 100000', 'GETEX a EX 100', 'EXPIREAT a 9999999999'],
    before: ONE_OF_EACH,
    requests: 'GetItem + UpdateItem',
    readUnits: 1,
    writeUnits: 2,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'A deadline taken away: `PERSIST`, `DEL` or `GETSET` of a key with a deadline',
    chunks: ['PERSIST a', 'GETEX a PERSIST', 'DEL a', 'GETSET a 1'],
    before: VOLATILE,
    requests: 'GetItem + UpdateItem',
    readUnits: 1,
    writeUnits: 2,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'A deadline moved: `EXPIRE` of a key with a deadline',
    chunks: ['EXPIRE a 200', 'PEXPIREAT a 9999999999999', 'GETEX a PX 200000'],
    before: VOLATILE,
    requests: 'GetItem + UpdateItem',
    readUnits: 1,
    writeUnits: 3,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'A write of one key that changes nothing: `SETNX` of a key that is there, `DEL` of none',
    chunks: [
      ...['SETNX a 1', 'SET a 1 NX', 'SET none 1 XX', 'DEL none', 'UNLINK none', 'GETDEL none'],
      ...['EXPIRE none 100', 'PERSIST a', 'HDEL h none', 'LPOP none', 'HSET a f v', 'INCR h'],
    ],
    before: ONE_OF_EACH,
    requests: 'GetItem',
    readUnits: 1,
    writeUnits: 0,
    cached: VALIDATED,
  },
  {
    title: '64 writes of one key in a pipeline, or of 64 connections at once: a group commit',
    chunks: [lines(64, () => 'INCR a')],
    requests: 'GetItem + UpdateItem',
    readUnits: 1,
    writeUnits: 1,
    cached: { requests: 'UpdateItem', readUnits: 0 },
  },
  {
    title: 'A pipeline of three `SET`',
    chunks: ['SET a 1\nSET b 1\nSET c 1'],
    requests: '3 UpdateItem',
    readUnits: 0,
    writeUnits: 3,
    cached: { requests: '3 UpdateItem', readUnits: 0 },
  },
  {
    title: 'A pipeline of three `INCR` of different keys',
    chunks: ['INCR a\nINCR b\nINCR c'],
    requests: 'BatchGetItem (3) + 3 UpdateItem',
    readUnits: 3,
    writeUnits: 3,
    cached: { requests: '3 UpdateItem', readUnits: 0 },
  },
  {
    title: 'A write of one key that lost its race against another node',
    chunks: ['INCR a'],
    before: 'SET a 5',
    race: 'SET a 7',
    requests: 'GetItem + 2 UpdateItem',
    readUnits: 1,
    writeUnits: 2,
    cached: { requests: '2 UpdateItem', readUnits: 0 },
  },
  {
    title: '`MSET`, `MSETNX`, `DEL`, `UNLINK` of three keys, `EXEC` that writes three',
    chunks: [
      ...['MSET a 1 b 2 c 3', 'DEL a b c', 'UNLINK a b c'],
      ...['MULTI\nINCR a\nINCR b\nINCR c\nEXEC', 'MULTI\nSET a 1\nSET b 1\nSET c 1\nEXEC'],
    ],
    before: THREE,
    requests: 'BatchGetItem (3) + TransactWriteItems (3)',
    readUnits: 3,
    writeUnits: 6,
    cached: { requests: 'TransactWriteItems (3)', readUnits: 0 },
  },
  {
    title: 'The same, after a lost race',
    chunks: ['DEL a b c'],
    before: THREE,
    race: 'MSET a 7 b 7 c 7',
    requests: 'BatchGetItem (3) + 2 TransactWriteItems (3)',
    readUnits: 3,
    writeUnits: 12,
    cached: { requests: '2 TransactWriteItems (3)', readUnits: 0 },
  },
  {
    title: '`RENAME`, `RENAMENX`, `COPY`, `MOVE`; `EXEC` that reads one key and writes another',
    chunks: [
      ...['RENAME a new', 'RENAMENX a new', 'COPY a new', `MOVE a ${FREE_DATABASE}`],
      ...['MULTI\nGET a\nINCR new\nEXEC'],
    ],
    before: 'SET a 5',
    requests: 'BatchGetItem (2) + TransactWriteItems (2)',
    readUnits: 2,
    writeUnits: 4,
    cached: { requests: 'TransactWriteItems (2)', readUnits: 0 },
  },
  {
    title: '`DEL` of three absent keys',
    chunks: ['DEL a b c', 'UNLINK a b c'],
    requests: 'BatchGetItem (3) + TransactGetItems (3)',
    readUnits: 9,
    writeUnits: 0,
    cached: { requests: 'TransactGetItems (3)', readUnits: 6 },
  },
  {
    title: '`WATCH` of a key, then `EXEC` that writes it',
    chunks: ['WATCH a\nMULTI\nSET a 1\nEXEC'],
    before: 'SET a 5',
    requests: '2 GetItem + UpdateItem',
    readUnits: 2,
    writeUnits: 1,
    cached: { requests: 'UpdateItem', readUnits: 0 },
    missed: { requests: 'GetItem + UpdateItem', readUnits: 1 },
  },
  {
    title: '`SCAN`, `RANDOMKEY`: a page. `KEYS`: a page for each started 1 MB of the table',
    chunks: ['SCAN 0', 'RANDOMKEY', 'KEYS *'],
    wholeTable: true,
    before: THREE,
    requests: 'Scan',
    readUnits: 1,
    writeUnits: 0,
    cached: { requests: 'Scan', readUnits: 1 },
  },
  {
    title: '`DBSIZE`: the same, in four parts at once',
    chunks: ['DBSIZE'],
    wholeTable: true,
    before: THREE,
    requests: '4 Scan',
    readUnits: 4,
    writeUnits: 0,
    cached: { requests: '4 Scan', readUnits: 4 },
  },
  {
    title: '`FLUSHALL`, `FLUSHDB` of three keys, in four parts at once',
    chunks: ['FLUSHALL', 'FLUSHDB'],
    wholeTable: true,
    before: THREE,
    requests: '4 Scan + 3 UpdateItem',
    readUnits: 4,
    writeUnits: 3,
    cached: { requests: '4 Scan + 3 UpdateItem', readUnits: 4 },
  },
  {
    title: '`PING`, `PUBLISH`, `SUBSCRIBE`, `CLIENT`, `CONFIG`, ...: commands without keys',
    chunks: ['PING', 'PUBLISH c m', 'CLIENT ID', 'CONFIG GET port', 'MULTI\nPING\nEXEC', 'TIME'],
    requests: '',
    readUnits: 0,
    writeUnits: 0,
    cached: NOTHING,
  },
];

/** The rows as docs/stores.md shows them. */
export function costsMarkdown(): string {
  const or = (usual: string, missed: string | undefined): string =>
    missed === undefined ? usual : `${usual}; not in it: ${missed}`;
  const rows = COSTS.map(({ title, requests, readUnits, writeUnits, cached, missed }) => [
    title,
    requests === '' ? 'none' : requests,
    String(readUnits),
    String(writeUnits),
    or(cached.requests === '' ? 'none' : cached.requests, missed?.requests),
    or(String(cached.readUnits), missed?.readUnits.toString()),
  ]);
  const head = [
    ...['Command', 'Requests', 'Read units', 'Write units'],
    ...['Keys in the cache: requests', 'Read units'],
  ];
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.map(line)].join('\n');
}
