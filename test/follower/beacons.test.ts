/** When beacons are written, and what they prove. */
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { Follower } from '../../src/follower/follower';
import { systemClock } from '../../src/lib/clock';
import { silentLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { tableDefinition } from '../../src/stores/dynamodb/table';
import { ask } from '../support/fake-dynamodb/ask';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { until } from '../support/until';

const TABLE = 'followed';

it('no beacon is written before every shard has a position: it would never come back', async () => {
  const fake = await FakeDynamo.start({ streams: { shards: 3 } });
  await ask(fake.endpoint, 'CreateTable', tableDefinition(TABLE));
  const happened: string[] = [];
  const happens = (what: string) => (): void => void happened.push(what);
  const streams = new DynamoDBStreamsClient({
    endpoint: fake.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    maxAttempts: 1,
  });
  const follower = new Follower({
    streams,
    clock: systemClock,
    random: seeded(1),
    log: silentLogger,
    maxStalenessMs: 2000,
    callsPerSecond: 20,
    findStream: () => Promise.resolve(fake.streams.of(TABLE).arn),
    writeBeacon: () => Promise.resolve().then(happens('beacon')),
    onRecord: happens('record'),
    onFollowing: happens('following'),
    onGap: happens('gap'),
    onPage: () => {},
  });
  follower.start();
  await until(() => happened.includes('beacon'));
  expect(happened[0]).toBe('following');
  await follower.stop();
  streams.destroy();
  await fake.stop();
});
