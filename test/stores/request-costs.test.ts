/** The requests that commands make, counted at a fake endpoint: the table of docs/stores.md. */
import { seeded, type Random } from '../../src/lib/random';
import { readPage } from '../docs/pages';
import { startCachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { all, not, onSystemItem, onWrite } from '../support/fake-dynamodb/faults';
import type { SeenRequest } from '../support/fake-dynamodb/seen-request';
import { startGoredis, type Goredis } from '../support/goredis';
import { goredisOn } from '../support/on-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';
import { COSTS, FREE_DATABASE, costsMarkdown, type CostRow } from './request-costs';

/** Each chunk has one of its own. */
const DATABASES = 255;
/** RANDOMKEY begins where the table does: otherwise it may take a second page. */
const RANDOM: Random = { next: () => 0, below: seeded(1).below };

async function send(client: RawClient, text: string): Promise<void> {
  const lines = text.split('\n');
  client.send(lines.map((line) => `${line}\r\n`).join(''));
  await client.readReplies(lines.length);
}

/** Not what nodes do by themselves: beacons, the stream, the search for expired keys. */
const isOfClients = all(({ operation }) => /Items?$|^Scan$/.test(operation), not(onSystemItem));

/** The requests as the table has them. */
function told(requests: readonly SeenRequest[]): string {
  const counted: { name: string; count: number }[] = [];
  for (const { operation, keys } of requests) {
    const name = /^(Batch|Transact)/.test(operation) ? `${operation} (${keys.length})` : operation;
    const last = counted.at(-1);
    if (last?.name === name) last.count++;
    else counted.push({ name, count: 1 });
  }
  return counted.map(({ name, count }) => (count > 1 ? `${count} ${name}` : name)).join(' + ');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function costOf(requests: readonly SeenRequest[]) {
  return {
    requests: told(requests),
    readUnits: sum(requests.map(({ used }) => used.readUnits)),
    writeUnits: sum(requests.map(({ used }) => used.writeUnits)),
  };
}

/** One node that is looked at, and another one that writes what is there before. */
class Stage {
  private nextDatabase = 0;

  static async open(store: 'dynamodb' | 'cached'): Promise<Stage> {
    const fake = await FakeDynamo.start();
    const other = await startGoredis(goredisOn(fake.endpoint, { databases: DATABASES }));
    const options = { databases: DATABASES, random: RANDOM };
    // What is in the cache is what the node itself has read, and fresh however long that is ago.
    const cache = { cachePopulate: false, maxStalenessMs: 8000, streamCallsPerSecond: 100 };
    const node =
      store === 'cached'
        ? await startCachedNode(fake.endpoint, { ...options, ...cache })
        : await startGoredis(goredisOn(fake.endpoint, options));
    const [client, otherClient] = [await connectRaw(node.port), await connectRaw(other.port)];
    return new Stage(fake, [node, other], client, otherClient);
  }

  private constructor(
    private readonly fake: FakeDynamo,
    private readonly nodes: readonly Goredis[],
    private readonly client: RawClient,
    private readonly other: RawClient,
  ) {}

  async close(): Promise<void> {
    for (const node of this.nodes) await node.stop();
    await this.fake.stop();
  }

  /** @param warm whether the node has read before what the chunk names */
  async requestsOf(row: CostRow, chunk: string, warm: boolean): Promise<readonly SeenRequest[]> {
    const db = this.nextDatabase++;
    const moves = chunk.includes(FREE_DATABASE);
    const free = moves ? this.nextDatabase++ : db;
    await send(this.client, 'RESET');
    for (const client of [this.client, this.other]) await send(client, `SELECT ${db}`);
    if (row.before !== undefined) await send(this.other, row.before);
    if (warm) {
      const exists = `EXISTS ${[...new Set(chunk.split(/\s+/))].join(' ')}`;
      await send(this.client, `SELECT ${free}\n${exists}\nSELECT ${db}\n${exists}`);
    }
    const foreign = this.race(row);
    this.fake.takeRequests();
    await send(this.client, chunk.replace(FREE_DATABASE, String(free)));
    return this.fake
      .takeRequests()
      .filter((request) => isOfClients(request) && !foreign.has(request));
  }

  /** The other node sends something before the next write is applied. @returns its requests */
  private race({ race }: CostRow): ReadonlySet<SeenRequest> {
    const foreign = new Set<SeenRequest>();
    if (race === undefined) return foreign;
    const { fake } = this;
    const happens = async (): Promise<void> => {
      const from = fake.requests.length;
      await send(this.other, race);
      for (const request of fake.requests.slice(from)) foreign.add(request);
    };
    fake.faults.once({ kind: 'meanwhile', happens }, all(onWrite, not(onSystemItem)));
    return foreign;
  }
}

const shown = (chunk: string): string => chunk.split('\n').slice(0, 4).join('; ');

/** Chunks that look at the whole table have one of their own. */
describe.each(['dynamodb', 'cached'] as const)('--store %s', (store) => {
  let shared: Stage;
  beforeAll(async () => {
    shared = await Stage.open(store);
  });
  afterAll(() => shared.close());

  async function costOfChunk(row: CostRow, chunk: string, warm: boolean) {
    if (row.wholeTable !== true) return costOf(await shared.requestsOf(row, chunk, warm));
    const own = await Stage.open(store);
    try {
      return costOf(await own.requestsOf(row, chunk, warm));
    } finally {
      await own.close();
    }
  }

  describe.each(COSTS.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const { requests, readUnits, writeUnits, missed = { requests, readUnits }, cached } = row;
    const chunks = row.chunks.map((chunk) => [shown(chunk), chunk] as const);

    if (store === 'dynamodb') {
      it.each(chunks)('%s', async (_name, chunk) => {
        const cost = await costOfChunk(row, chunk, false);
        expect(cost).toEqual({ requests, readUnits, writeUnits });
      });
      return;
    }
    it.each(chunks)('%s, of keys that are not in the cache', async (_name, chunk) => {
      expect(await costOfChunk(row, chunk, false)).toEqual({ ...missed, writeUnits });
    });
    it.each(chunks)('%s, of keys that are', async (_name, chunk) => {
      expect(await costOfChunk(row, chunk, true)).toEqual({ ...cached, writeUnits });
    });
  });
});

it('is what docs/stores.md tells', () => {
  const [, table] =
    /<!-- costs: test\/stores\/request-costs\.ts -->\n+([^]*?)\n+<!-- end of costs -->/.exec(
      readPage('docs/stores.md'),
    ) ?? [];
  expect(table).toBe(costsMarkdown());
});
