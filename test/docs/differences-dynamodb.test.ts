/** What docs/differences.md says of the store `dynamodb`. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis } from '../support/goredis';
import { clientOn, storeOn } from '../support/on-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';

let local: DynamoLocal;
let tables = 0;

beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());

interface Node {
  readonly client: RawClient;
  readonly aws: DynamoDBClient;
  ask(...words: string[]): Promise<string>;
  stop(): Promise<void>;
}

async function startNode(table: string): Promise<Node> {
  const aws = clientOn(local.endpoint);
  const store = storeOn(local.endpoint, table, { client: aws });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  const ask = async (...words: string[]) => (await client.command(...words)).toString();
  const stop = async (): Promise<void> => {
    client.destroy();
    await goredis.stop();
  };
  return { client, aws, ask, stop };
}

let node: Node;
beforeEach(async () => {
  node = await startNode(`differences-${tables++}`);
});
afterEach(() => node.stop());

/** Sees the answer to every Scan before the store does. */
function onScan(aws: DynamoDBClient, see: (looked: number) => Promise<void> | void): void {
  aws.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      if (context['commandName'] === 'ScanCommand') {
        await see((result.output as { ScannedCount?: number }).ScannedCount ?? 0);
      }
      return result;
    },
    { step: 'initialize' },
  );
}

it('SWAPDB is refused', async () => {
  expect(await node.ask('SWAPDB', '0', '1')).toBe(
    '-ERR store: no other node could know of an exchange in time\r\n',
  );
});

it('DBSIZE and KEYS of an empty database read what is in the others', async () => {
  const { ask, aws } = node;
  await ask('MSET', 'a', '1', 'b', '2', 'c', '3');
  await ask('SELECT', '1');
  let looked = 0;
  onScan(aws, (count) => void (looked += count));
  for (const [words, reply] of [
    [['DBSIZE'], ':0\r\n'],
    [['KEYS', '*'], '*0\r\n'],
  ] as const) {
    looked = 0;
    expect(await ask(...words)).toBe(reply);
    // Three keys, and the table's own item.
    expect(looked).toBeGreaterThanOrEqual(4);
  }
});

it('a page of SCAN may be empty, and the scan finds every key nevertheless', async () => {
  const { ask } = node;
  await ask('MSET', ...Array.from({ length: 30 }, (_, i) => [`other${i}`, 'v']).flat());
  await ask('SELECT', '1');
  await ask('MSET', 'a', '1', 'b', '2');
  const found: string[] = [];
  let empty = 0;
  let cursor = '0';
  do {
    const [, , next = '', , ...rest] = (await ask('SCAN', cursor, 'COUNT', '3')).split('\r\n');
    const keys = rest.filter((line) => /^[ab]$/.test(line));
    if (keys.length === 0) empty++;
    found.push(...keys);
    cursor = next;
  } while (cursor !== '0');
  expect(new Set(found)).toEqual(new Set(['a', 'b']));
  expect(empty).toBeGreaterThan(0);
});

it('RANDOMKEY finds the only key among those of other databases', async () => {
  const { ask } = node;
  await ask('MSET', ...Array.from({ length: 60 }, (_, i) => [`other${i}`, 'v']).flat());
  await ask('SELECT', '1');
  await ask('SET', 'only', 'v');
  for (let i = 0; i < 5; i++) expect(await ask('RANDOMKEY')).toBe('$4\r\nonly\r\n');
});

it('FLUSHALL leaves a key that was written while it ran', async () => {
  const { ask, aws } = node;
  const other = await startNode(`differences-${tables - 1}`);
  await ask('MSET', 'gone', 'v', 'written', 'before');
  onScan(aws, async () => void (await other.ask('SET', 'written', 'after')));
  expect(await ask('FLUSHALL')).toBe('+OK\r\n');
  expect(await other.ask('EXISTS', 'gone')).toBe(':0\r\n');
  expect(await other.ask('GET', 'written')).toBe('$5\r\nafter\r\n');
  await other.stop();
});
