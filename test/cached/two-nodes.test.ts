import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';

let fake: FakeDynamo;
const nodes: CachedNode[] = [];
const clients: RawClient[] = [];
beforeAll(async () => {
  fake = await FakeDynamo.start();
  for (let i = 0; i < 2; i++) {
    nodes.push(await startCachedNode(fake.endpoint, { streamCallsPerSecond: 100 }));
    clients.push(await connectRaw(nodes[i]!.port));
  }
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  for (const node of nodes) await node.stop();
  await fake.stop();
});

/** What clients have made the nodes ask of the table, beside what they ask by themselves. */
function requestsForClients(): string[] {
  return fake
    .takeRequests()
    .map(({ operation }) => operation)
    .filter((operation) => /GetItem|Transact/.test(operation));
}

async function ask(node: number, line: string): Promise<string> {
  return (await clients[node]!.command(...line.split(' '))).toString('latin1');
}

/** Until the node has seen everything that was written before. */
const caughtUp = (node: number): Promise<void> => nodes[node]!.store.follower.caughtUp();

it('reads what another node wrote, from the second time on without a request', async () => {
  await ask(0, 'SET a 1');
  fake.takeRequests();
  expect(await ask(1, 'GET a')).toBe('$1\r\n1\r\n');
  await caughtUp(1);
  fake.takeRequests();
  expect(await ask(1, 'GET a')).toBe('$1\r\n1\r\n');
  expect(requestsForClients()).toEqual([]);
});

it('replaces what it has cached when another node overwrites it', async () => {
  await ask(0, 'SET b 1');
  await ask(1, 'GET b');
  await ask(0, 'SET b 2');
  await caughtUp(1);
  fake.takeRequests();
  expect(await ask(1, 'GET b')).toBe('$1\r\n2\r\n');
  expect(requestsForClients()).toEqual([]);
});

it('knows a key that another node has set before anybody reads it here', async () => {
  await caughtUp(1);
  await ask(0, 'SET c 1');
  await caughtUp(1);
  fake.takeRequests();
  expect(await ask(1, 'GET c')).toBe('$1\r\n1\r\n');
  expect(requestsForClients()).toEqual([]);
});

it('writes a cached key without reading it', async () => {
  await ask(0, 'SET n 1');
  await caughtUp(0);
  fake.takeRequests();
  expect(await ask(0, 'INCR n')).toBe(':2\r\n');
  expect(requestsForClients()).toEqual([]);
});

it('gives a strong connection what is in the table', async () => {
  await ask(0, 'SET d 1');
  await caughtUp(1);
  await ask(1, 'GET d');
  await ask(1, 'GOREDIS.CONSISTENCY strong');
  fake.takeRequests();
  expect(await ask(1, 'GET d')).toBe('$1\r\n1\r\n');
  expect(requestsForClients()).toEqual(['GetItem']);
  await ask(1, 'GOREDIS.CONSISTENCY bounded');
});

it('sets notify-keyspace-events for all nodes', async () => {
  expect(await ask(0, 'CONFIG SET notify-keyspace-events KEA')).toBe('+OK\r\n');
  await caughtUp(1);
  expect(await ask(1, 'CONFIG GET notify-keyspace-events')).toContain('AKE');
  await ask(0, 'CONFIG SET notify-keyspace-events ""');
});
