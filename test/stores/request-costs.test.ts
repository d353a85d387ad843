/** The requests that commands make, counted at a fake endpoint: the table of docs/stores.md. */
import { readPage } from '../docs/pages';
import type { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';
import { WRITES } from '../support/fake-dynamodb/faults';
import type { SeenRequest } from '../support/fake-dynamodb/seen-request';
import { startGoredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { COSTS, costsMarkdown, type CostRow } from './request-costs';

async function send(client: RawClient, text: string): Promise<void> {
  const lines = text.split('\n');
  client.send(lines.map((line) => `${line}\r\n`).join(''));
  await client.readReplies(lines.length);
}

/** The requests as the table has them; but for those that look for expired keys by themselves. */
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

async function requestsOf(row: CostRow, chunk: string): Promise<readonly SeenRequest[]> {
  const { store, fake, close } = await openFakeStore();
  const goredis = await startGoredis({ store });
  try {
    const client = await connectRaw(goredis.port);
    if (row.before !== undefined) await send(client, row.before);
    const { foreign, end } = await withRival(fake, row.race);
    fake.takeRequests();
    await send(client, chunk);
    const requests = fake
      .takeRequests()
      .filter((request) => request.operation !== 'Query' && !foreign.has(request));
    await end();
    return requests;
  } finally {
    await goredis.stop();
    await close();
  }
}

/** Another node that sends something before the next write is applied; its requests are `foreign`. */
async function withRival(fake: FakeDynamo, race: string | undefined) {
  const foreign = new Set<SeenRequest>();
  if (race === undefined) return { foreign, end: async () => undefined };
  const other = await openFakeStore({ fake });
  const goredis = await startGoredis({ store: other.store });
  const rival = await connectRaw(goredis.port);
  const happens = async (): Promise<void> => {
    const from = fake.requests.length;
    await send(rival, race);
    for (const request of fake.requests.slice(from)) foreign.add(request);
  };
  fake.faults.once({ kind: 'meanwhile', happens }, ({ operation }) => WRITES.has(operation));
  const end = async (): Promise<void> => {
    await goredis.stop();
    await other.close();
  };
  return { foreign, end };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe.each(COSTS.map((row) => [row.title, row] as const))('%s', (_title, row) => {
  it.each(row.chunks.map((chunk) => [chunk.split('\n').slice(0, 4).join('; '), chunk] as const))(
    '%s',
    async (_name, chunk) => {
      const requests = await requestsOf(row, chunk);
      expect({
        requests: told(requests),
        readUnits: sum(requests.map(({ used }) => used.readUnits)),
        writeUnits: sum(requests.map(({ used }) => used.writeUnits)),
      }).toEqual({
        requests: row.requests,
        readUnits: row.readUnits,
        writeUnits: row.writeUnits,
      });
    },
  );
});

it('is what docs/stores.md tells', () => {
  const [, table] =
    /<!-- costs: test\/stores\/request-costs\.ts -->\n+([^]*?)\n+<!-- end of costs -->/.exec(
      readPage('docs/stores.md'),
    ) ?? [];
  expect(table).toBe(costsMarkdown());
});
