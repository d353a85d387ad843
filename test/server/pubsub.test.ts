/** Pub/sub on the wire: the bytes that redis-server sends, and what keeps slow subscribers apart. */
import { ManualClock } from '../../src/lib/clock';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';
import { until } from '../support/until';
import { SlowStore } from '../stores/slow';

const servers = bothServers();

/** All bytes that a connection gets for a pipeline that ends in QUIT. */
async function transcript(port: number, protocol: 2 | 3, script: string): Promise<string> {
  const client = await connectRaw(port);
  if (protocol === 3) await client.command('HELLO', '3');
  const lines = script.split(';').map((line) => encodeRequest(line.trim().split(' ')));
  client.send(Buffer.concat([...lines, encodeRequest(['QUIT'])]));
  return (await client.readToClose()).toString('latin1');
}

describe.each([2, 3] as const)('in RESP%i the bytes are those of redis-server', (protocol) => {
  it.each([
    ['SUBSCRIBE a; GET x; config get a; MULTI; EXEC; WATCH x; PING; PING a; PING a b; FOO; GET'],
    ['SUBSCRIBE a a; PSUBSCRIBE a*; UNSUBSCRIBE a z; PUNSUBSCRIBE; PUNSUBSCRIBE; PING'],
    ['UNSUBSCRIBE; PUNSUBSCRIBE; SUNSUBSCRIBE; UNSUBSCRIBE a; SUBSCRIBE; PUBLISH a; PUBLISH a b c'],
    ['SSUBSCRIBE q q; SUBSCRIBE q; SUNSUBSCRIBE z; SUNSUBSCRIBE; PING; UNSUBSCRIBE; PING'],
    ['SUBSCRIBE a; RESET; GET x; PUBSUB NUMSUB a; PUBSUB CHANNELS'],
    ['PUBLISH a x; SPUBLISH a x; PUBSUB NUMPAT; PUBSUB NUMSUB; PUBSUB NUMSUB a b; PUBSUB HELP'],
    ['PUBSUB; PUBSUB CHANNELS a b; PUBSUB NUMPAT a; PUBSUB NOSUCH; PUBSUB SHARDNUMSUB a a'],
    ['MULTI; SUBSCRIBE a b; PING; PUBLISH a x; GET x; UNSUBSCRIBE a; PUBLISH a y; EXEC; PING'],
    ['MULTI; PSUBSCRIBE a*; SUBSCRIBE ab; PUBLISH ab x; EXEC; PUNSUBSCRIBE; UNSUBSCRIBE; GET x'],
    ['MULTI; SSUBSCRIBE s; SPUBLISH s x; PUBLISH s y; PUBSUB SHARDCHANNELS; EXEC'],
    ['MULTI; SUBSCRIBE; PUBLISH a; EXEC'],
    ['CLIENT REPLY SKIP; SUBSCRIBE a b; PING; UNSUBSCRIBE a b; PUBLISH a x; PING'],
    ['CLIENT REPLY OFF; SUBSCRIBE a; PUBLISH a x; UNSUBSCRIBE; UNSUBSCRIBE; CLIENT REPLY ON; PING'],
    ['CLIENT REPLY SKIP; SUBSCRIBE; PING'],
    ['SUBSCRIBE a; PUBLISH a x; PUBLISH b x; PUBSUB CHANNELS; PUBSUB CHANNELS b*; PUBSUB NUMSUB a'],
    ['PSUBSCRIBE a* *; PUBLISH bc x; PUBSUB NUMPAT; MULTI; PUBLISH b x; GET x; PUBLISH b y; EXEC'],
  ])('%s', async (script) => {
    expect(await transcript(servers.goredis.port, protocol, script)).toBe(
      await transcript(servers.redis.port, protocol, script),
    );
  });
});

describe.each([2, 3] as const)(
  'in RESP%i replies, messages and events mix as in redis-server',
  (protocol) => {
    it.each([
      ['PSUBSCRIBE *; SET a 1; INCR a; GET no; PUBLISH c x; DEL a; PUNSUBSCRIBE *; SET a 2; PING'],
      [
        'MULTI; PSUBSCRIBE *; SET a 1; PUBLISH c x; GET no; DEL a; PUNSUBSCRIBE *; SET a 2; EXEC; GET a',
      ],
      [
        'MULTI; PSUBSCRIBE __keyevent*; HSET l x 1; HDEL l x; APPEND a b; INCR l; INCR a; EXEC; PING',
      ],
      ['PSUBSCRIBE *; MULTI; SET a 1; FOO; EXEC; MULTI; SET a 1; DISCARD; SET a 1 PXAT 1; GET a'],
      ['SUBSCRIBE __keyspace@1__:a; SET a 1; SWAPDB 0 1; SET a 2; SELECT 1; SET a 3; DEL a; GET a'],
      [
        'SET a 1; MULTI; PSUBSCRIBE *; SELECT 1; SET a 3; SWAPDB 0 1; GET a; COPY a b; MOVE b 0; EXEC',
      ],
      ['MULTI; PSUBSCRIBE __key*; SET a 1; RESET; PING'],
      ['CLIENT REPLY OFF; PSUBSCRIBE *; SET a 1; MULTI; SET a 2; EXEC; PUNSUBSCRIBE *; SET a 3'],
    ])('%s', async (script) => {
      const prepared = `FLUSHALL; CONFIG SET notify-keyspace-events KEAmn; ${script}`;
      expect(await transcript(servers.goredis.port, protocol, prepared)).toBe(
        await transcript(servers.redis.port, protocol, prepared),
      );
    });
  },
);

it('messages come in the protocol of each subscriber, in the order they were published', async () => {
  const [two, three, sender] = await Promise.all(
    [1, 2, 3].map(() => connectRaw(servers.goredis.port)),
  );
  await three!.command('HELLO', '3');
  for (const client of [two!, three!]) await client.command('SUBSCRIBE', 'c');
  await two!.command('PSUBSCRIBE', 'c*');
  const large = Buffer.alloc(100_000, 'x');
  expect(String(await sender!.command('PUBLISH', 'c', '1'))).toBe(':3\r\n');
  await sender!.command('PUBLISH', 'c', large);
  expect((await two!.readReplies(4)).map((reply) => reply.toString('latin1', 0, 60))).toEqual([
    '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n',
    '*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$1\r\nc\r\n$1\r\n1\r\n',
    `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$100000\r\n${'x'.repeat(27)}`,
    `*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$1\r\nc\r\n$100000\r\n${'x'.repeat(18)}`,
  ]);
  expect((await three!.readReplies(2))[0]!.toString()).toBe(
    '>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n1\r\n',
  );
  for (const client of [two!, three!, sender!]) client.destroy();
});

it('a subscriber that does not read is closed at its limit, and others are not delayed', async () => {
  const limit = { hardBytes: 1 << 20, softBytes: 0, softSeconds: 0 };
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const small = await startGoredis({
    outputLimits: { normal: none, replica: none, pubsub: limit },
  });
  const [slow, quick, sender] = await Promise.all([1, 2, 3].map(() => connectRaw(small.port)));
  for (const client of [slow!, quick!]) await client.command('SUBSCRIBE', 'c');
  slow!.stream.pause();
  const payload = Buffer.alloc(1 << 18, 'x');
  let sent = 0;
  let receivers = '';
  while (receivers !== ':1\r\n') {
    expect(++sent).toBeLessThan(200);
    receivers = String(await sender!.command('PUBLISH', 'c', payload));
    await quick!.readReply();
  }
  slow!.stream.resume();
  await slow!.closed;
  for (const client of [quick!, sender!]) client.destroy();
  await small.stop();
});

it('a subscriber that leaves more than the soft limit unread for too long is closed', async () => {
  const clock = new ManualClock();
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const soft = { hardBytes: 0, softBytes: 1 << 20, softSeconds: 60 };
  const small = await startGoredis({
    clock,
    outputLimits: { normal: none, replica: none, pubsub: soft },
  });
  const slow = await connectRaw(small.port);
  await slow.command('SUBSCRIBE', 'c');
  const [session] = small.server.sessions;
  const [quick, sender] = [await connectRaw(small.port), await connectRaw(small.port)];
  await quick.command('SUBSCRIBE', 'c');
  slow.stream.pause();
  const payload = Buffer.alloc(1 << 18, 'x');
  const publish = async (): Promise<string> => {
    const receivers = String(await sender.command('PUBLISH', 'c', payload));
    await quick.readReply();
    return receivers;
  };
  while (session!.outputBytes < soft.softBytes) expect(await publish()).toBe(':2\r\n');
  clock.advance('60s');
  expect(await publish()).toBe(':2\r\n');
  // Nobody publishes meanwhile: the time alone closes it.
  clock.advance(1);
  slow.stream.resume();
  await slow.closed;
  expect(await publish()).toBe(':1\r\n');
  for (const client of [quick, sender]) client.destroy();
  await small.stop();
});

it('subscriptions end in the order in which they began', async () => {
  const script = 'SUBSCRIBE c a b; UNSUBSCRIBE';
  const names = [
    ...(await transcript(servers.goredis.port, 2, script)).matchAll(/unsubscribe\r\n\$1\r\n(.)/g),
  ];
  expect(names.map(([, name]) => name)).toEqual(['c', 'a', 'b']);
});

it('MGET is not torn apart by the events it causes', async () => {
  const script = 'CONFIG SET notify-keyspace-events Em; PSUBSCRIBE *; MGET no';
  const message =
    '>4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$22\r\n__keyevent@0__:keymiss\r\n$2\r\nno\r\n';
  expect(await transcript(servers.redis.port, 3, script)).toContain(`*1\r\n${message}_\r\n`);
  expect(await transcript(servers.goredis.port, 3, script)).toContain(`${message}*1\r\n_\r\n`);
});

it('a connection that is gone has no subscriptions', async () => {
  const client = await connectRaw(servers.goredis.port);
  await client.command('SUBSCRIBE', 'gone');
  const { hub } = servers.goredis.server;
  expect(hub.subscriberCount('channel', 'gone')).toBe(1);
  client.destroy();
  await until(() => hub.subscriberCount('channel', 'gone') === 0);
  expect(hub.names('channel', 'gone')).toEqual([]);
});

describe('on a store that answers later', () => {
  let slow: Goredis;
  let clients: RawClient[];
  beforeEach(async () => {
    slow = await startGoredis({
      store: new SlowStore({ seed: 1, conflictRate: 0.5, forgetRate: 0 }),
    });
    clients = await Promise.all([1, 2].map(() => connectRaw(slow.port)));
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
    await slow.stop();
  });

  it('a confirmation comes in its turn, and messages behind it', async () => {
    const [client, sender] = clients as [RawClient, RawClient];
    client.send(
      Buffer.concat([encodeRequest(['SET', 'k', 'v']), encodeRequest(['SUBSCRIBE', 'c'])]),
    );
    await until(() => slow.server.hub.subscriberCount('channel', 'c') === 1);
    await sender.command('PUBLISH', 'c', 'x');
    expect((await client.readReplies(3)).join('')).toBe(
      '+OK\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n',
    );
  });

  it('events go out with the commit, each once', async () => {
    const [client, sender] = clients as [RawClient, RawClient];
    await sender.command('CONFIG', 'SET', 'notify-keyspace-events', 'EA');
    await client.command('PSUBSCRIBE', '*');
    const requests = ['SET k 1', 'MULTI', 'INCR k', 'RENAME k l', 'EXEC', 'PUBLISH end x'];
    sender.send(Buffer.concat(requests.map((line) => encodeRequest(line.split(' ')))));
    const heard = (await client.readReplies(5)).map((reply) => String(reply).split('\r\n')[6]);
    const events = ['set', 'incrby', 'rename_from', 'rename_to'];
    expect(heard).toEqual([...events.map((event) => `__keyevent@0__:${event}`), 'end']);
  });

  it('expired and new come before the event of the command that creates the key anew', async () => {
    const [client, sender] = clients as [RawClient, RawClient];
    await sender.command('CONFIG', 'SET', 'notify-keyspace-events', 'EAn');
    await client.command('PSUBSCRIBE', '*');
    const requests = [
      ...['SET a 1', 'SET a 2', 'SET a 3 PXAT 1', 'GET a', 'SET a 4', 'DEL a', 'SET a 5 PXAT 1'],
      ...['INCR a', 'GET a', 'MULTI', 'SET a 6 PXAT 1', 'APPEND a x', 'DEL a', 'SET a 7', 'EXEC'],
    ];
    for (const line of requests) await sender.command(...line.split(' '));
    await sender.command('PUBLISH', 'end', '');
    const heard: string[] = [];
    while (heard.at(-1) !== 'end') {
      heard.push(
        String(await client.readReply())
          .split('\r\n')[6]!
          .replace(/.*:/, ''),
      );
    }
    expect(heard.join(' ')).toBe(
      'new set set set expire expired new set del new set expire expired new incrby' +
        ' set expire expired new append del new set end',
    );
  });

  it('PUBLISH waits for what its connection wrote, and EXEC sends each message once', async () => {
    const [client, sender] = clients as [RawClient, RawClient];
    await client.command('SUBSCRIBE', 'c');
    const requests = ['SET k 1', 'PUBLISH c 1', 'MULTI', 'INCR k', 'PUBLISH c 2', 'EXEC'];
    sender.send(Buffer.concat(requests.map((line) => encodeRequest(line.split(' ')))));
    const message = (text: string): string => `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\n${text}\r\n`;
    expect(String(await client.readReply())).toBe(message('1'));
    expect(String(await client.readReply())).toBe(message('2'));
    expect((await sender.readReplies(6)).at(-1)!.toString()).toBe('*2\r\n:2\r\n:1\r\n');
    await sender.command('PUBLISH', 'c', '3');
    expect(String(await client.readReply())).toBe(message('3'));
  });
});
