import { PassThrough } from 'node:stream';
import { connectRaw, ReplyFramer } from './raw-client';
import { startRedisServer, type RedisServer } from './redis-server';

const replies = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':1\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$4\r\n\r\n\r\n\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n$1\r\na\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n:2\r\n',
  '~1\r\n#t\r\n',
  '>2\r\n+message\r\n_\r\n',
  '|1\r\n+ttl\r\n:9\r\n*1\r\n+x\r\n',
  '=8\r\ntxt:a\r\nb\r\n',
  ',3.25\r\n',
  '(123456789012345678901234567890\r\n',
  '!5\r\nERR x\r\n',
];

describe.each([
  ['whole', 1 << 20],
  ['byte by byte', 1],
  ['in pieces of 7', 7],
])('the framer fed %s', (_, size) => {
  it('returns each reply with its bytes', () => {
    const input = Buffer.from(replies.join(''));
    const framer = new ReplyFramer();
    const found: string[] = [];
    for (let at = 0; at < input.length; at += size) {
      for (const reply of framer.push(input.subarray(at, at + size))) found.push(reply.toString());
    }
    expect(found).toEqual(replies);
    expect(framer.unfinished()).toHaveLength(0);
  });
});

describe('the raw client', () => {
  let server: RedisServer;
  beforeAll(async () => (server = await startRedisServer()));
  afterAll(() => server.stop());

  it('returns replies as bytes, in order', async () => {
    const client = await connectRaw(server.port);
    expect((await client.command('SET', 'k', Buffer.from([0, 255]))).toString()).toBe('+OK\r\n');
    expect(await client.command('GET', 'k')).toEqual(Buffer.from('$2\r\n\x00\xff\r\n', 'latin1'));
    client.sendLine('PING');
    client.sendLine('ECHO hi');
    expect((await client.readReplies(2)).map(String)).toEqual(['+PONG\r\n', '$2\r\nhi\r\n']);
    await client.end();
  });

  it('keeps what came before the connection was closed', async () => {
    const client = await connectRaw(server.port);
    client.send('PING\r\nQUIT\r\n');
    await client.closed;
    expect(String(await client.readReply())).toBe('+PONG\r\n');
    expect(String(await client.readToClose())).toBe('+OK\r\n');
    await expect(client.readReply()).rejects.toThrow('connection closed');
  });

  it('speaks over any stream', async () => {
    const client = await connectRaw(new PassThrough());
    client.send('+echoed\r\n');
    expect(String(await client.readReply())).toBe('+echoed\r\n');
    await client.end();
  });
});
