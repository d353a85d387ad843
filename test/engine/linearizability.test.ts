/**
 * Several connections with pipelines over a few shared keys, to two nodes that share a store with
 * every fault: what they were answered could have happened one after another, and nothing
 * acknowledged is lost.
 */
import { seeded, type Random } from '../../src/lib/random';
import { Timeline, playPipeline, randomInput, type History } from '../support/history';
import { connectRaw, type RawClient } from '../support/raw-client';
import { startGoredis } from '../support/goredis';
import { isLinearizable, type Operation } from '../support/linearizability';
import { redisModel, type ModelInput } from '../support/redis-model';
import { SlowStore, type SlowStoreOptions } from '../stores/slow';
import type { Store } from '../../src/store/store';
import type { Value } from '../../src/values/value';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';
import type { FaultRates } from '../support/fake-dynamodb/faults';

const KEYS = ['a', 'b', 'c'];
const CLIENTS = 4;
const STEPS = 12;
const SEEDS = process.env['TEST_LONG'] === '1' ? 1000 : 10;
const BASE = Number(process.env['TEST_SEED'] ?? 1);

async function play(random: Random, client: RawClient, timeline: Timeline): Promise<History> {
  const history: History = [];
  for (let step = 0; step < STEPS; step++) {
    const inputs = Array.from({ length: 1 + random.below(3) }, () => randomInput(random, KEYS));
    await playPipeline(client, inputs, history, timeline);
  }
  return history;
}

/** Two nodes' stores over one medium. */
interface Medium {
  readonly stores: readonly [Store, Store];
  /** From now on with its faults. */
  begin(): void;
  /** When nothing is under way any more: what the key holds. */
  truth(key: string): Promise<Value | undefined>;
  close(): Promise<void>;
}

const slow =
  (faults: Partial<SlowStoreOptions>) =>
  async (seed: number): Promise<Medium> => {
    const store = new SlowStore({ seed, ...faults });
    return {
      stores: [store, store],
      begin: () => {},
      truth: async (key) => {
        return store.truth(0, key).value;
      },
      close: async () => {},
    };
  };

const dynamodb =
  (rates: FaultRates) =>
  async (seed: number): Promise<Medium> => {
    const fake = await FakeDynamo.start({ travel: { seed } });
    const nodes = [await openFakeStore({ fake }), await openFakeStore({ fake })] as const;
    return {
      stores: [nodes[0].store, nodes[1].store],
      begin: () => fake.faults.seed(seed, rates),
      truth: async (key) => {
        fake.faults.clear();
        await fake.settled();
        const [rec] = await nodes[0].store.load([{ db: 0, key }], 'each', 'strong');
        return rec!.value;
      },
      close: () => fake.stop(),
    };
  };

const kinds = [
  { title: 'late and out of order', open: slow({}) },
  { title: 'with conflicts', open: slow({ conflictRate: 0.3 }) },
  { title: 'with failures', open: slow({ failureRate: 0.1, conflictRate: 0.1 }) },
  { title: 'with unknown outcomes', open: slow({ unknownRate: 0.06, conflictRate: 0.1 }) },
  { title: 'as DynamoDB, late and out of order', open: dynamodb({}) },
  {
    title: 'as DynamoDB, throttled, in conflict and with keys left over',
    open: dynamodb({ throttle: 0.1, conflict: 0.2, unprocessed: 0.3 }),
  },
  {
    title: 'as DynamoDB, with answers lost and requests delivered late',
    open: dynamodb({ resetBefore: 0.05, resetAfter: 0.1, late: 0.1, serverError: 0.05 }),
  },
];

describe.each(kinds)('on a store that answers $title', ({ open }) => {
  it(`histories of ${SEEDS} seeds are linearizable (first seed ${BASE})`, async () => {
    for (let seed = BASE; seed < BASE + SEEDS; seed++) {
      const random = seeded(seed);
      const medium = await open(seed);
      const nodes = [
        await startGoredis({ store: medium.stores[0] }),
        await startGoredis({ store: medium.stores[1] }),
      ];
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, (_, i) => connectRaw(nodes[i % nodes.length]!.port)),
      );
      medium.begin();
      const timeline = new Timeline();
      const histories = await Promise.all(
        clients.map((client) => play(seeded(random.below(2 ** 31)), client, timeline)),
      );
      // What is there at the end is the last operation: every acknowledged write shows in it.
      const held = await Promise.all(KEYS.map((key) => medium.truth(key)));
      const calledAt = timeline.next();
      const values = held.map((value) => (value === undefined ? undefined : textOf(value)));
      const last: Operation<ModelInput, string> = {
        input: [['MGET', ...KEYS]],
        output: `*${KEYS.length}\r\n${values.map((text) => (text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`)).join('')}`,
        calledAt,
        returnedAt: timeline.next(),
      };
      const history = [...histories.flat(), last];
      await Promise.all(clients.map((client) => client.end()));
      for (const node of nodes) await node.stop();
      await medium.close();
      if (!isLinearizable(redisModel, history)) {
        throw new Error(`seed ${seed} is not linearizable:\n${JSON.stringify(history, null, 1)}`);
      }
    }
  }, 600_000);
});

function textOf(value: unknown): string {
  return typeof value === 'object' ? (value as { text(): string }).text() : String(value);
}
