/**
 * Three nodes with caches, eight clients, a few shared keys. Reads are strong, writes are made on
 * what the caches hold, which others keep filled; requests fail, come late and are settled. What the
 * clients were answered could have happened one after another, all keys taken as one object.
 */
import { seeded, type Random } from '../../src/lib/random';
import { isLongRun, seedOf } from '../oracle/seed';
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { Timeline, type History } from '../support/history';
import { isLinearizable } from '../support/linearizability';
import { connectRaw } from '../support/raw-client';
import { redisModel } from '../support/redis-model';
import { turns } from '../support/until';
import { WanderingClient } from '../support/wandering-client';

const NODES = 3;
const CLIENTS = 8;
const STEPS = 10;
const ROUNDS = isLongRun ? 1000 : 10;
const seed = seedOf();

let fake: FakeDynamo;
const nodes: CachedNode[] = [];
beforeAll(async () => {
  const travel = { seed, maxTurns: 12 };
  fake = await FakeDynamo.start({ travel, streams: { shards: 2 } });
  fake.streams.lagMs = 200;
  for (let i = 0; i < NODES; i++) {
    nodes.push(await startCachedNode(fake.endpoint, { maxStalenessMs: 4000 }));
  }
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await fake.stop();
});

/** Reads the keys from the cache of a node again and again, so that there is something in it. */
async function fill(node: CachedNode, keys: readonly string[], isOver: () => boolean) {
  const client = await connectRaw(node.port);
  while (!isOver()) {
    await client.command('MGET', ...keys);
    await turns(100);
  }
  client.destroy();
}

async function play(roundSeed: number): Promise<{ history: History; aborted: number }> {
  const random = seeded(roundSeed);
  const keys = ['a', 'b', 'c', 'd', 'e'].map((key) => `${roundSeed}:${key}`);
  const history: History = [];
  const timeline = new Timeline();
  const own = (): Random => seeded(random.below(2 ** 31));
  const ports = (): number[] => nodes.map(({ port }) => port);
  const greeting = ['GOREDIS.CONSISTENCY', 'strong'];
  const clients = Array.from(
    { length: CLIENTS },
    () => new WanderingClient({ random: own(), keys, history, timeline, ports, greeting }),
  );
  let isOver = false;
  const fillers = nodes.map((node) => fill(node, keys, () => isOver));
  await Promise.all(clients.map((client) => client.play(STEPS)));
  isOver = true;
  await Promise.all(fillers);
  return { history, aborted: clients.reduce((sum, { aborted }) => sum + aborted, 0) };
}

const hits = (): number[] => nodes.map(({ store }) => Number(store.stats()['Cache']!['hits']));

it(`histories of ${ROUNDS} rounds are linearizable (TEST_SEED=${seed})`, async () => {
  const before = hits();
  fake.faults.seed(seed, {
    ...{ throttle: 0.01, serverError: 0.01, resetBefore: 0.01, resetAfter: 0.02, late: 0.02 },
    ...{ conflict: 0.02, unprocessed: 0.05 },
  });
  let abortedInAll = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { history, aborted } = await play(seed + round);
    if (!isLinearizable(redisModel, history)) {
      const text = history.map((operation) => JSON.stringify(operation)).join('\n');
      throw new Error(`round ${seed + round} is not linearizable:\n${text}`);
    }
    abortedInAll += aborted;
  }
  fake.faults.clear();
  // Else it would have proved nothing.
  expect(abortedInAll).toBeGreaterThan(0);
  hits().forEach((count, i) => expect(count).toBeGreaterThan(before[i]!));
}, 3_600_000);
