/**
 * Random pipelines over three nodes, reply by reply beside redis-server: the keys of a script are
 * its own and it stays on its node, so that it must see no cache at all, whatever the caches do. They
 * have room for some fifty records, and the stream tells everything a second late; other connections
 * read all keys on all nodes and write keys of their own, so that records come, go, and come back.
 *
 * Each script has parts. Before the next one every node has seen what was written, and the script
 * goes on at another node.
 */
import { seeded, type Random } from '../../src/lib/random';
import { generate } from '../oracle/generator';
import { findDifference } from '../oracle/oracle';
import { isLongRun, seedOf } from '../oracle/seed';
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { connectRaw, encodeRequest } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { turns } from '../support/until';

/** Of each node: how often it reads each shard of the stream, a second. */
const CALLS = [1, 4, 20];
const LAG_MS = 1000;
const SCRIPTS_AT_ONCE = 12;
const PARTS = 3;
const PART_STEPS = 100;
const ROUNDS = isLongRun ? 200 : 1;
const SCRIPT_KEYS = ['a', 'b', 'c', 'd', 'e', ''];
const OTHER_KEYS = 100;
/** They must not take the machine for themselves. */
const TURNS_BETWEEN = 200;
const seed = seedOf();

let fake: FakeDynamo;
let redis: RedisServer;
const nodes: CachedNode[] = [];
beforeAll(async () => {
  const travel = { seed, maxTurns: 12 };
  fake = await FakeDynamo.start({ travel, streams: { shards: 3 } });
  fake.streams.lagMs = LAG_MS;
  redis = await startRedisServer();
  const start = (streamCallsPerSecond: number): Promise<CachedNode> =>
    startCachedNode(fake.endpoint, {
      cacheMaxBytes: 6000,
      streamCallsPerSecond,
      maxStalenessMs: 6000,
    });
  for (const calls of CALLS) nodes.push(await start(calls));
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await redis.stop();
  await fake.stop();
});

/** Reads the keys of all scripts on one node, and may write others, until it is told to stop. */
class Others {
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly random: Random,
    private readonly prefixes: readonly string[],
    private readonly writing: boolean,
    port: number,
  ) {
    this.done = this.run(port);
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.done;
  }

  private async run(port: number): Promise<void> {
    const client = await connectRaw(port);
    while (!this.stopped) {
      const requests = Array.from({ length: 8 }, () => this.request());
      client.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
      await client.readReplies(requests.length);
      await turns(TURNS_BETWEEN);
    }
    client.destroy();
  }

  private request(): string[] {
    const { random, prefixes } = this;
    const pick = (from: readonly string[]): string => from[random.below(from.length)]!;
    const theirs = (): string => pick(prefixes) + pick(SCRIPT_KEYS);
    const own = (): string => `other:${random.below(OTHER_KEYS)}`;
    switch (random.below(this.writing ? 7 : 5)) {
      case 0:
        return ['SELECT', String(random.below(3))];
      case 1:
        return ['MGET', theirs(), own(), theirs()];
      case 2:
        return ['EXISTS', theirs(), theirs()];
      case 5:
        return ['INCR', own()];
      case 6:
        return ['MSET', own(), '1', own(), '2'];
      default:
        return ['GET', theirs()];
    }
  }
}

async function caughtUp(): Promise<void> {
  await Promise.all(nodes.map(({ store }) => store.follower.caughtUp()));
}

/** Asks a part of each script, all at once. */
async function play(seeds: readonly number[], part: number): Promise<(string | undefined)[]> {
  const oracle = { name: 'redis-server', port: redis.port };
  const scripts = seeds.map(async (own, i) => {
    const options = { swap: 'never', own: `${own}:` } as const;
    const steps = generate(own * PARTS + part, PART_STEPS, options);
    const { port } = nodes[(i + part) % nodes.length]!;
    const subject = { name: 'goredis, one of three nodes', port };
    const difference = await findDifference(steps, oracle, subject, { keepOthers: true });
    return difference && `script ${own}, part ${part}: ${difference.report}`;
  });
  return Promise.all(scripts);
}

it(`are answered as redis-server answers them (TEST_SEED=${seed})`, async () => {
  const random = seeded(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const seeds = Array.from({ length: SCRIPTS_AT_ONCE }, (_, i) => seed + round * 1000 + i);
    const prefixes = seeds.map((own) => `${own}:`);
    const others = nodes.map(
      ({ port }) => new Others(seeded(random.below(2 ** 31)), prefixes, true, port),
    );
    try {
      for (let part = 0; part < PARTS; part++) {
        expect(await play(seeds, part)).toEqual(seeds.map(() => undefined));
        await caughtUp();
      }
    } finally {
      for (const other of others) await other.stop();
    }
  }
  // Else it would have proved nothing.
  for (const { store } of nodes) {
    const { Cache: figures } = store.stats() as { Cache: Record<string, number> };
    const few = ['hits', 'misses', 'populated', 'evicted'].filter((name) => figures[name]! < 10);
    expect({ few, figures }).toEqual({ few: [], figures });
  }
}, 3_600_000);

it(`and so is FLUSHALL (TEST_SEED=${seed})`, async () => {
  for (let round = 0; round < (isLongRun ? 50 : 2); round++) {
    const own = seed + round;
    const others = nodes.map(({ port }) => new Others(seeded(own), [''], false, port));
    await caughtUp();
    const oracle = { name: 'redis-server', port: redis.port };
    const subject = {
      name: 'goredis, one of three nodes',
      port: nodes[round % nodes.length]!.port,
    };
    const steps = generate(own, PART_STEPS, { swap: 'never' });
    const difference = await findDifference(steps, oracle, subject);
    for (const other of others) await other.stop();
    expect(difference?.report).toBeUndefined();
  }
}, 3_600_000);
