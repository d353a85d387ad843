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
import {
  Timeline,
  playPipeline,
  playWatch,
  randomCommand,
  randomInput,
  type History,
} from '../support/history';
import { isLinearizable } from '../support/linearizability';
import { connectRaw, type RawClient } from '../support/raw-client';
import { redisModel } from '../support/redis-model';

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

/** A client that goes to any node, and to another one when that breaks. */
class Client {
  aborted = 0;
  private connection: RawClient | undefined;

  constructor(
    private readonly random: Random,
    private readonly keys: readonly string[],
    private readonly history: History,
    private readonly timeline: Timeline,
  ) {}

  /** @param told after each step */
  async play(told: () => void): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.connection ??= await this.connect();
      const open = await this.step(this.connection);
      if (open === 'aborted') this.aborted++;
      // Or it moves, to see what it has done from another node.
      if (open === false || this.random.below(5) === 0) this.leave();
      told();
    }
    this.leave();
  }

  private step(connection: RawClient): Promise<boolean | 'aborted'> {
    const { random, keys, history, timeline } = this;
    if (random.below(4) === 0) {
      const watched = [keys[random.below(keys.length)]!];
      const commands = [['SET', watched[0]!, `w${timeline.next()}`], randomCommand(random, keys)];
      return playWatch(connection, watched, commands, history, timeline);
    }
    const length = 1 + (random.below(3) === 0 ? random.below(3) : 0);
    const inputs = Array.from({ length }, () => randomInput(random, keys));
    return playPipeline(connection, inputs, history, timeline);
  }

  private async connect(): Promise<RawClient> {
    for (;;) {
      try {
        return await connectRaw(nodes[this.random.below(NODES)]!.port);
      } catch {
        // It was killed.
      }
    }
  }

  private leave(): void {
    this.connection?.destroy();
    this.connection = undefined;
  }
}

/** Plays a round over keys that no other round has; one of the nodes is killed meanwhile. */
async function play(roundSeed: number): Promise<{ history: History; aborted: number }> {
  const random = seeded(roundSeed);
  const keys = ['a', 'b', 'c', 'd', 'e'].map((key) => `${roundSeed}:${key}`);
  const history: History = [];
  const timeline = new Timeline();
  const own = (): Random => seeded(random.below(2 ** 31));
  for (const node of nodes) node.proxy.fate = faults(own(), FAULTY_PERCENT, MAX_DELAY_MS);
  const clients = Array.from({ length: CLIENTS }, () => new Client(own(), keys, history, timeline));
  const victim = nodes[random.below(NODES)]!;
  let left = 1 + random.below(CLIENTS * STEPS);
  let restarted: Promise<void> | undefined;
  const told = (): void => {
    if (--left === 0) restarted = victim.kill().then(() => victim.restart());
  };
  await Promise.all(clients.map((client) => client.play(told)));
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
