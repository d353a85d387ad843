/** A part of what the other stores are asked, because DynamoDB Local is slow: each run another one. */
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis, type Goredis } from '../support/goredis';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { families } from './families';
import { generate } from './generator';
import { isPossible } from './on-dynamodb';
import { findDifference, stepsOf, type Step, type Subject } from './oracle';
import { isLongRun, seedOf } from './seed';
import { goredisOn } from '../support/on-dynamodb';

/** One of so many cases. */
const PART = isLongRun ? 1 : 6;
const SCRIPTS = isLongRun ? 100 : 2;
const STEPS = 200;
const seed = seedOf();

let local: DynamoLocal;
let goredis: Goredis;
let redis: RedisServer;
beforeAll(async () => {
  local = await startDynamoLocal();
  redis = await startRedisServer();
  goredis = await startGoredis(goredisOn(local.endpoint));
}, 60_000);
afterAll(async () => {
  await goredis.stop();
  await redis.stop();
  await local.stop();
});

async function expectSame(steps: readonly Step[]): Promise<void> {
  const oracle: Subject = { name: 'redis-server', port: redis.port };
  const subject: Subject = { name: 'goredis on DynamoDB', port: goredis.port };
  const difference = await findDifference(steps, oracle, subject);
  if (difference) throw new Error(`TEST_SEED=${seed}: ${difference.report}`);
}

describe.each(families)('goredis on DynamoDB answers as redis-server: $family', ({ cases }) => {
  const possible = cases.filter(isPossible);
  const part = possible.filter((_, i) => (i + seed) % PART === 0);
  if (part.length === 0) return;
  test.each(part)('$title', (oracleCase) => expectSame(stepsOf(oracleCase)));
});

describe('goredis on DynamoDB answers random scripts as redis-server', () => {
  const seeds = Array.from({ length: SCRIPTS }, (_, i) => [seed + i]);
  it.each(seeds)(
    'TEST_SEED=%i',
    (own) => expectSame(generate(own, STEPS, { swap: 'never' })),
    120_000,
  );
});
