/**
 * All cases, and random scripts, on one node with a cache that is warm, beside redis-server: from one
 * connection it must look like no cache.
 */
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { families } from './families';
import { generate } from './generator';
import { isPossible } from './on-dynamodb';
import { findDifference, stepsOf, type Step } from './oracle';
import { isLongRun, seedOf } from './seed';

const SCRIPTS = isLongRun ? 1000 : 10;
const STEPS = 200;
const seed = seedOf();

let fake: FakeDynamo;
let node: CachedNode;
let redis: RedisServer;
beforeAll(async () => {
  fake = await FakeDynamo.start();
  redis = await startRedisServer();
  node = await startCachedNode(fake.endpoint, { streamCallsPerSecond: 20, maxStalenessMs: 8000 });
}, 60_000);
afterAll(async () => {
  await node.stop();
  await redis.stop();
  await fake.stop();
});

async function expectSame(steps: readonly Step[]): Promise<void> {
  const oracle = { name: 'redis-server', port: redis.port };
  const subject = { name: 'goredis with a cache', port: node.port };
  const difference = await findDifference(steps, oracle, subject);
  if (difference) throw new Error(`TEST_SEED=${seed}: ${difference.report}`);
}

function hits(): number {
  return Number(node.store.stats()['Cache']!['hits']);
}

describe.each(families)('goredis with a cache answers as redis-server: $family', ({ cases }) => {
  test.each(cases.filter(isPossible))('$title', (oracleCase) => expectSame(stepsOf(oracleCase)));
});

it(`goredis with a cache answers random scripts as redis-server (TEST_SEED=${seed})`, async () => {
  const before = hits();
  for (let own = seed; own < seed + SCRIPTS; own++) {
    await expectSame(generate(own, STEPS, { swap: 'never' }));
  }
  // Else it would have proved nothing.
  expect(hits() - before).toBeGreaterThan(SCRIPTS * 10);
}, 3_600_000);
