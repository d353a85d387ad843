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
import { SlowStore } from '../stores/slow';

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

const kinds = [
  { title: 'late and out of order', faults: {} },
  { title: 'with conflicts', faults: { conflictRate: 0.3 } },
  { title: 'with failures', faults: { failureRate: 0.1, conflictRate: 0.1 } },
  { title: 'with unknown outcomes', faults: { unknownRate: 0.06, conflictRate: 0.1 } },
];

describe.each(kinds)('on a store that answers $title', ({ faults }) => {
  it(`histories of ${SEEDS} seeds are linearizable (first seed ${BASE})`, async () => {
    for (let seed = BASE; seed < BASE + SEEDS; seed++) {
      const random = seeded(seed);
      const store = new SlowStore({ seed, ...faults });
      const nodes = [await startGoredis({ store }), await startGoredis({ store })];
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, (_, i) => connectRaw(nodes[i % nodes.length]!.port)),
      );
      const timeline = new Timeline();
      const histories = await Promise.all(
        clients.map((client) => play(seeded(random.below(2 ** 31)), client, timeline)),
      );
      await store.idle();
      // What is there at the end is the last operation: every acknowledged write shows in it.
      const calledAt = timeline.next();
      const values = KEYS.map((key) => {
        const { value } = store.truth(0, key);
        return value === undefined ? undefined : textOf(value);
      });
      const last: Operation<ModelInput, string> = {
        input: [['MGET', ...KEYS]],
        output: `*${KEYS.length}\r\n${values.map((text) => (text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`)).join('')}`,
        calledAt,
        returnedAt: timeline.next(),
      };
      const history = [...histories.flat(), last];
      await Promise.all(clients.map((client) => client.end()));
      for (const node of nodes) await node.stop();
      if (!isLinearizable(redisModel, history)) {
        throw new Error(`seed ${seed} is not linearizable:\n${JSON.stringify(history, null, 1)}`);
      }
    }
  }, 600_000);
});

function textOf(value: unknown): string {
  return typeof value === 'object' ? (value as { text(): string }).text() : String(value);
}
