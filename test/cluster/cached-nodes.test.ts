/**
 * Three nodes with caches, in processes of their own, on one table of DynamoDB Local: one is killed
 * and started again, one is suspended, another program writes the table, keys expire.
 */
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { hashSlot } from '../../src/lib/hash-slot';
import { seeded } from '../../src/lib/random';
import { items, parseReply } from '../oracle/compare';
import { isLongRun, seedOf } from '../oracle/seed';
import { BoundedLoad, type LoadNode } from '../support/bounded-load';
import { findViolation, violationReport } from '../support/bounded-reads';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startDynamoNodes, type DynamoNode } from '../support/dynamodb-node';
import { infoOf } from '../support/info';
import { clientOn } from '../support/on-dynamodb';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';

const TABLE = 'cached-nodes';
const NODES = 3;
const MAX_STALENESS_MS = 1500;
const SUSPENDED_MS = isLongRun ? 10_000 : 3000;
const ROUNDS = isLongRun ? 10 : 1;
const ARGS = ['--store', 'cached', '--max-staleness', String(MAX_STALENESS_MS)];
const POLL_MS = 50;
/** A busy machine is no failure. */
const PATIENCE_MS = 180_000;

const seed = seedOf();
let local: DynamoLocal;
let nodes: readonly DynamoNode[] = [];
beforeAll(async () => {
  local = await startDynamoLocal();
  nodes = await startDynamoNodes(local, TABLE, NODES, ARGS);
  for (const node of nodes) await isWarm(node);
}, PATIENCE_MS);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await local.stop();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, i) => `${name}:${i}`);

/** Asks again and again; the test's time-out ends it otherwise. */
async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(POLL_MS);
}

async function ask(node: DynamoNode, ...requests: readonly string[][]): Promise<string[]> {
  const client = await connectRaw(node.port);
  const replies = await pipeline(client, requests);
  client.destroy();
  return replies;
}

async function pipeline(client: RawClient, requests: readonly string[][]): Promise<string[]> {
  client.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
  return (await client.readReplies(requests.length)).map((reply) => reply.toString('latin1'));
}

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const get = (key: string): string[] => ['GET', key];

async function infoOn(node: DynamoNode): Promise<Map<string, string>> {
  const client = await connectRaw(node.port);
  const fields = await infoOf(client);
  client.destroy();
  return fields;
}

/** How often it has dropped its cache, or lost its place in the stream. */
async function losses(node: DynamoNode): Promise<number> {
  const fields = await infoOn(node);
  return Number(fields.get('flushes')) + Number(fields.get('gaps'));
}

/** From now on it caches what it reads. */
function isWarm(node: DynamoNode): Promise<void> {
  return eventually(async () => (await infoOn(node)).get('state') === 'following');
}

/** Reads the keys on a node until all of them come from its cache. */
async function cache(node: DynamoNode, keys: readonly string[]): Promise<void> {
  const client = await connectRaw(node.port);
  const hits = async (): Promise<number> => Number((await infoOf(client, 'cache')).get('hits'));
  await eventually(async () => {
    const before = await hits();
    await pipeline(client, keys.map(get));
    return (await hits()) - before >= keys.length;
  });
  client.destroy();
}

it(
  'a third node that follows is one too many, and told of',
  async () => {
    for (const node of nodes) {
      await eventually(async () => (await infoOn(node)).get('followers') === String(NODES));
      await eventually(() => node.log.includes(`${NODES} nodes follow the stream of the table`));
    }
  },
  PATIENCE_MS,
);

/** Clients that increment one key on all nodes. */
class Increments {
  readonly acknowledged: number[] = [];
  /** What may have happened. */
  private inDoubt = 0;
  private stopped = false;
  private readonly running: Promise<void>[];

  constructor(
    readonly key: string,
    ports: () => readonly number[],
  ) {
    this.running = Array.from({ length: 2 * NODES }, (_, i) => this.run(i, ports));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** @param value what is there when nothing is under way */
  check(value: number): void {
    const { acknowledged, inDoubt } = this;
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    expect(value).toBeGreaterThanOrEqual(Math.max(...acknowledged, acknowledged.length));
    expect(value).toBeLessThanOrEqual(acknowledged.length + inDoubt);
  }

  private async run(i: number, ports: () => readonly number[]): Promise<void> {
    let client: RawClient | undefined;
    let last = 0;
    while (!this.stopped) {
      try {
        client ??= await connectRaw(ports()[i % ports().length]!);
        this.inDoubt++;
        const reply = String(await client.command('INCR', this.key));
        if (!reply.startsWith('-UNKNOWNOUTCOME')) this.inDoubt--;
        if (reply.startsWith(':')) {
          expect(Number(reply.slice(1))).toBeGreaterThan(last);
          last = Number(reply.slice(1));
          this.acknowledged.push(last);
        }
      } catch (error) {
        // The node was killed. What `expect` throws is of a class of its own.
        if (error instanceof Error && error.constructor !== Error) throw error;
        client = undefined;
      }
      await sleep(POLL_MS);
    }
    client?.destroy();
  }
}

/** Stops a node for a while in which another one writes what it has cached. */
async function suspend(node: DynamoNode, writer: DynamoNode, keys: string[]): Promise<void> {
  await ask(writer, ...keys.map((key) => ['SET', key, 'old']));
  await cache(node, keys);
  const [early, late] = [await connectRaw(node.port), await connectRaw(node.port)];
  const changed = keys.map(() => bulk('new'));
  node.suspend();
  await ask(writer, ...keys.map((key) => ['SET', key, 'new']));
  // It finds this in its socket when it goes on.
  const first = pipeline(early, keys.map(get));
  await sleep(SUSPENDED_MS);
  node.resume();
  expect(await pipeline(late, keys.map(get))).toEqual(changed);
  expect(await first).toEqual(changed);
  for (const client of [early, late]) client.destroy();
}

it(`one node is killed, one is suspended: nothing is lost, nothing goes back (TEST_SEED=${seed})`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const random = seeded(seed + round);
    const reachable: LoadNode[] = nodes.map(({ port }, i) => ({ name: `node ${i}`, port }));
    const load = new BoundedLoad({
      random,
      nodes: () => reachable,
      groups: 12,
      prefix: `${seed + round}`,
      pauseMs: 40,
    });
    const shared = new Increments(`shared:${seed + round}`, () => nodes.map(({ port }) => port));
    load.start();
    await sleep(1000);
    const [killed, suspended, other] = [...nodes].sort(() => random.next() - 0.5) as [
      DynamoNode,
      DynamoNode,
      DynamoNode,
    ];
    const at = nodes.indexOf(killed);
    await killed.kill();
    await killed.restart();
    reachable[at] = { name: `node ${at} again`, port: killed.port };
    load.readOn(reachable[at]);
    await suspend(suspended, other, numbered(50, `probe:${round}`));
    await sleep(1000);
    await Promise.all([load.stop(), shared.stop()]);
    await sleep(MAX_STALENESS_MS);
    await load.readAll();
    const violation = findViolation(load, { boundMs: MAX_STALENESS_MS, transactions: 10 });
    if (violation !== undefined) throw new Error(violationReport(load, violation));
    for (const node of nodes) {
      const [count] = await ask(node, get(shared.key));
      shared.check(Number(String(parseReply(Buffer.from(count!))).slice(1)));
    }
  }
}, 3_600_000);

describe('another program that writes the table', () => {
  let program: DynamoDBClient;
  beforeAll(() => (program = clientOn(local.endpoint)));
  afterAll(() => program.destroy());

  /** Where docs/stores.md says that a key is. */
  function placeOf(key: string): Record<'p' | 's', AttributeValue> {
    const slot = hashSlot(key);
    const hash = createHash('sha256').update(key).digest().subarray(0, 7);
    return {
      p: { B: Buffer.of(0, slot >> 8, slot & 0xff) },
      s: { B: Buffer.concat([hash, Buffer.from(key)]) },
    };
  }

  async function put(key: string, attributes: Record<string, AttributeValue>): Promise<void> {
    const Item = { ...placeOf(key), ...attributes };
    await program.send(new PutItemCommand({ TableName: TABLE, Item }));
  }

  async function versionOf(key: string): Promise<number> {
    const request = { TableName: TABLE, Key: placeOf(key), ConsistentRead: true };
    const { Item: item } = await program.send(new GetItemCommand(request));
    return Number(item?.['v']?.N ?? Date.now() * 1000);
  }

  /** A string, as docs/stores.md describes it. */
  const stringItem = (version: number, value: string) => ({
    t: { S: 's' },
    d: { B: Buffer.concat([Buffer.of(0x10), Buffer.from(value)]) },
    v: { N: String(version) },
    c: { N: String(Date.now()) },
  });

  it(
    'is seen by all nodes; what nobody can read is an error for its key alone',
    async () => {
      const others = numbered(20, 'untouched');
      const junk = numbered(5, 'junk');
      const [fresh, changed, gone] = ['foreign:fresh', 'foreign:changed', 'foreign:gone'];
      const there = [changed, gone, ...others, ...junk];
      await ask(nodes[0]!, ...there.map((key) => ['SET', key, 'old']));
      for (const node of nodes) await cache(node, [fresh, ...there]);
      const lossesBefore = await Promise.all(nodes.map(losses));

      await put(fresh, stringItem(Date.now() * 1000, 'theirs'));
      await put(changed, stringItem((await versionOf(changed)) + 1, 'theirs'));
      await program.send(new DeleteItemCommand({ TableName: TABLE, Key: placeOf(gone) }));
      const unknownKind = (bytes: number): Record<string, AttributeValue> => ({
        ...stringItem(Date.now() * 1000, ''),
        d: { B: Buffer.alloc(bytes, 0x77) },
      });
      const unreadable: Record<string, AttributeValue>[] = [
        { t: { S: 's' } },
        { t: { S: 's' }, v: { N: String(Date.now() * 1000) } },
        { ...stringItem(0, ''), v: { S: 'one' } },
        unknownKind(10),
        unknownKind(10_000),
      ];
      for (const [i, attributes] of unreadable.entries()) await put(junk[i]!, attributes);
      await sleep(MAX_STALENESS_MS);

      const readable = [fresh, changed, gone, ...others];
      const values = [bulk('theirs'), bulk('theirs'), '$-1\r\n', ...others.map(() => bulk('old'))];
      for (const node of nodes) {
        expect(await ask(node, ...readable.map(get))).toEqual(values);
        for (const reply of await ask(node, ...junk.map(get)))
          expect(reply).toMatch(/^-ERR store: /);
        // Also when the table is asked for both together.
        const strong = ['GOREDIS.CONSISTENCY', 'strong'];
        const mixed = [strong, get(others[0]!), get(junk[0]!), get(others[1]!), get(junk[4]!)];
        const replies = (await ask(node, ...mixed)).map((reply) => reply.split(':')[0]);
        expect(replies).toEqual(['+OK\r\n', bulk('old'), '-ERR store', bulk('old'), '-ERR store']);
        // A busy node may have asked the table: so once more, when it answers from its cache.
        await cache(node, readable);
        expect(await ask(node, ...readable.map(get))).toEqual(values);
        // The last one is decoded only when somebody reads it.
        const known = (): Promise<boolean> =>
          infoOn(node).then((fields) => Number(fields.get('undecodable_items')) >= 4);
        await eventually(known);
        expect(node.log.split('The table has an item that goredis cannot read').length).toBe(2);
      }

      for (const key of junk) {
        await program.send(new DeleteItemCommand({ TableName: TABLE, Key: placeOf(key) }));
      }
      const all = [fresh, changed, gone, ...junk];
      await ask(nodes[1]!, ...all.map((key) => ['SET', key, 'ours']));
      await sleep(MAX_STALENESS_MS);
      for (const node of nodes) {
        expect(await ask(node, ...all.map(get))).toEqual(all.map(() => bulk('ours')));
      }
      expect(await Promise.all(nodes.map(losses))).toEqual(lossesBefore);
    },
    PATIENCE_MS,
  );
});

/** Hears on a node of keys that expire. */
class Deaths {
  /** By key, when it was told of. */
  readonly heardMs = new Map<string, number[]>();

  static async start(node: DynamoNode): Promise<Deaths> {
    const client = await connectRaw(node.port);
    await client.command('SUBSCRIBE', '__keyevent@0__:expired');
    return new Deaths(client);
  }

  private constructor(private readonly client: RawClient) {
    void this.listen();
  }

  close(): void {
    this.client.destroy();
  }

  private async listen(): Promise<void> {
    const { client, heardMs } = this;
    for (;;) {
      const message = await client.readReply().catch(() => undefined);
      if (message === undefined) return;
      const key = String(items(parseReply(message))[2]).slice(1);
      heardMs.set(key, [...(heardMs.get(key) ?? []), Date.now()]);
    }
  }
}

it(
  `each key expires once, for all nodes, not before its time (TEST_SEED=${seed})`,
  async () => {
    const random = seeded(seed);
    const KEYS = 200;
    /** A node that has only read a key comes so much later to remove it. */
    const READERS_COME_MS = 600;
    await ask(nodes[0]!, ['CONFIG', 'SET', 'notify-keyspace-events', 'KEA']);
    for (const node of nodes) {
      const setting = ['CONFIG', 'GET', 'notify-keyspace-events'];
      await eventually(async () => (await ask(node, setting))[0]!.includes('AKE'));
      await isWarm(node);
    }
    const listeners = await Promise.all(nodes.map((node) => Deaths.start(node)));
    const clients = await Promise.all(nodes.map(({ port }) => connectRaw(port)));

    const notBeforeMs = new Map<string, number>();
    const keys = numbered(KEYS, 'mortal');
    await Promise.all(
      keys.map(async (key, i) => {
        const lifeMs = 200 + random.below(2500);
        notBeforeMs.set(key, Date.now() + lifeMs);
        await clients[i % NODES]!.command('SET', key, 'v', 'PX', String(lifeMs));
        await clients[(i + 1) % NODES]!.command('GET', key);
        await clients[(i + 2) % NODES]!.command('GET', key);
      }),
    );
    const allHeard = (some: readonly string[]): boolean =>
      listeners.every(({ heardMs }) => some.every((key) => heardMs.has(key)));
    await eventually(() => allHeard(keys));
    await sleep(READERS_COME_MS);
    // What was told of the others comes before.
    await clients[0]!.command('SET', 'the last', 'v', 'PX', '1');
    await eventually(() => allHeard(['the last']));

    for (const { heardMs } of listeners) {
      expect(keys.filter((key) => heardMs.get(key)!.length !== 1)).toEqual([]);
      const early = keys.filter((key) => heardMs.get(key)![0]! < notBeforeMs.get(key)!);
      expect(early).toEqual([]);
    }
    for (const node of nodes) {
      expect(await ask(node, ['EXISTS', ...keys])).toEqual([':0\r\n']);
    }
    await ask(nodes[0]!, ['CONFIG', 'SET', 'notify-keyspace-events', '']);
    for (const client of [...clients, ...listeners]) {
      if (client instanceof Deaths) client.close();
      else client.destroy();
    }
  },
  PATIENCE_MS,
);
