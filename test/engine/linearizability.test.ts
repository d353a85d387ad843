/**
 * Several connections with pipelines over a few shared keys, to two nodes that share a store with
 * every fault: what they were answered could have happened one after another, and nothing
 * acknowledged is lost.
 */
import { seeded, type Random } from '../../src/lib/random';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startGoredis } from '../support/goredis';
import { isLinearizable, type Operation } from '../support/linearizability';
import { redisModel, type ModelInput } from '../support/redis-model';
import { SlowStore } from '../stores/slow';

const KEYS = ['a', 'b', 'c'];
const CLIENTS = 4;
const STEPS = 12;
const SEEDS = process.env['TEST_LONG'] === '1' ? 1000 : 10;
const BASE = Number(process.env['TEST_SEED'] ?? 1);

type History = Operation<ModelInput, string>[];

let uniqueValue = 0;

function randomCommand(random: Random): readonly string[] {
  const key = (): string => KEYS[random.below(KEYS.length)]!;
  const value = `v${++uniqueValue}`;
  switch (random.below(11)) {
    case 0:
    case 1:
      return ['GET', key()];
    case 2:
      return ['SET', key(), value];
    case 3:
      return ['SETNX', key(), value];
    case 4:
      return ['GETDEL', key()];
    case 5:
      return ['DEL', key()];
    case 6:
      return ['APPEND', key(), value];
    case 7:
      return ['INCR', key()];
    case 8:
      return ['MGET', 'a', 'b', 'c'];
    case 9:
      return ['MSET', key(), value, 'c', value];
    default:
      return ['RENAME', 'a', 'b'];
  }
}

function randomInput(random: Random): ModelInput {
  if (random.below(4) > 0) return [randomCommand(random)];
  return Array.from({ length: 2 }, () => randomCommand(random));
}

function encode(input: ModelInput): Buffer {
  const commands = input.map((command) => encodeRequest(command));
  if (input.length === 1) return commands[0]!;
  return Buffer.concat([encodeRequest(['MULTI']), ...commands, encodeRequest(['EXEC'])]);
}

async function play(random: Random, client: RawClient, time: () => number): Promise<History> {
  const history: History = [];
  for (let step = 0; step < STEPS; step++) {
    const inputs = Array.from({ length: 1 + random.below(3) }, () => randomInput(random));
    const calledAt = time();
    client.send(Buffer.concat(inputs.map(encode)));
    for (const input of inputs) {
      const replies = await client.readReplies(input.length === 1 ? 1 : input.length + 2);
      const output = String(replies.at(-1));
      const operation = { input, calledAt };
      if (output.startsWith('-UNKNOWNOUTCOME')) {
        history.push({ ...operation, output: undefined, returnedAt: Infinity });
      } else if (!output.startsWith('-TRYAGAIN')) {
        history.push({ ...operation, output, returnedAt: time() });
      }
    }
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
      let now = 0;
      const time = (): number => ++now;
      const histories = await Promise.all(
        clients.map((client) => play(seeded(random.below(2 ** 31)), client, time)),
      );
      await store.idle();
      // What is there at the end is the last operation: every acknowledged write shows in it.
      const calledAt = time();
      const values = KEYS.map((key) => {
        const { value } = store.truth(0, key);
        return value === undefined ? undefined : textOf(value);
      });
      const last: Operation<ModelInput, string> = {
        input: [['MGET', ...KEYS]],
        output: `*${KEYS.length}\r\n${values.map((text) => (text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`)).join('')}`,
        calledAt,
        returnedAt: time(),
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
