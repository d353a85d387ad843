/** What one connection sees of its own requests, on a store that answers late and out of order. */
import { connectRaw, encodeRequest } from '../support/raw-client';
import { startGoredis } from '../support/goredis';
import { SlowStore, type SlowStoreOptions } from '../stores/slow';

type Script = readonly (readonly string[])[];

/** Sends the script in one chunk and returns the replies, on a store with this seed. */
async function inOneChunk(
  script: Script,
  options: SlowStoreOptions,
  before: Script = [],
): Promise<string[]> {
  const goredis = await startGoredis({ store: new SlowStore(options) });
  try {
    const client = await connectRaw(goredis.port);
    for (const command of before) await client.command(...command);
    client.send(Buffer.concat(script.map((command) => encodeRequest(command))));
    const replies = await client.readReplies(script.length);
    await client.end();
    return replies.map(String);
  } finally {
    await goredis.stop();
  }
}

const cases: readonly {
  title: string;
  before?: Script;
  script: Script;
  replies: readonly string[];
}[] = [
  {
    title: 'a read between two writes of the same key runs in its place',
    script: [
      ['INCR', 'a'],
      ['GET', 'a'],
      ['INCR', 'a'],
    ],
    replies: [':1\r\n', '$1\r\n1\r\n', ':2\r\n'],
  },
  {
    title: 'a read before a write sees what was there',
    before: [['SET', 'a', '1']],
    script: [
      ['GET', 'a'],
      ['SET', 'a', '2'],
      ['GET', 'a'],
    ],
    replies: ['$1\r\n1\r\n', '+OK\r\n', '$1\r\n2\r\n'],
  },
  {
    title: 'a flush comes after what was sent before it and before what follows',
    script: [['SET', 'a', '1'], ['FLUSHALL'], ['SET', 'b', '1'], ['SCAN', '0']],
    replies: ['+OK\r\n', '+OK\r\n', '+OK\r\n', '*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n'],
  },
  {
    title: 'commands over several keys keep their place on each of them',
    script: [
      ['MSET', 'a', '1', 'b', '1'],
      ['INCR', 'a'],
      ['RENAME', 'a', 'c'],
      ['MGET', 'a', 'b', 'c'],
      ['DEL', 'b', 'c'],
      ['EXISTS', 'a', 'b', 'c'],
    ],
    replies: [
      '+OK\r\n',
      ':2\r\n',
      '+OK\r\n',
      '*3\r\n$-1\r\n$1\r\n1\r\n$1\r\n2\r\n',
      ':2\r\n',
      ':0\r\n',
    ],
  },
  {
    title: 'SELECT and MULTI hold for what follows, whatever is outstanding',
    script: [
      ['SET', 'a', '0'],
      ['SELECT', '1'],
      ['SET', 'a', '1'],
      ['MULTI'],
      ['INCR', 'a'],
      ['SELECT', '2'],
      ['INCR', 'a'],
      ['EXEC'],
      ['GET', 'a'],
      ['SELECT', '0'],
      ['GET', 'a'],
    ],
    replies: [
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+QUEUED\r\n',
      '+QUEUED\r\n',
      '+QUEUED\r\n',
      '*3\r\n:2\r\n+OK\r\n:1\r\n',
      '$1\r\n1\r\n',
      '+OK\r\n',
      '$1\r\n0\r\n',
    ],
  },
  {
    title: 'WATCH, UNWATCH and EXEC of one pipeline belong together in the order sent',
    script: [
      ['WATCH', 'a'],
      ['SET', 'a', '1'],
      ['MULTI'],
      ['GET', 'a'],
      ['EXEC'],
      ['WATCH', 'a'],
      ['UNWATCH'],
      ['SET', 'a', '2'],
      ['MULTI'],
      ['GET', 'a'],
      ['EXEC'],
    ],
    replies: [
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+QUEUED\r\n',
      '*-1\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+QUEUED\r\n',
      '*1\r\n$1\r\n2\r\n',
    ],
  },
  {
    title: 'a command that fails in a batch leaves no trace and stops no other',
    before: [['SET', 'text', 'x']],
    script: [
      ['SET', 'a', '5'],
      ['LPUSH', 'a', 'x'],
      ['INCR', 'a'],
      ['INCR', 'text'],
      ['APPEND', 'text', 'y'],
    ],
    replies: [
      '+OK\r\n',
      '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
      ':6\r\n',
      '-ERR value is not an integer or out of range\r\n',
      ':2\r\n',
    ],
  },
  {
    title: 'a transaction that flushes reads nothing of before and keeps what it sets after',
    before: [
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
    ],
    script: [
      ['MULTI'],
      ['GET', 'a'],
      ['FLUSHALL'],
      ['GET', 'b'],
      ['DBSIZE'],
      ['SET', 'c', '1'],
      ['DBSIZE'],
      ['EXEC'],
      ['KEYS', '*'],
    ],
    replies: [
      '+OK\r\n',
      ...Array<string>(6).fill('+QUEUED\r\n'),
      '*6\r\n$1\r\n1\r\n+OK\r\n$-1\r\n:0\r\n+OK\r\n:1\r\n',
      '*1\r\n$1\r\nc\r\n',
    ],
  },
];

describe.each(cases)('in one pipeline $title', ({ before, script, replies }) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i', async (seed) => {
    expect(await inOneChunk(script, { seed, conflictRate: 0.2 }, before)).toEqual(replies);
    expect(await inOneChunk(script, { seed, cache: true, missRate: 0.3 }, before)).toEqual(replies);
  });
});
