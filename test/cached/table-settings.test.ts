/** What one node sets for all reaches those, too, that follow no stream. */
import { ManualClock } from '../../src/lib/clock';
import { LineLogger, silentLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { TableSettings } from '../../src/stores/cached/table-settings';
import type { SystemItems } from '../../src/stores/dynamodb/system-items';
import { WireError } from '../support/fake-dynamodb/errors';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { all, onOperation, onSystemItem } from '../support/fake-dynamodb/faults';
import { startGoredis, type Goredis } from '../support/goredis';
import { goredisOn } from '../support/on-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';
import { turns, until } from '../support/until';

const OPTION = 'notify-keyspace-events';
/** Between two reads, at least and at most. */
const SHORTEST_MS = 45_000;
const LONGEST_MS = 75_000;
const onSetting = all(onOperation('GetItem'), onSystemItem);

let fake: FakeDynamo;
let clock: ManualClock;
let lines: string[];
let other: RawClient;
let node: Goredis;
let client: RawClient;
const servers: Goredis[] = [];
beforeEach(async () => {
  fake = await FakeDynamo.start();
  const one = await startGoredis(goredisOn(fake.endpoint));
  other = await connectRaw(one.port);
  clock = new ManualClock();
  lines = [];
  const log = new LineLogger('notice', (line) => lines.push(line), clock);
  node = await startGoredis(goredisOn(fake.endpoint, { clock, log }));
  client = await connectRaw(node.port);
  servers.push(one, node);
  fake.takeRequests();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await fake.stop();
});

const set = (on: RawClient, value: string): Promise<unknown> =>
  on.command('CONFIG', 'SET', OPTION, value);

async function setting(): Promise<string> {
  const reply = await client.command('CONFIG', 'GET', OPTION);
  return String(reply).split('\r\n')[4]!;
}
const reads = () => fake.takeRequests().filter(onSetting);

/** A minute, more or less: until it has been read again. */
async function minute(): Promise<void> {
  const answered = fake.answered(onSetting);
  clock.advance(LONGEST_MS);
  await answered;
}
const said = (text: string): number => lines.filter((line) => line.includes(text)).length;

it('a node without events learns within 75 seconds which ones another node wants', async () => {
  await set(other, 'Ex');
  fake.takeRequests();
  clock.advance(SHORTEST_MS - 1);
  expect(await setting()).toBe('');
  expect(reads()).toEqual([]);
  await minute();
  await until(async () => (await setting()) === 'xE');
  expect(reads()).toMatchObject([{ body: { ConsistentRead: true }, used: { readUnits: 1 } }]);
  expect(said(`${OPTION} is now "xE", as for all nodes`)).toBe(1);
  await set(other, '');
  await minute();
  await until(async () => (await setting()) === '');
});

it('an answer that CONFIG SET of its own client has overtaken is not taken', async () => {
  await set(other, 'Ex');
  const happens = (): Promise<unknown> => set(client, '');
  fake.faults.once({ kind: 'meanwhile', happens, after: true }, onSetting);
  await minute();
  expect(reads()).toHaveLength(1);
  await turns(50);
  expect(await setting()).toBe('');
  await minute();
  await turns(50);
  expect(await setting()).toBe('');
  expect(said('as for all nodes')).toBe(0);
});

it('a read that fails is told once, and made again after a second, then two, until it succeeds', async () => {
  const denied = new WireError('AccessDeniedException', 'not authorized');
  const end = fake.faults.always({ kind: 'error', error: denied }, onSetting);
  await minute();
  await until(() => said('What other nodes have set is not seen: ') === 1);
  for (const pauseMs of [1000, 2000]) {
    clock.advance(pauseMs - 1);
    await turns(50);
    const answered = fake.answered(onSetting);
    expect(reads()).toHaveLength(1);
    clock.advance(1);
    await answered;
    await turns(50);
  }
  end();
  await set(other, 'Ex');
  clock.advance(4000);
  await until(async () => (await setting()) === 'xE');
  expect(said('What other nodes have set is not seen')).toBe(1);
  expect(said('What other nodes have set is seen again')).toBe(1);
});

it('nothing is read any more once the node is closed', async () => {
  await node.stop();
  fake.takeRequests();
  clock.advance(10 * LONGEST_MS);
  await turns(50);
  expect(reads()).toEqual([]);
});

it('who asks gets nothing older than what the stream has told meanwhile', async () => {
  const answers = ['old', 'new'];
  const system = {
    setting: async () => {
      const answer = answers.shift();
      if (answer === 'old') settings.heard(OPTION, 'new');
      return answer;
    },
  };
  const settings = new TableSettings({
    system: system as Partial<SystemItems> as SystemItems,
    clock,
    random: seeded(1),
    log: silentLogger,
  });
  expect(await settings.get(OPTION)).toBe('new');
});
