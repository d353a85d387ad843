import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { lines } from '../oracle/script';
import { allCommands } from '../../src/commands/registry';
import { MemoryContext } from '../../src/engine/memory-context';
import { newEngineStats } from '../../src/engine/engine';
import type { ClientPort, ServerPort } from '../../src/engine/ports';
import { ReplyError } from '../../src/errors';
import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import { resp2 } from '../../src/protocol/reply';
import { MemoryStore } from '../../src/stores/memory/memory-store';
import type { Argv } from '../../src/engine/command';

/** Each request of a script, with the events it caused: `set k`, in order. */
type Events = readonly (readonly [request: string, events: readonly string[]])[];

/** Classes as `notify-keyspace-events` has them. */
const EVERY_CLASS = 'g$lhxn';

const fail = (error: unknown): never => {
  throw error;
};

function eventsOfGoredis(script: readonly Argv[], classes: string): Events {
  const clock = new ManualClock();
  const random = seeded(1);
  const store = new MemoryStore({ databases: 16, clock, random });
  const server = { maxBulkBytes: 512 * 1024 * 1024 } as ServerPort;
  const expiry = { nextMs: -Infinity, nearer: (): void => undefined };
  const ctx = new MemoryContext(server, random, store, newEngineStats(), fail, expiry);
  ctx.setTime(clock.nowMs());
  let events: string[] = [];
  ctx.sink = (eventClass, event, _db, key) => {
    if (classes.includes(eventClass)) events.push(`${event} ${key}`);
  };
  return script.map((argv) => {
    events = [];
    ctx.begin({ db: 0, form: resp2 } as ClientPort);
    const name = String(argv[0]).toLowerCase();
    try {
      allCommands.find((command) => command.name === name)!.run(ctx, argv);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
    }
    return [argv.join(' '), events];
  });
}

async function eventsOfRedis(
  listener: RawClient,
  sender: RawClient,
  script: readonly Argv[],
  classes: string,
): Promise<Events> {
  await sender.command('FLUSHALL');
  await sender.command('CONFIG', 'SET', 'notify-keyspace-events', `E${classes}`);
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
      events.push(`${channel.slice('__keyevent@0__:'.length)} ${payload}`);
    }
    result.push([argv.join(' '), events]);
  }
  return result;
}

describe('keyspace events come as from redis-server', () => {
  let redis: RedisServer;
  let listener: RawClient;
  let sender: RawClient;
  beforeAll(async () => {
    redis = await startRedisServer();
    listener = await connectRaw(redis.port);
    sender = await connectRaw(redis.port);
    await listener.command('PSUBSCRIBE', '*');
  });
  afterAll(async () => {
    listener.destroy();
    sender.destroy();
    await redis.stop();
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
  ])('%s', async (_title, text) => {
    const script = lines(text);
    // All together for their order, then each class alone: its letter is not in the message.
    for (const classes of [EVERY_CLASS, ...EVERY_CLASS]) {
      const expected = await eventsOfRedis(listener, sender, script, classes);
      expect([classes, eventsOfGoredis(script, classes)]).toEqual([classes, expected]);
    }
  });

  it('keymiss, which Redis announces for reads of absent keys, is not announced', async () => {
    const script = lines('GET nokey');
    expect(await eventsOfRedis(listener, sender, script, 'm')).toEqual([
      ['GET nokey', ['keymiss nokey']],
    ]);
    expect(eventsOfGoredis(script, 'm')).toEqual([['GET nokey', []]]);
  });
});
