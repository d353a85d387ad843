/**
 * The streams of the fake endpoint are those of DynamoDB Local: one list of requests goes to both,
 * each after all before it, and the answers are compared whole, but for names that each gives.
 */
import { startDynamoLocal, type DynamoLocal } from '../dynamodb-local';
import { tableDefinition, timeToLive } from '../../../src/stores/dynamodb/table';
import { until } from '../until';
import { ask, type Answer } from './ask';
import { KEY, type Fields } from './compared';
import { STREAM_ROWS } from './compared-streams';
import { FakeDynamo } from './fake-dynamodb';
import { SeenStreams } from './seen-streams';

let local: DynamoLocal;
let fake: FakeDynamo;

const COLLECTED = 'collected';
const DEAD = {
  ...KEY,
  ttl: { N: String(Math.floor(Date.now() / 1000) - 10) },
  // Of a table with an index, DynamoDB Local collects only what is in the index.
  xb: { N: '1' },
  x: { N: '1' },
};

beforeAll(async () => {
  local = await startDynamoLocal();
  fake = await FakeDynamo.start();
}, 60_000);

afterAll(async () => {
  await local.stop();
  await fake.stop();
});

/** All records of a table's first shard. */
async function recordsOf(endpoint: string, table: string): Promise<readonly Fields[]> {
  const names = new SeenStreams();
  const call = async (operation: string, body: object): Promise<Fields> => {
    const answer = await ask(endpoint, operation, body);
    return names.read('last', answer).body as Fields;
  };
  await call('DescribeTable', { TableName: table });
  await call('DescribeStream', { StreamArn: names.arn });
  const shard = { StreamArn: names.arn, ShardId: names.shardId };
  await call('GetShardIterator', { ...shard, ShardIteratorType: 'TRIM_HORIZON' });
  const { Records } = await call('GetRecords', { ShardIterator: names.iterators.get('last') });
  return Records as Fields[];
}

const seen = { local: new SeenStreams(), fake: new SeenStreams() };

it.each(STREAM_ROWS.map((row) => [row[0], row] as const))('%s', async (_title, row) => {
  const [title, operation, body, differs] = row;
  const answerOf = async (names: SeenStreams, endpoint: string): Promise<Answer> => {
    const wanted = typeof body === 'function' ? body(names) : body;
    return names.read(title, await ask(endpoint, operation, wanted));
  };
  const real = await answerOf(seen.local, local.endpoint);
  const ours = await answerOf(seen.fake, fake.endpoint);
  if (differs === undefined) expect(ours).toEqual(real);
  else {
    expect(differs(real)).toEqual(ours);
    expect(real).not.toEqual(ours);
  }
});

it('an item whose deadline has passed', async () => {
  // Not earlier: DynamoDB Local counts the changes of all tables together, and what comes between
  // the making of a shard and its first record makes it refuse iterators as trimmed.
  for (const { endpoint } of [local, fake]) {
    await ask(endpoint, 'CreateTable', tableDefinition(COLLECTED));
    await ask(endpoint, 'UpdateTimeToLive', timeToLive(COLLECTED));
    await ask(endpoint, 'PutItem', { TableName: COLLECTED, Item: DEAD });
  }
  await until(async () => (await recordsOf(local.endpoint, COLLECTED)).length === 2);
  const [, real] = await recordsOf(local.endpoint, COLLECTED);
  const other = fake.otherProgram(COLLECTED);
  other.collectDue(Date.now(), 'by DynamoDB Local');
  other.putItem(DEAD);
  other.collectDue(Date.now());
  const [, ours, , usual] = await recordsOf(fake.endpoint, COLLECTED);
  expect(ours).toEqual(real);
  // What DynamoDB tells.
  const dynamodb = real!['dynamodb'] as Fields;
  const { p, s } = DEAD;
  expect(usual).toEqual({
    ...real,
    dynamodb: { ...dynamodb, Keys: { p, s }, SequenceNumber: 'number 3', SizeBytes: 28 },
    eventName: 'REMOVE',
    userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
  });
}, 60_000);
