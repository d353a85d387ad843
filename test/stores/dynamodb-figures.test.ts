/** What INFO and Prometheus tell of DynamoDB. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis, type Goredis } from '../support/goredis';
import { clientOn, goredisOn } from '../support/on-dynamodb';
import { infoOf } from '../support/info';
import { connectRaw, type RawClient } from '../support/raw-client';
import { Metrics } from '../../src/server/metrics';

let local: DynamoLocal;
let goredis: Goredis;
let client: RawClient;

beforeAll(async () => {
  local = await startDynamoLocal();
  goredis = await startGoredis(goredisOn(local.endpoint, { dynamodbTable: 'figures' }));
  client = await connectRaw(goredis.port);
}, 60_000);
afterAll(async () => {
  client.destroy();
  await goredis.stop();
  await local.stop();
});

it('counts requests and units, and what each command has cost', async () => {
  await client.command('CONFIG', 'RESETSTAT');
  const before = await infoOf(client, 'dynamodb');
  await client.command('SET', 'a', 'v');
  client.send('GET a\r\nGET b\r\nGET c\r\nSTRLEN d\r\n');
  await client.readReplies(4);
  await client.command('MSET', 'x', '1', 'y', '2');
  const after = await infoOf(client, 'dynamodb');
  const grown = (field: string): number => Number(after.get(field)) - Number(before.get(field));
  expect(
    ['updateitem', 'batchgetitem', 'transactwriteitems', 'scan'].map((name) =>
      grown(`requests_${name}`),
    ),
  ).toEqual([1, 2, 1, 0]);
  expect(grown('read_units')).toBeGreaterThan(0);
  expect(grown('write_units')).toBeGreaterThan(2);
  expect(Number(after.get('latency_p50_ms'))).toBeGreaterThan(0);
  expect(after.get('in_flight')).toBe('0');

  const costs = await infoOf(client, 'commandcost');
  expect([...costs.keys()]).toEqual(
    expect.arrayContaining(['cmdcost_get', 'cmdcost_mset', 'cmdcost_set', 'cmdcost_strlen']),
  );
  expect(costs.get('cmdcost_set')).toMatch(/^requests=1,read_units=0,write_units=[\d.]+$/);
  // Four reads share a request.
  expect(costs.get('cmdcost_get')).toMatch(/^requests=0.75,read_units=[\d.]+,write_units=0$/);
  expect(costs.get('cmdcost_strlen')).toMatch(/^requests=0.25,/);
  expect(costs.get('cmdcost_mset')).toMatch(/^requests=2,/);
});

it('counts commands a commit', async () => {
  await client.command('CONFIG', 'RESETSTAT');
  client.send('INCR n\r\n'.repeat(300));
  expect(String((await client.readReplies(300)).at(-1))).toBe(':300\r\n');
  expect(Number((await infoOf(client, 'stats')).get('store_commands_per_commit'))).toBeGreaterThan(
    20,
  );
});

it('shows how many keys the table has, more or less, without reading them', async () => {
  const before = (await infoOf(client, 'dynamodb')).get('requests_scan');
  expect((await infoOf(client, 'keyspace')).get('db0')).toMatch(
    /^keys=\d+,expires=0,avg_ttl=0,approximate=yes$/,
  );
  expect((await infoOf(client, 'dynamodb')).get('requests_scan')).toBe(before);
});

it('tells Prometheus the same', async () => {
  const metrics = new Metrics(goredis.server);
  expect(await metrics.text()).toMatch(/^goredis_dynamodb_requests_updateitem [1-9]/m);
  metrics.stop();
});

it('writes the events of a shared commit in few words', async () => {
  client.send('INCR e\r\n'.repeat(50) + 'EXPIRE e 100\r\n');
  await client.readReplies(51);
  const aws = clientOn(local.endpoint);
  const { Item: item } = await aws.send(
    new GetItemCommand({ TableName: 'figures', Key: itemKey({ db: 0, key: 'e' }) }),
  );
  expect(item!['ev']!.S).toMatch(/^(\$incrby\*\d+ )?(\$incrby )?gexpire$/);
  aws.destroy();
});
