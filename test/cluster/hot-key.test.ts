/** Many clients increment one key: group commit on one node, fair conflicts between four. */
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis, type Goredis } from '../support/goredis';
import { infoOf } from '../support/info';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { goredisOn } from '../support/on-dynamodb';

const CLIENTS = 64;
const DEPTH = 16;
const PIPELINE = Buffer.concat(Array.from({ length: DEPTH }, () => encodeRequest(['INCR', 'hot'])));

let local: DynamoLocal;
let nodes: Goredis[];
let clients: RawClient[];
beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());
afterEach(async () => {
  for (const client of clients) client.destroy();
  for (const node of nodes) await node.stop();
});

async function start(count: number): Promise<void> {
  nodes = [];
  for (let i = 0; i < count; i++) {
    const options = goredisOn(local.endpoint, { dynamodbTable: `hot-key-${count}` });
    nodes.push(await startGoredis(options));
  }
  clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) => connectRaw(nodes[i % count]!.port)),
  );
}

/** The numbers that a pipeline is answered; none for what was refused, and not done. */
async function increment(client: RawClient): Promise<number[]> {
  client.send(PIPELINE);
  const replies = (await client.readReplies(DEPTH)).map(String);
  return replies.flatMap((reply) => {
    if (reply.startsWith('-TRYAGAIN')) return [];
    expect(reply).toMatch(/^:\d+\r\n$/);
    return Number(reply.slice(1));
  });
}

/** Sums of a field of INFO over all nodes. */
async function figure(field: string): Promise<number> {
  let sum = 0;
  for (const { port } of nodes) {
    const client = await connectRaw(port);
    const value = (await infoOf(client)).get(field);
    client.destroy();
    if (value === undefined) throw new Error(`INFO lacks ${field}`);
    sum += Number(value);
  }
  return sum;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

it('64 clients at depth 16 on one node: more than 20 commands a commit', async () => {
  const PIPELINES = 4;
  await start(1);
  const numbers = await Promise.all(
    clients.map(async (client) => {
      const own: number[] = [];
      for (let i = 0; i < PIPELINES; i++) own.push(...(await increment(client)));
      return own;
    }),
  );
  const total = CLIENTS * DEPTH * PIPELINES;
  expect(numbers.flat().sort((a, b) => a - b)).toEqual(upTo(total));
  expect(total / (await figure('store_commits'))).toBeGreaterThan(20);
  expect(await figure('store_conflicts')).toBe(0);
}, 120_000);

it('four nodes: the total is exact, nobody starves, conflicts are counted', async () => {
  const TOTAL = 20_000;
  await start(4);
  let highest = 0;
  const numbers = await Promise.all(
    clients.map(async (client) => {
      const own: number[] = [];
      while (highest < TOTAL) {
        own.push(...(await increment(client)));
        highest = Math.max(highest, own.at(-1) ?? 0);
      }
      return own;
    }),
  );
  const all = numbers.flat();
  expect(all.sort((a, b) => a - b)).toEqual(upTo(all.length));
  const last = await connectRaw(nodes[0]!.port);
  expect(String(await last.command('GET', 'hot'))).toBe(
    `$${String(all.length).length}\r\n${all.length}\r\n`,
  );
  last.destroy();
  const least = Math.min(...numbers.map((own) => own.length));
  expect(least).toBeGreaterThan(all.length / CLIENTS / 4);
  expect(await figure('store_conflicts')).toBeGreaterThan(0);
}, 120_000);
