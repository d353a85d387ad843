/** Keyspace notifications, event by event as redis-server sends them. */
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startGoredis, type Goredis } from '../support/goredis';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { lines } from '../oracle/script';
import { ManualClock } from '../../src/lib/clock';
import type { Argv } from '../../src/engine/command';
import { allCommands } from '../../src/commands/registry';
import { SlowStore } from '../stores/slow';
import { eventCases, fullMemory, requestsOnExpired } from './events-cases';

/** Each step of a script, with the events it caused, in order: channel and payload. */
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
  await sender.command('SELECT', '0');
  await sender.command('FLUSHALL');
  await sender.command('CONFIG', 'SET', 'notify-keyspace-events', `KE${classes}`);
  const steps = stepsOf(script);
  // After the events of a step comes that of a marker.
  for (const step of steps) {
    sender.send(Buffer.concat([...step, ['PUBLISH', 'marker', '']].map(encodeRequest)));
  }
  await sender.readReplies(script.length + steps.length);
  const result: [string, string[]][] = [];
  for (const step of steps) {
    const events: string[] = [];
    for (;;) {
      const words = (await listener.readReply()).toString('latin1').split('\r\n');
      const [channel, payload] = [words[6]!, words[8]!];
      if (channel === 'marker') break;
      events.push(`${channel} ${payload}`);
    }
    result.push([step.map((argv) => argv.join(' ')).join('; '), events]);
  }
  return result;
}

/** Each request by itself, but those from MULTI to EXEC or DISCARD together. */
function stepsOf(script: readonly Argv[]): (readonly Argv[])[] {
  const steps: Argv[][] = [];
  let inMulti = false;
  for (const argv of script) {
    if (inMulti) steps.at(-1)!.push(argv);
    else steps.push([argv]);
    if (argv[0] === 'MULTI') inMulti = true;
    if (argv[0] === 'EXEC' || argv[0] === 'DISCARD') inMulti = false;
  }
  return steps;
}

let redis: RedisServer;
let theirs: Side;
const sides: Side[] = [];

beforeAll(async () => {
  redis = await startRedisServer(['--enable-debug-command', 'yes']);
  theirs = await sideOf(redis.port);
});
afterAll(async () => {
  for (const { listener, sender } of sides) {
    listener.destroy();
    sender.destroy();
  }
  await redis.stop();
});

async function sideOf(port: number): Promise<Side> {
  const listener = await connectRaw(port);
  await listener.command('PSUBSCRIBE', '*');
  const side = { listener, sender: await connectRaw(port) };
  sides.push(side);
  return side;
}

const stores = {
  'on memory': (): 'memory' => 'memory',
  'on a slow store': (): SlowStore => new SlowStore({ seed: 1, conflictRate: 0.2, forgetRate: 0 }),
  'on a slow store with a cache': (): SlowStore =>
    new SlowStore({ seed: 2, conflictRate: 0.2, cache: true, missRate: 0.3, forgetRate: 0 }),
};

describe.each(Object.entries(stores))(
  '%s keyspace events are those of redis-server',
  (name, store) => {
    let goredis: Goredis;
    let ours: Side;

    beforeAll(async () => {
      goredis = await startGoredis({ store: store() });
      ours = await sideOf(goredis.port);
    });
    afterAll(() => goredis.stop());

    const onMemory = name === 'on memory';
    it.each(onMemory ? [...eventCases, fullMemory] : eventCases)('%s', async (_title, text) => {
      const script = lines(text);
      // All together for their order, then each class alone: its letter is not in the message.
      const alone = onMemory ? [...EVERY_CLASS] : [];
      for (const classes of [EVERY_CLASS, ...alone]) {
        const expected = await eventsOf(theirs, script, classes);
        expect([classes, await eventsOf(ours, script, classes)]).toEqual([classes, expected]);
      }
    });
  },
);

describe('keyspace events on memory', () => {
  let goredis: Goredis;
  let ours: Side;

  beforeAll(async () => {
    goredis = await startGoredis();
    ours = await sideOf(goredis.port);
  });
  afterAll(() => goredis.stop());

  it('of a key that has expired come as from redis-server, expired first and once', async () => {
    await theirs.sender.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    goredis.server.engine.stop();
    for (const request of requestsOnExpired) {
      const script = lines(`SELECT 0\nSET o 1\nSET k v PXAT 1\n${request}\nGET k`);
      const expected = await eventsOf(theirs, script, EVERY_CLASS);
      expect(await eventsOf(ours, script, EVERY_CLASS)).toEqual(expected);
    }
    goredis.server.engine.start();
    await theirs.sender.command('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
  });

  it.each(['SCAN 0', 'RANDOMKEY'])(
    '%s does not announce a key that has expired',
    async (request) => {
      await theirs.sender.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
      goredis.server.engine.stop();
      const script = lines(`SET k v PXAT 1\n${request}`);
      const expired = ['__keyspace@0__:k expired', '__keyevent@0__:expired k'];
      expect((await eventsOf(theirs, script, 'x'))[1]).toEqual([request, expired]);
      expect((await eventsOf(ours, script, 'x'))[1]).toEqual([request, []]);
      expect((await eventsOf(ours, lines('SET k v PXAT 1\nWATCH k\nUNWATCH'), 'x'))[1]).toEqual([
        'WATCH k',
        expired,
      ]);
      goredis.server.engine.start();
      await theirs.sender.command('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
    },
  );

  it('are compared for every command on keys', () => {
    const used = new Set(
      [...eventCases.map(([, script]) => script), ...requestsOnExpired].flatMap((script) =>
        lines(script).map(([command]) => String(command).toLowerCase()),
      ),
    );
    const groups = ['string', 'hash', 'list', 'generic', 'transactions'];
    const missing = allCommands.filter(
      ({ group, name }) => groups.includes(group) && !used.has(name),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('of EXEC come in order, before the messages it publishes', async () => {
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
