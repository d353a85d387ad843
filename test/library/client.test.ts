import {
  createServer,
  type Argument,
  type GoredisServer,
  type ServerError,
  type ServerOptions,
} from '../../src/index';
import { Client } from '../../src/library/client';
import type { LocalStream } from '../../src/library/local-stream';

const servers: GoredisServer[] = [];
const create = (options: ServerOptions = {}): GoredisServer => {
  const server = createServer(options);
  servers.push(server);
  return server;
};
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

describe('a client without a socket', () => {
  it('gets text, integers, null and lists', async () => {
    const client = create().connect();
    expect(await client.send('SET', 'k', 'Käse')).toBe('OK');
    expect(await client.send('GET', 'k')).toBe('Käse');
    expect(await client.send('INCRBY', 'n', 2n ** 40n)).toBe(2 ** 40);
    expect(await client.send('GET', 'none')).toBeNull();
    expect(await client.send('MGET', 'k', 'none')).toEqual(['Käse', null]);
    expect(await client.send(Buffer.from('STRLEN'), 'k')).toBe(5);
  });

  it('gets errors as rejections, with their code', async () => {
    const client = create().connect();
    await client.send('LPUSH', 'l', 1);
    await expect(client.send('GET', 'l')).rejects.toMatchObject({
      name: 'ReplyError',
      code: 'WRONGTYPE',
      message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    });
    expect(await client.send('PING')).toBe('PONG');
  });

  it('says no more than that the connection is closed behind QUIT', async () => {
    const client = create().connect();
    expect(await client.send('QUIT')).toBe('OK');
    await expect(client.send('PING')).rejects.toThrow(/^the connection is closed$/);
  });

  it('answers in order', async () => {
    const client = create().connect();
    const replies = Array.from({ length: 1000 }, () => client.send('INCR', 'n'));
    expect(await Promise.all(replies)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  });

  it('gets the errors inside EXEC in their places', async () => {
    const client = create().connect();
    await client.send('SET', 'k', 'v');
    await client.send('MULTI');
    expect(await client.send('INCR', 'k')).toBe('QUEUED');
    expect(await client.send('GET', 'k')).toBe('QUEUED');
    const [error, value] = (await client.send('EXEC')) as [ServerError, string];
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe('ERR');
    expect(error.message).toBe('ERR value is not an integer or out of range');
    expect(value).toBe('v');
  });

  it('gets Buffers if it wants them, which are not the store’s own', async () => {
    const client = create().connect({ buffers: true });
    const value = Buffer.alloc(3 << 20, 0xff);
    expect(await client.send('SET', 'k', value)).toEqual(Buffer.from('OK'));
    const reply = (await client.send('GET', 'k')) as Buffer;
    expect(reply.equals(value)).toBe(true);
    reply.fill(0);
    expect(((await client.send('GET', 'k')) as Buffer).equals(value)).toBe(true);
  });

  it('shares the data with clients of sockets, but no connection', async () => {
    const server = create();
    const [a, b] = [server.connect(), server.connect()];
    await a.send('SELECT', 1);
    await b.send('SET', 'k', 'v');
    expect(await a.send('GET', 'k')).toBeNull();
    expect(
      String(await a.send('CLIENT', 'LIST'))
        .trim()
        .split('\n'),
    ).toHaveLength(2);
  });

  it('close answers what was sent, and ends the connection', async () => {
    const server = create();
    const client = server.connect();
    const reply = client.send('INCR', 'n');
    await client.close();
    expect(await reply).toBe(1);
    await expect(client.send('PING')).rejects.toThrow('the connection is closed');
    await expect(client.nextMessage()).rejects.toThrow('the connection is closed');
    expect(await server.connect().send('INFO', 'clients')).toContain('connected_clients:1\r\n');
    await client.close();
  });

  it('requests that the server does not answer are rejected when it closes', async () => {
    const server = create();
    const client = server.connect();
    const message = client.nextMessage();
    expect(await client.send('QUIT')).toBe('OK');
    await expect(message).rejects.toThrow('the connection is closed');
    await expect(client.send('PING')).rejects.toThrow('the connection is closed');
  });

  it('is told why it is not let in', async () => {
    const server = create({ maxclients: 1 });
    await server.connect().send('PING');
    await expect(server.connect().send('PING')).rejects.toThrow(
      'ERR max number of clients reached',
    );
  });

  test.each<[string, unknown[], string]>([
    ['no command', [], 'a request needs the name of a command'],
    [
      'undefined',
      ['GET', undefined],
      'arguments are strings, numbers, bigints or Buffers, not undefined',
    ],
    ['null', ['GET', null], 'arguments are strings, numbers, bigints or Buffers, not null'],
    [
      'a boolean',
      ['SET', 'k', true],
      'arguments are strings, numbers, bigints or Buffers, not boolean',
    ],
    [
      'a list',
      ['DEL', ['a', 'b']],
      'arguments are strings, numbers, bigints or Buffers, not object',
    ],
    ['RESP3', ['HELLO', 3], 'this client speaks RESP2 only'],
    ['no replies', ['CLIENT', 'REPLY', 'OFF'], 'this client needs its replies'],
  ])('refuses to send %s', async (_title, args, message) => {
    const client = create().connect();
    await expect(client.send(...(args as Argument[]))).rejects.toThrow(new TypeError(message));
    expect(await client.send('PING')).toBe('PONG');
  });

  it('refuses options that are no object', () => {
    expect(() => create().connect(null as never)).toThrow(TypeError);
  });
});

/** A client whose server is the test. */
function scripted(): { client: Client; answer: (text: string) => void; sent: () => string } {
  let stream: LocalStream | undefined;
  let sent = '';
  const client = new Client(
    (made) => {
      stream = made;
      made.on('data', (bytes: Buffer) => (sent += bytes.toString()));
    },
    () => undefined,
    {},
  );
  return { client, answer: (text) => void stream!.write(text), sent: () => sent };
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const confirmation = (kind: string, name: string | null, count: number): string =>
  `*3\r\n${bulk(kind)}${name === null ? '$-1\r\n' : bulk(name)}:${count}\r\n`;
const message = (channel: string, text: string): string =>
  `*3\r\n${bulk('message')}${bulk(channel)}${bulk(text)}`;

describe('messages', () => {
  it('do not get in the way of replies', async () => {
    const { client, answer } = scripted();
    const subscribed = client.send('SUBSCRIBE', 'a', 'b');
    const pong = client.send('PING');
    answer(confirmation('subscribe', 'a', 1) + message('a', '1'));
    answer(confirmation('subscribe', 'b', 2) + message('b', '2'));
    answer(`*2\r\n${bulk('pong')}${bulk('')}`);
    expect(await subscribed).toEqual(['subscribe', 'b', 2]);
    expect(await pong).toEqual(['pong', '']);
    expect(client.takeMessages()).toEqual([
      ['message', 'a', '1'],
      ['message', 'b', '2'],
    ]);
    expect(client.takeMessages()).toEqual([]);
  });

  it('are awaited in the order of their arrival', async () => {
    const { client, answer } = scripted();
    const subscribed = client.send('PSUBSCRIBE', '*');
    const messages = [client.nextMessage(), client.nextMessage()];
    answer(confirmation('psubscribe', '*', 1));
    await subscribed;
    for (const text of ['1', '2', '3']) {
      answer(`*4\r\n${bulk('pmessage')}${bulk('*')}${bulk('c')}${bulk(text)}`);
    }
    expect(await Promise.all([...messages, client.nextMessage()])).toEqual(
      ['1', '2', '3'].map((text) => ['pmessage', '*', 'c', text]),
    );
  });

  it('UNSUBSCRIBE without channels has a reply for each one, or one', async () => {
    const { client, answer } = scripted();
    void client.send('SUBSCRIBE', 'a', 'b');
    const both = client.send('UNSUBSCRIBE');
    const none = client.send('unsubscribe');
    const pong = client.send('PING');
    answer(confirmation('subscribe', 'a', 1) + confirmation('subscribe', 'b', 2));
    answer(confirmation('unsubscribe', 'a', 1) + confirmation('unsubscribe', 'b', 0));
    answer(confirmation('unsubscribe', null, 0) + '+PONG\r\n');
    expect(await both).toEqual(['unsubscribe', 'b', 0]);
    expect(await none).toEqual(['unsubscribe', null, 0]);
    expect(await pong).toBe('PONG');
  });

  it('end with RESET, and a list is a reply again', async () => {
    const { client, answer } = scripted();
    void client.send('SSUBSCRIBE', 'a');
    void client.send('RESET');
    const list = client.send('LRANGE', 'l', 0, -1);
    answer(`${confirmation('ssubscribe', 'a', 1)}+RESET\r\n${message('x', 'y')}`);
    expect(await list).toEqual(['message', 'x', 'y']);
  });

  it('a refused SUBSCRIBE rejects', async () => {
    const { client, answer } = scripted();
    const refused = client.send('SUBSCRIBE', 'a', 'b');
    answer('-NOAUTH Authentication required.\r\n');
    await expect(refused).rejects.toThrow('NOAUTH Authentication required.');
  });

  it('of MONITOR are lines', async () => {
    const { client, answer } = scripted();
    const ok = client.send('MONITOR');
    answer('+OK\r\n+1700000000.000000 [0 stream:0] "get" "k"\r\n');
    expect(await ok).toBe('OK');
    expect(await client.nextMessage()).toBe('1700000000.000000 [0 stream:0] "get" "k"');
  });

  it('a reply that is none closes the connection', async () => {
    const { client, answer } = scripted();
    const reply = client.send('PING');
    answer('%1\r\n');
    await expect(reply).rejects.toThrow('the connection is closed: Protocol error');
  });
});
