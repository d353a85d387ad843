/**
 * Three nodes on one table, eight clients, a few shared keys. Requests to DynamoDB are cut, delayed
 * and applied without an answer, nodes are killed by `kill -9` and started again: what the clients
 * were answered could have happened one after another, all keys taken as one object.
 */
import { seeded, type Random } from '../../src/lib/random';
import { isLongRun, seedOf } from '../oracle/seed';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startDynamoNodes, type DynamoNode } from '../support/dynamodb-node';
import { faults } from '../support/faulty-proxy';
import { Timeline, playPipeline, type History } from '../support/history';
import { isLinearizable } from '../support/linearizability';
import { connectRaw } from '../support/raw-client';
import { redisModel } from '../support/redis-model';
import { WanderingClient } from '../support/wandering-client';

const NODES = 3;
const CLIENTS = 8;
const STEPS = 10;
const ROUNDS = isLongRun ? 200 : 5;
const FAULTY_PERCENT = 5;
/** Longer than a request may take, so that some are given up, and applied later. */
const MAX_DELAY_MS = 1500;
const ARGS = ['--dynamodb-timeout', '1000', '--dynamodb-retry-budget', '5000'];

const seed = seedOf();
let local: DynamoLocal;
let nodes: readonly DynamoNode[] = [];
beforeAll(async () => {
  local = await startDynamoLocal();
  nodes = await startDynamoNodes(local, 'linearizability', NODES, ARGS);
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await local.stop();
});

/** Plays a round over keys that no other round has; one of the nodes is killed meanwhile. */
async function play(roundSeed: number): Promise<{ history: History; aborted: number }> {
  const random = seeded(roundSeed);
  const keys = ['a', 'b', 'c', 'd', 'e'].map((key) => `${roundSeed}:${key}`);
  const history: History = [];
  const timeline = new Timeline();
  const own = (): Random => seeded(random.below(2 ** 31));
  for (const node of nodes) node.proxy.fate = faults(own(), FAULTY_PERCENT, MAX_DELAY_MS);
  const ports = (): number[] => nodes.map(({ port }) => port);
  const clients = Array.from(
    { length: CLIENTS },
    () => new WanderingClient({ random: own(), keys, history, timeline, ports }),
  );
  const victim = nodes[random.below(NODES)]!;
  let left = 1 + random.below(CLIENTS * STEPS);
  let restarted: Promise<void> | undefined;
  const told = (): void => {
    if (--left === 0) restarted = victim.kill().then(() => victim.restart());
  };
  await Promise.all(clients.map((client) => client.play(STEPS, told)));
  await restarted;
  // What every node sees at the end are the last operations: all that was acknowledged shows.
  for (const node of nodes) {
    const reader = await connectRaw(node.port);
    const known = history.length;
    while (history.length === known) {
      await playPipeline(reader, [[['MGET', ...keys]]], history, timeline);
    }
    reader.destroy();
  }
  return { history, aborted: clients.reduce((sum, { aborted }) => sum + aborted, 0) };
}

it(`histories of ${ROUNDS} rounds are linearizable (TEST_SEED=${seed})`, async () => {
  let abortedInAll = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { history, aborted } = await play(seed + round);
    if (!isLinearizable(redisModel, history)) {
      const text = history.map((operation) => JSON.stringify(operation)).join('\n');
      throw new Error(`round ${seed + round} is not linearizable:\n${text}`);
    }
    abortedInAll += aborted;
  }
  // Else it would have proved nothing.
  const faulty = nodes.flatMap(({ proxy }) => [...proxy.met]).filter(([kind]) => kind !== 'pass');
  expect(faulty.length).toBeGreaterThan(0);
  expect(abortedInAll).toBeGreaterThan(0);
}, 3_600_000);
