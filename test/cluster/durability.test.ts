/**
 * The only node is killed by `kill -9` under load, again and again. Whatever was acknowledged is
 * there afterwards, and what was not is there once, as a whole, or not at all.
 */
import { seeded } from '../../src/lib/random';
import { items, parseReply } from '../oracle/compare';
import { isLongRun, seedOf } from '../oracle/seed';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { DynamoNode } from '../support/dynamodb-node';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';

const KILLS = 20;
/** Up to so many pipelines are answered before a kill. */
const MOST_PIPELINES = isLongRun ? 100 : 12;
const WRITERS = 8;

let local: DynamoLocal;
beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());

/** What one connection after another has sent for a writer, a pipeline at a time. */
class Writer {
  /** How many pipelines were sent; each writes its number. */
  sent = 0;
  /** The numbers of those whose replies came, by what was to be written. */
  readonly acknowledged: Record<'set' | 'count' | 'shared' | 'push' | 'pair', number[]> = {
    set: [],
    count: [],
    shared: [],
    push: [],
    pair: [],
  };

  constructor(private readonly id: number) {}

  /** Writes until the connection breaks. @param told of each pipeline that was answered */
  async work(client: RawClient, told: () => void): Promise<void> {
    const { id, acknowledged } = this;
    try {
      for (;;) {
        const n = ++this.sent;
        const text = String(n);
        const requests = [
          ['SET', `set:${id}:${n}`, text],
          ['INCR', `count:${id}`],
          ['INCR', 'shared'],
          ['RPUSH', `list:${id}`, text],
          ['MULTI'],
          ['SET', `left:${id}`, text],
          ['SET', `right:${id}`, text],
          ['EXEC'],
        ];
        client.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
        expect(String(await client.readReply())).toBe('+OK\r\n');
        acknowledged.set.push(n);
        expect(String(await client.readReply())).toMatch(/^:\d+\r\n$/);
        acknowledged.count.push(n);
        expect(String(await client.readReply())).toMatch(/^:\d+\r\n$/);
        acknowledged.shared.push(n);
        expect(String(await client.readReply())).toMatch(/^:\d+\r\n$/);
        acknowledged.push.push(n);
        expect((await client.readReplies(4)).at(-1)!.toString()).toBe('*2\r\n+OK\r\n+OK\r\n');
        acknowledged.pair.push(n);
        told();
      }
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('connection closed')) throw error;
    }
  }

  /** Compares what is there with what was acknowledged and sent. */
  async check(client: RawClient, setsFrom: number): Promise<void> {
    const { id, acknowledged, sent } = this;
    const sets = acknowledged.set.filter((n) => n >= setsFrom);
    client.send(Buffer.concat(sets.map((n) => encodeRequest(['GET', `set:${id}:${n}`]))));
    const values = (await client.readReplies(sets.length)).map(bulk);
    expect(values).toEqual(sets.map(String));

    const count = Number(bulk(await client.command('GET', `count:${id}`)));
    expect(count).toBeGreaterThanOrEqual(acknowledged.count.length);
    expect(count).toBeLessThanOrEqual(sent);

    const list = bulks(await client.command('LRANGE', `list:${id}`, '0', '-1')).map(Number);
    // In the order of sending, each once.
    expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
    expect(list).toEqual(expect.arrayContaining(acknowledged.push));
    expect(list.at(-1)).toBeLessThanOrEqual(sent);

    // -1: neither is there.
    const [left, right] = bulks(await client.command('MGET', `left:${id}`, `right:${id}`));
    expect(left).toBe(right);
    expect(Number(left)).toBeGreaterThanOrEqual(acknowledged.pair.at(-1) ?? -1);
    expect(Number(left)).toBeLessThanOrEqual(sent);
  }
}

function bulk(reply: Buffer): string {
  return reply.toString('latin1').split('\r\n')[1] ?? '';
}

function bulks(reply: Buffer): string[] {
  return items(parseReply(reply)).map((element) => String(element).slice(1));
}

const seed = seedOf();

it(`loses nothing acknowledged over ${KILLS} kills (TEST_SEED=${seed})`, async () => {
  const random = seeded(seed);
  const node = await DynamoNode.start(local, 'durability');
  const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(id));
  for (let kill = 0; kill < KILLS; kill++) {
    const before = writers.map(({ sent }) => sent);
    // Killed after so many pipelines, so that it happens while others are under way.
    let left = 1 + random.below(MOST_PIPELINES);
    let killed: Promise<void> | undefined;
    const told = (): void => {
      if (--left === 0) killed = node.kill();
    };
    const clients = await Promise.all(writers.map(() => connectRaw(node.port)));
    await Promise.all(writers.map((writer, i) => writer.work(clients[i]!, told)));
    await killed;
    await node.restart();

    const reader = await connectRaw(node.port);
    await Promise.all(writers.map((writer, i) => writer.check(reader, before[i]!)));
    const shared = Number(bulk(await reader.command('GET', 'shared')));
    const total = (of: (writer: Writer) => number): number =>
      writers.reduce((sum, writer) => sum + of(writer), 0);
    expect(shared).toBeGreaterThanOrEqual(total((writer) => writer.acknowledged.shared.length));
    expect(shared).toBeLessThanOrEqual(total(({ sent }) => sent));
    reader.destroy();
  }
  const reader = await connectRaw(node.port);
  for (const writer of writers) await writer.check(reader, 0);
  reader.destroy();
  await node.stop();
}, 600_000);
