/** Keyspace notifications, event by event as redis-server sends them. */
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startGoredis, type Goredis } from '../support/goredis';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { lines } from '../oracle/script';
import { ManualClock } from '../../src/lib/clock';
import type { Argv } from '../../src/engine/command';

/** Each request of a script, with the events it caused: `set k`, in order. */
type Events = readonly (readonly [request: string, events: readonly string[]])[];

/** Classes as `notify-keyspace-events` has them. */
const EVERY_CLASS = 'g$lhxenm';

/** A server, with a connection that hears everything and one that sends. */
interface Side {
  readonly listener: RawClient;
  readonly sender: RawClient;
}

/** The events that a server publishes for each request, by key and by event. */
async function eventsOf(
  { listener, sender }: Side,
  script: readonly Argv[],
  classes: string,
): Promise<Events> {
  await sender.command('FLUSHALL');
  await sender.command('CONFIG', 'SET', 'notify-keyspace-events', `KE${classes}`);
  // After the events of a request comes that of a marker.
  for (const argv of script) {
    sender.send(Buffer.concat([encodeRequest(argv), encodeRequest(['PUBLISH', 'marker', ''])]));
  }
  await sender.readReplies(2 * script.length);
  const result: [string, string[]][] = [];
  for (const argv of script) {
    const events: string[] = [];
    for (;;) {
      const words = (await listener.readReply()).toString('latin1').split('\r\n');
      const [channel, payload] = [words[6]!, words[8]!];
      if (channel === 'marker') break;
      events.push(`${channel} ${payload}`);
    }
    result.push([argv.join(' '), events]);
  }
  return result;
}

describe('keyspace events come as from redis-server', () => {
  let redis: RedisServer;
  let goredis: Goredis;
  let theirs: Side;
  let ours: Side;

  async function sideOf(port: number): Promise<Side> {
    const listener = await connectRaw(port);
    await listener.command('PSUBSCRIBE', '*');
    return { listener, sender: await connectRaw(port) };
  }

  beforeAll(async () => {
    redis = await startRedisServer();
    goredis = await startGoredis();
    [theirs, ours] = [await sideOf(redis.port), await sideOf(goredis.port)];
  });
  afterAll(async () => {
    for (const client of [theirs, ours].flatMap((side) => Object.values<RawClient>({ ...side }))) {
      client.destroy();
    }
    await redis.stop();
    await goredis.stop();
  });

  test.each([
    [
      'setting',
      `
      SET k v
      SET k w EX 1000
      SET k w KEEPTTL
      SET k w NX
      SET new w NX PX 1000000
      SET k w XX GET
      SET k w BAD
      RPUSH l a
      SET l v GET
      SET l v
      SETNX k v
      SETNX k2 v
      SETEX k 1000 v
      SETEX k3 1000 v
      PSETEX k 1000000 v
      GETSET k v
      GETSET k4 v
      MSET a 1 b 2 a 3
      MSETNX a 1 c 2
      MSETNX c 1 d 2`,
    ],
    [
      'reading and what goes with it',
      `
      GETEX k EX 10
      SET k v
      GET k
      GETEX k
      GETEX k EX 1000
      GETEX k PERSIST
      GETEX k PERSIST
      GETEX k EXAT 1
      GETDEL k
      SET k v
      GETDEL k
      MGET k k
      STRLEN k
      GETRANGE k 0 1`,
    ],
    [
      'numbers and ranges',
      `
      INCR n
      DECR n
      INCRBY n 0
      DECRBY n 5
      INCRBYFLOAT n 1.5
      INCRBYFLOAT f 1
      INCR n
      APPEND n x
      APPEND s x
      APPEND s y
      APPEND s ""
      APPEND e ""
      SETRANGE s 1 x
      SETRANGE s 1 ""
      SETRANGE z 1 ""
      SETRANGE z 1 x
      LCS s z`,
    ],
    [
      'hashes',
      `
      HSET h a 1 b 2
      HSET h a 1
      HSET h a 1 b
      HMSET h c 3
      HGET h a
      HGETALL h
      HDEL h x
      HDEL h a x
      HDEL h b c
      HDEL h b c`,
    ],
    [
      'lists',
      `
      RPUSH l a b
      LPUSH l c
      LPOP l
      RPOP l 0
      RPOP l 1
      LPOP l 5
      LPOP l
      LPUSH l a
      RPOP l
      LPOP nokey
      LRANGE l 0 -1`,
    ],
    [
      'a deadline in the past',
      `
      SET k v EXAT 1
      GET k
      SET k v
      SET k w PXAT 1 XX
      SET k x`,
    ],
    [
      'asking about keys',
      `
      EXISTS no no
      TYPE no
      TTL no
      PTTL no
      EXPIRETIME no
      OBJECT ENCODING no
      TOUCH no
      GET no
      GETRANGE no 0 1
      STRLEN no
      MGET no no
      GETDEL no
      GETEX no
      GETSET gs v
      SET sg v GET
      LRANGE no 0 1
      LLEN no
      LPOP no
      HGET no f
      HGETALL no
      HDEL no f
      LCS no gs
      COPY no x
      RENAME no x
      MOVE no 1
      EXPIRE no 10
      PERSIST no
      DEL no
      UNLINK no
      APPEND no x`,
    ],
    [
      'keys and deadlines',
      `
      SET a 1
      RENAME a b
      SET c 1
      RENAME b c
      RENAMENX c d
      RENAMENX d d
      COPY d e
      COPY d e
      COPY d e REPLACE
      MOVE e 1
      COPY d e DB 1 REPLACE
      EXPIRE d 100
      EXPIRE d 50 GT
      PERSIST d
      PERSIST d
      EXPIRE d -1
      DEL d
      SET d 1
      UNLINK d c
      FLUSHDB
      SWAPDB 0 1
      RANDOMKEY
      FLUSHALL`,
    ],
    [
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
    ],
  ])('%s', async (_title, text) => {
    const script = lines(text);
    // All together for their order, then each class alone: its letter is not in the message.
    for (const classes of [EVERY_CLASS, ...EVERY_CLASS]) {
      const expected = await eventsOf(theirs, script, classes);
      expect([classes, await eventsOf(ours, script, classes)]).toEqual([classes, expected]);
    }
  });

  it('those of EXEC come in order, before the messages it publishes', async () => {
    const script = lines('MULTI\nSET a 1\nPUBLISH c x\nDEL a nokey\nEXEC');
    const expected = await eventsOf(theirs, script, 'A');
    expect(await eventsOf(ours, script, 'A')).toEqual(expected);
    expect(expected.flatMap(([, events]) => events)).toHaveLength(5);
  });

  it.each(['', 'K', 'A', 'Em', 'Kg$'])(
    'with the letters "%s" only what they say',
    async (letters) => {
      const script = lines('SET a 1\nGET nokey\nRPUSH l a\nDEL a');
      const events = async (side: Side): Promise<string[]> => {
        await side.sender.command('CONFIG', 'SET', 'notify-keyspace-events', letters);
        for (const argv of script) await side.sender.command(...(argv as string[]));
        await side.sender.command('PUBLISH', 'marker', '');
        const heard: string[] = [];
        for (;;) {
          heard.push(String(await side.listener.readReply()));
          if (heard.at(-1)!.includes('marker')) return heard;
        }
      };
      expect(await events(ours)).toEqual(await events(theirs));
    },
  );
});

it('expired goes out once, at the deadline or before the command that finds it', async () => {
  const clock = new ManualClock();
  const goredis = await startGoredis({ clock, eventClasses: 'Ex' });
  const [listener, sender] = [await connectRaw(goredis.port), await connectRaw(goredis.port)];
  await listener.command('PSUBSCRIBE', '*');
  await sender.command('SET', 'a', '1', 'PX', '1000');
  clock.advance(1000);
  await sender.command('GET', 'a');
  goredis.server.engine.stop();
  await sender.command('SET', 'b', '1', 'PX', '1000');
  clock.advance(1000);
  await sender.command('GET', 'b');
  await sender.command('PUBLISH', 'marker', '');
  const heard = (await listener.readReplies(3)).map((reply) => String(reply).split('\r\n')[8]);
  expect(heard).toEqual(['a', 'b', '']);
  listener.destroy();
  sender.destroy();
  await goredis.stop();
});

describe('notify-keyspace-events', () => {
  const texts = ['A', 'KEA', 'gKE', 'AKEmn', '$lshzxetdgKE', 'n', 'mK', 'dtexzhsl', 'Q', 'gg', ''];

  it('is shown as Redis shows it', async () => {
    const redis = await startRedisServer();
    const goredis = await startGoredis();
    const shown = async (port: number): Promise<string[]> => {
      const client = await connectRaw(port);
      const replies: Buffer[] = [];
      for (const text of texts) {
        replies.push(await client.command('CONFIG', 'SET', 'notify-keyspace-events', text));
        replies.push(await client.command('CONFIG', 'GET', 'notify-keyspace-events'));
      }
      client.destroy();
      return replies.map(String);
    };
    expect(await shown(goredis.port)).toEqual(await shown(redis.port));
    await goredis.stop();
    await redis.stop();
  });
});
