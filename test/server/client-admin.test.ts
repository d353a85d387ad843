/** CLIENT between several connections, beside redis-server. */
import { ManualClock } from '../../src/lib/clock';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { readToEnd } from '../support/read-stream';
import { bothServers } from '../support/both-servers';
import { startGoredis } from '../support/goredis';
import { SlowStore } from '../stores/slow';
import { connect, type Socket } from 'node:net';

const clock = new ManualClock();
const clients: RawClient[] = [];

const servers = bothServers([], { clock });
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

async function newClient(server: { port: number } = servers.goredis): Promise<RawClient> {
  const client = await connectRaw(server.port);
  clients.push(client);
  return client;
}

const text = async (client: RawClient, ...request: string[]): Promise<string> =>
  (await client.command(...request)).toString('latin1');

/** The lines of CLIENT LIST and INFO as fields. */
function fieldsOf(reply: string): Map<string, string>[] {
  const lines = reply.slice(reply.indexOf('id=')).split('\r\n')[0]!.split('\n').slice(0, -1);
  return lines.map(
    (line) => new Map(line.split(' ').map((field) => field.split('=') as [string, string])),
  );
}

describe('CLIENT LIST and INFO', () => {
  it("CLIENT LIST and INFO have Redis's fields in Redis's order", async () => {
    /** What depends on the process, on the time or on the sizes of its buffers. */
    const own = /^(id|addr|laddr|fd|age|idle|qbuf-free|rbs|rbp|tot-mem)$/;
    const shown = async (server: { port: number }): Promise<string[][]> => {
      const client = await newClient(server);
      await client.command('CLIENT', 'SETNAME', 'me');
      await client.command('CLIENT', 'NO-EVICT', 'on');
      await client.command('SELECT', '3');
      const replies = [
        await text(client, 'CLIENT', 'INFO'),
        await text(
          client,
          'CLIENT',
          'LIST',
          'ID',
          (await text(client, 'CLIENT', 'ID')).slice(1, -2),
        ),
      ];
      await client.command('HELLO', '3');
      replies.push(await text(client, 'CLIENT', 'INFO'));
      return replies.map((reply) =>
        [...fieldsOf(reply)[0]!].map(([name, value]) =>
          own.test(name) ? name : `${name}=${value}`,
        ),
      );
    };
    expect(await shown(servers.goredis)).toEqual(await shown(servers.redis));
  });

  it('shows the last command, the queue of MULTI and the age of others', async () => {
    const [a, b] = [await newClient(), await newClient()];
    const port = (await text(a, 'CLIENT', 'ID')).slice(1, -2);
    await a.command('MULTI');
    await a.command('CONFIG', 'GET', 'port');
    clock.advance(2500);
    const [line] = fieldsOf(await text(b, 'CLIENT', 'LIST', 'ID', port));
    expect([line!.get('flags'), line!.get('multi'), line!.get('multi-mem')]).toEqual([
      'x',
      '1',
      '13',
    ]);
    expect([line!.get('cmd'), line!.get('age'), line!.get('idle')]).toEqual([
      'config|get',
      '2',
      '2',
    ]);
    expect(fieldsOf(await text(b, 'CLIENT', 'LIST'))).toHaveLength(2);
    expect(fieldsOf(await text(b, 'CLIENT', 'LIST', 'TYPE', 'normal'))).toHaveLength(2);
  });

  it('shows a connection that has asked nothing yet with the command NULL', async () => {
    const [a] = [await newClient(), await newClient()];
    const lines = fieldsOf(await text(a, 'CLIENT', 'LIST'));
    expect(lines.map((line) => line.get('cmd'))).toEqual(['client|list', 'NULL']);
  });
});

describe('subscribers', () => {
  it('are listed with the numbers of their subscriptions, and are of the type pubsub', async () => {
    const shown = async (server: { port: number }): Promise<(string | undefined)[][]> => {
      const [two, three, other] = [
        await newClient(server),
        await newClient(server),
        await newClient(server),
      ];
      await two.command('SUBSCRIBE', 'a');
      await two.command('PSUBSCRIBE', 'a*');
      await three.command('HELLO', '3');
      await three.command('SSUBSCRIBE', 's');
      await three.command('MULTI');
      const lines = fieldsOf(await text(other, 'CLIENT', 'LIST', 'TYPE', 'pubsub'));
      const killed = await text(other, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
      await Promise.all([two.closed, three.closed]);
      const fields = ['flags', 'sub', 'psub', 'ssub', 'cmd', 'resp'];
      return [[killed], ...lines.map((line) => fields.map((field) => line.get(field)))];
    };
    const [ours, theirs] = [await shown(servers.goredis), await shown(servers.redis)];
    expect(ours).toEqual(theirs);
    expect(ours.map(([first]) => first)).toEqual([':2\r\n', 'P', 'Px']);
  });

  it('are no longer of that type when they have no subscription left', async () => {
    const a = await newClient();
    await a.command('SUBSCRIBE', 'a');
    await a.command('UNSUBSCRIBE');
    const [line] = fieldsOf(await text(a, 'CLIENT', 'LIST', 'TYPE', 'normal'));
    expect([line!.get('flags'), line!.get('sub')]).toEqual(['N', '0']);
  });
});

it('a client that has sent QUIT is none any more, though it keeps its side open', async () => {
  const listed = async (server: { port: number }): Promise<number> => {
    const other = await newClient(server);
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(encodeRequest(['QUIT']));
    expect(String(await readToEnd(socket))).toBe('+OK\r\n');
    const lines = fieldsOf(await text(other, 'CLIENT', 'LIST', 'TYPE', 'normal'));
    socket.destroy();
    other.destroy();
    return lines.length;
  };
  expect([await listed(servers.goredis), await listed(servers.redis)]).toEqual([1, 1]);
});

describe('CLIENT KILL', () => {
  it('closes others by address, id and type, and counts them', async () => {
    const [a, b, c] = [await newClient(), await newClient(), await newClient()];
    const [line] = fieldsOf(await text(b, 'CLIENT', 'INFO'));
    expect(await text(a, 'CLIENT', 'KILL', line!.get('addr')!)).toBe('+OK\r\n');
    await b.closed;
    const id = (await text(c, 'CLIENT', 'ID')).slice(1, -2);
    expect(await text(a, 'CLIENT', 'KILL', 'ID', id, 'TYPE', 'pubsub')).toBe(':0\r\n');
    expect(await text(a, 'CLIENT', 'KILL', 'ID', id, 'TYPE', 'normal')).toBe(':1\r\n');
    await c.closed;
    expect(await text(a, 'CLIENT', 'KILL', 'TYPE', 'normal')).toBe(':0\r\n');
  });

  it.each([
    ['the last reply that it hears in EXEC', ['PING', 'CLIENT KILL SKIPME no', 'GET a', 'PING']],
    ['so is that of the old form', ['CLIENT KILL @', 'SET a 1', 'ECHO x']],
    ['the first of two', ['CLIENT KILL SKIPME no TYPE normal', 'CLIENT KILL SKIPME no']],
  ])('of the connection itself is %s, though all is run', async (_title, commands) => {
    const heard = async (server: { port: number }): Promise<string> => {
      const { stream } = await newClient(server);
      const { localAddress, localPort } = stream as Socket;
      const requests = ['MULTI', ...commands, 'INCR ran', 'EXEC', 'INCR ran'].map((request) =>
        request.replace('@', `${localAddress}:${localPort}`).split(' '),
      );
      stream.write(Buffer.concat(requests.map(encodeRequest)));
      const end = (await readToEnd(stream)).toString();
      return end + (await text(await newClient(server), 'GETDEL', 'ran'));
    };
    const ours = await heard(servers.goredis);
    expect(ours).toBe(await heard(servers.redis));
    expect(ours).toMatch(/\$1\r\n1\r\n$/);
  });

  it('is the last reply in EXEC on a store that commits later, too', async () => {
    const slow = await startGoredis({ store: new SlowStore({ seed: 1 }) });
    const { stream } = await newClient(slow);
    const requests = ['MULTI', 'INCR a', 'CLIENT KILL SKIPME no', 'INCR a', 'EXEC', 'PING'];
    stream.write(Buffer.concat(requests.map((request) => encodeRequest(request.split(' ')))));
    const queued = '+QUEUED\r\n'.repeat(3);
    expect(String(await readToEnd(stream))).toBe(`+OK\r\n${queued}*3\r\n:1\r\n:1\r\n`);
    expect(await text(await newClient(slow), 'GET', 'a')).toBe('$1\r\n2\r\n');
    await slow.stop();
  });

  it('closes the connection itself behind the reply', async () => {
    const ends = async (server: { port: number }): Promise<string> => {
      const client = await newClient(server);
      client.send(
        Buffer.concat([
          encodeRequest(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no']),
          encodeRequest(['PING']),
        ]),
      );
      const reply = await client.readReply();
      await client.closed;
      return reply.toString();
    };
    expect(await ends(servers.goredis)).toBe(':1\r\n');
    expect(await ends(servers.redis)).toBe(':1\r\n');
  });
});

/** All that the server sends for requests separated by `|`, and for QUIT behind them. */
async function answersTo({ port }: { port: number }, script: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const requests = [...script.split('|'), 'QUIT'];
  socket.write(Buffer.concat(requests.map((request) => encodeRequest(request.split(' ')))));
  return (await readToEnd(socket)).toString();
}

describe('CLIENT REPLY', () => {
  it.each([
    ['OFF until ON', 'CLIENT REPLY OFF|SET a 1|nosuch|CLIENT REPLY ON|GET a'],
    ['SKIP of one request', 'CLIENT REPLY SKIP|SET a 1|GET a'],
    ['SKIP of an error', 'CLIENT REPLY SKIP|nosuch|GET a'],
    ['SKIP before ON', 'CLIENT REPLY SKIP|CLIENT REPLY ON|PING'],
    ['SKIP twice', 'CLIENT REPLY SKIP|CLIENT REPLY SKIP|PING|PING x'],
    ['SKIP of RESET', 'CLIENT REPLY SKIP|RESET|PING'],
    ['SKIP while off', 'CLIENT REPLY OFF|CLIENT REPLY SKIP|PING|CLIENT REPLY ON|PING x'],
    ['an error of REPLY itself', 'CLIENT REPLY foo|PING'],
    ['MULTI and EXEC while off', 'CLIENT REPLY OFF|MULTI|SET a 2|EXEC|CLIENT REPLY ON|GET a'],
    ['OFF for good', 'PING|CLIENT REPLY OFF|PING'],
    ['RESET while off', 'CLIENT REPLY OFF|RESET|PING x'],
  ])('answers as Redis: %s', async (_title, script) => {
    const all = `${script}|CLIENT REPLY ON`;
    expect(await answersTo(servers.goredis, all)).toBe(await answersTo(servers.redis, all));
  });
});

it('NO-EVICT outlives RESET', async () => {
  for (const server of [servers.goredis, servers.redis]) {
    const client = await connectRaw(server.port);
    await client.command('CLIENT', 'NO-EVICT', 'on');
    await client.command('RESET');
    expect(String(await client.command('CLIENT', 'INFO'))).toContain(' flags=e ');
    client.destroy();
  }
});

it('CLIENT REPLY inside MULTI leaves no half reply behind', async () => {
  const queued = '+OK\r\n+QUEUED\r\n+QUEUED\r\n';
  const off = 'MULTI|PING|CLIENT REPLY OFF|EXEC|PING|CLIENT REPLY ON';
  expect(await answersTo(servers.redis, off)).toBe(`${queued}*2\r\n+PONG\r\n+OK\r\n+OK\r\n`);
  expect(await answersTo(servers.goredis, off)).toBe(`${queued}+OK\r\n+OK\r\n`);
  const skip = 'MULTI|CLIENT REPLY SKIP|PING|EXEC|ECHO x';
  expect(await answersTo(servers.redis, skip)).toBe(`${queued}*2\r\n+PONG\r\n+OK\r\n`);
  expect(await answersTo(servers.goredis, skip)).toBe(`${queued}+OK\r\n`);
});

describe('CLIENT PAUSE', () => {
  it('holds every request back until its end, and keeps their order', async () => {
    const [a, b] = [await newClient(), await newClient()];
    expect(await text(a, 'CLIENT', 'PAUSE', '1000')).toBe('+OK\r\n');
    b.send(Buffer.concat(['1', '2'].map((n) => encodeRequest(['PING', n]))));
    a.send(encodeRequest(['PING', 'a']));
    const replies = [b.readReply(), b.readReply(), a.readReply()];
    let answered = false;
    void Promise.all(replies).then(() => (answered = true));
    while (servers.goredis.server.pause.waitingClients < 2) await new Promise(setImmediate);
    clock.advance(999);
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    clock.advance(1);
    expect((await Promise.all(replies)).map(String)).toEqual([
      '$1\r\n1\r\n',
      '$1\r\n2\r\n',
      '$1\r\na\r\n',
    ]);
    expect(servers.goredis.server.pause.waitingClients).toBe(0);
  });

  it('WRITE lets readers through, holds writers and what MULTI queues for them, and ends by UNPAUSE', async () => {
    const [a, b] = [await newClient(), await newClient()];
    await a.command('SET', 'k', '1');
    await b.command('MULTI');
    await b.command('SET', 'k', '2');
    await a.command('CLIENT', 'PAUSE', '100000', 'WRITE');
    b.send(encodeRequest(['EXEC']));
    while (servers.goredis.server.pause.waitingClients < 1) await new Promise(setImmediate);
    expect(await text(a, 'GET', 'k')).toBe('$1\r\n1\r\n');
    expect(await text(a, 'INFO', 'clients')).toContain('blocked_clients:1\r\n');
    expect(await text(a, 'nosuch')).toContain('-ERR unknown command');
    const publisher = await newClient();
    publisher.send(encodeRequest(['PUBLISH', 'c', 'x']));
    while (servers.goredis.server.pause.waitingClients < 2) await new Promise(setImmediate);
    expect(await text(a, 'CLIENT', 'UNPAUSE')).toBe('+OK\r\n');
    expect(String(await b.readReply())).toBe('*1\r\n+OK\r\n');
    expect(String(await publisher.readReply())).toBe(':0\r\n');
    expect(await text(a, 'GET', 'k')).toBe('$1\r\n2\r\n');
  });

  it('keeps keys that expire, unseen, until its end', async () => {
    const [a, listener] = [await newClient(), await newClient()];
    await a.command('FLUSHALL');
    await a.command('CONFIG', 'SET', 'notify-keyspace-events', 'Ex');
    await listener.command('PSUBSCRIBE', '*');
    for (const key of ['read', 'unread']) await a.command('SET', key, '1', 'PX', '100');
    await a.command('CLIENT', 'PAUSE', '1000', 'WRITE');
    clock.advance(500);
    expect(await text(a, 'GET', 'read')).toBe('$-1\r\n');
    expect(await text(a, 'DBSIZE')).toBe(':2\r\n');
    clock.advance(500);
    expect(await text(a, 'DBSIZE')).toBe(':0\r\n');
    await a.command('PUBLISH', 'end', '');
    const heard = (await listener.readReplies(3)).map((reply) => String(reply).split('\r\n')[8]);
    expect(heard).toEqual(['read', 'unread', '']);
    await a.command('CONFIG', 'SET', 'notify-keyspace-events', '');
  });

  it('can only become longer and stricter', async () => {
    const [a, b] = [await newClient(), await newClient()];
    for (const [ms, mode] of [
      ['100', 'WRITE'],
      ['10', 'WRITE'],
      ['10', 'ALL'],
    ] as const) {
      await a.command('CLIENT', 'PAUSE', ms, mode);
    }
    b.send(encodeRequest(['PING']));
    while (servers.goredis.server.pause.waitingClients < 1) await new Promise(setImmediate);
    clock.advance(99);
    expect(servers.goredis.server.pause.waitingClients).toBe(1);
    clock.advance(1);
    expect(String(await b.readReply())).toBe('+PONG\r\n');
  });

  it('CLIENT UNBLOCK does not end the wait for the end of a pause', async () => {
    // Redis 7.0.15 ends itself at this.
    const [a, b] = [await newClient(), await newClient()];
    const id = (await text(b, 'CLIENT', 'ID')).slice(1, -2);
    await a.command('CLIENT', 'PAUSE', '100000', 'WRITE');
    b.send(encodeRequest(['SET', 'k', '3']));
    while (servers.goredis.server.pause.waitingClients < 1) await new Promise(setImmediate);
    expect(await text(a, 'CLIENT', 'UNBLOCK', id)).toBe(':0\r\n');
    expect(await text(a, 'CLIENT', 'LIST', 'ID', id)).toContain(' flags=b ');
    await a.command('CLIENT', 'UNPAUSE');
    expect(String(await b.readReply())).toBe('+OK\r\n');
  });
});

it('reading is no use of a key for a connection with NO-TOUCH', async () => {
  const [a, b] = [await newClient(), await newClient()];
  await a.command('SET', 'k', '1');
  expect(await text(b, 'CLIENT', 'NO-TOUCH', 'ON')).toBe('+OK\r\n');
  expect(await text(b, 'CLIENT', 'INFO')).toContain(' flags=T ');
  clock.advance(5000);
  await b.command('GET', 'k');
  expect(await text(a, 'OBJECT', 'IDLETIME', 'k')).toBe(':5\r\n');
  await b.command('CLIENT', 'NO-TOUCH', 'OFF');
  await b.command('GET', 'k');
  expect(await text(a, 'OBJECT', 'IDLETIME', 'k')).toBe(':0\r\n');
});

it('CLIENT TRACKING ON is refused with a clear error', async () => {
  const a = await newClient();
  expect(await text(a, 'CLIENT', 'TRACKING', 'ON')).toBe(
    '-ERR CLIENT TRACKING is not supported by goredis yet\r\n',
  );
});
