/**
 * What subscribers hear while two nodes write the same table, with streams that are late and answers
 * that the stream overtakes: on each node every event once, in order for each key, and not before the
 * node shows the change.
 */
import { seeded } from '../../src/lib/random';
import { items, parseReply } from '../oracle/compare';
import { isLongRun, seedOf } from '../oracle/seed';
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { EventLoad } from '../support/event-load';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { WRITES } from '../support/fake-dynamodb/faults';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { until } from '../support/until';

const ROUNDS = isLongRun ? 20 : 1;
const COMMANDS = 10_000;
/** Of a hundred writes so many are answered after the stream has brought them. */
const LATE_ANSWERS_PERCENT = 1;
const LATE_ANSWER_MS = 400;
const HEAD = '__keyspace@0__:';
const seed = seedOf();

let fake: FakeDynamo;
const nodes: CachedNode[] = [];
beforeAll(async () => {
  const travel = { seed, maxTurns: 12 };
  fake = await FakeDynamo.start({ travel, streams: { shards: 3 } });
  // One keeps all records, the other few.
  for (const cacheMaxBytes of [1 << 20, 20_000]) {
    nodes.push(await startCachedNode(fake.endpoint, { streamCallsPerSecond: 10, cacheMaxBytes }));
  }
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await fake.stop();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(node: CachedNode, ...args: readonly string[]): Promise<string> {
  const client = await connectRaw(node.port);
  const reply = await client.command(...args);
  client.destroy();
  return reply.toString('latin1');
}

/** A subscriber on a node, and a connection that reads each key that an event is of. */
class Listener {
  readonly heard = new Map<string, string[]>();
  /** Reads that showed less than what had been heard. */
  readonly tooOld: string[] = [];
  /** Resolves when somebody has published `end`, and all keys were read. */
  readonly ended: Promise<void>;
  /** Keys that are to be read since an event was heard. */
  private readonly due = new Set<string>();
  private readonly reading = new Map<string, Promise<void>>();

  static async start(node: CachedNode, load: EventLoad): Promise<Listener> {
    const subscriber = await connectRaw(node.port);
    subscriber.send(encodeRequest(['PSUBSCRIBE', `${HEAD}*`, 'end']));
    await subscriber.readReplies(2);
    return new Listener(subscriber, await connectRaw(node.port), load);
  }

  private constructor(
    private readonly subscriber: RawClient,
    private readonly reader: RawClient,
    private readonly load: EventLoad,
  ) {
    this.ended = this.listen();
  }

  private async listen(): Promise<void> {
    for (;;) {
      const message = items(parseReply(await this.subscriber.readReply()));
      const [channel = '', event = ''] = message.slice(2).map((text) => String(text).slice(1));
      if (channel === 'end') break;
      const key = channel.slice(HEAD.length);
      const events = this.heard.get(key) ?? [];
      this.heard.set(key, events);
      events.push(event);
      this.due.add(key);
      if (this.reading.has(key)) continue;
      this.reading.set(key, this.readWhileDue(key));
    }
    await Promise.all(this.reading.values());
    this.subscriber.destroy();
    this.reader.destroy();
  }

  /** One read of a key at a time. */
  private async readWhileDue(name: string): Promise<void> {
    while (this.due.delete(name)) await this.read(name);
    this.reading.delete(name);
  }

  private async read(name: string): Promise<void> {
    const key = this.load.keys.get(name);
    const heard = this.heard.get(name)!.length;
    const reply = await this.reader.command(...(key?.reading ?? ['GET', name]));
    const text = String(parseReply(reply));
    const seen = text === '$-1' ? undefined : Number(text.slice(1));
    const least = key?.writeOf(heard) ?? 0;
    if (key?.isPossible(seen, least) === true) return;
    this.tooOld.push(`${name}: ${text} when write ${least} had been heard of`);
  }
}

it('a setting of one node is the setting of all', async () => {
  await ask(nodes[0]!, 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
  await until(async () =>
    (await ask(nodes[1]!, 'CONFIG', 'GET', 'notify-keyspace-events')).includes('$3\r\nAKE\r\n'),
  );
  await ask(nodes[1]!, 'CONFIG', 'SET', 'notify-keyspace-events', '');
  await until(async () =>
    (await ask(nodes[0]!, 'CONFIG', 'GET', 'notify-keyspace-events')).endsWith('$0\r\n\r\n'),
  );
});

it(`each event is heard once on each node, in order, and not before its change shows (TEST_SEED=${seed})`, async () => {
  await ask(nodes[0]!, 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA');
  await nodes[1]!.store.follower.caughtUp();
  fake.streams.seed(seed, { lagMs: 100, emptyPage: 0.1, shortPage: 0.3 });
  const chance = seeded(seed);
  fake.faults.always(
    { kind: 'meanwhile', after: true, happens: () => sleep(LATE_ANSWER_MS) },
    ({ operation }) => WRITES.has(operation) && chance.below(100) < LATE_ANSWERS_PERCENT,
  );
  for (let round = 0; round < ROUNDS; round++) {
    const load = new EventLoad({
      random: seeded(seed + round),
      ports: nodes.map(({ port }) => port),
      writes: COMMANDS,
      writers: 24,
      keysPerWriter: 12,
      counters: 6,
      countersPerNode: 3,
    });
    const listeners = await Promise.all(nodes.map((node) => Listener.start(node, load)));
    await load.run();
    await Promise.all(nodes.map(({ store }) => store.follower.caughtUp()));
    for (const node of nodes) await ask(node, 'PUBLISH', 'end', '');
    await Promise.all(listeners.map(({ ended }) => ended));
    const written = [...load.keys].filter(([, { events }]) => events.length > 0);
    const expected = written.map(([name, { events }]) => [name, events.map((each) => each.name)]);
    for (const { heard, tooOld } of listeners) {
      expect(Object.fromEntries(heard)).toEqual(Object.fromEntries(expected));
      expect(tooOld).toEqual([]);
    }
    await ask(nodes[0]!, 'FLUSHALL');
    await Promise.all(nodes.map(({ store }) => store.follower.caughtUp()));
  }
}, 3_600_000);
