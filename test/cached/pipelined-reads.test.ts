/** Reads behind others of their own connection: they take a way of their own (engine/batch.ts). */
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';

let fake: FakeDynamo;
let writer: Goredis;
let node: CachedNode;
let there: RawClient;
let here: RawClient;
beforeEach(async () => {
  fake = await FakeDynamo.start();
  writer = await startGoredis({ store: 'dynamodb', dynamodbEndpoint: fake.endpoint });
  there = await connectRaw(writer.port);
  await there.command('MSET', 'a', '0', 'b', '0', 'c', '0');
  node = await startCachedNode(fake.endpoint, { maxStalenessMs: 8000 });
  here = await connectRaw(node.port);
});
afterEach(async () => {
  for (const client of [here, there]) client.destroy();
  await node.stop();
  await writer.stop();
  await fake.stop();
});

it('MGET that finds some keys in the cache and loads others does not see half a transaction', async () => {
  await here.command('GET', 'a');
  fake.streams.of('goredis').hold();
  await there.command('MSET', 'a', '1', 'b', '1');
  here.send('GET c\r\nMGET c a b\r\n');
  const replies = await here.readReplies(2);
  expect(String(replies[1])).toBe('*3\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n1\r\n');
});
