/**
 * Random pipelines over three nodes, reply by reply beside redis-server. The keys of a script are
 * its own; each of its three connections goes to another node, so that what one pipeline has done
 * is seen from another node by the next.
 */
import { generate } from '../oracle/generator';
import { findDifference } from '../oracle/oracle';
import { isLongRun, seedOf } from '../oracle/seed';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis, type Goredis } from '../support/goredis';
import { goredisOn } from '../support/on-dynamodb';
import { startRedisServer, type RedisServer } from '../support/redis-server';

const NODES = 3;
const SCRIPTS_AT_ONCE = 8;
const ROUNDS = isLongRun ? 100 : 1;
const STEPS = 120;
const seed = seedOf();

let local: DynamoLocal;
let redis: RedisServer;
const nodes: Goredis[] = [];
beforeAll(async () => {
  local = await startDynamoLocal();
  redis = await startRedisServer();
  for (let i = 0; i < NODES; i++) {
    nodes.push(await startGoredis(goredisOn(local.endpoint)));
  }
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await redis.stop();
  await local.stop();
});

it(`are answered as redis-server answers them (TEST_SEED=${seed})`, async () => {
  const ports = nodes.map(({ port }) => port);
  const oracle = { name: 'redis-server', port: redis.port };
  const subject = { name: 'goredis on three nodes', port: ports[0]!, ports };
  for (let round = 0; round < ROUNDS; round++) {
    const seeds = Array.from({ length: SCRIPTS_AT_ONCE }, (_, i) => seed + round * 1000 + i);
    const differences = await Promise.all(
      seeds.map((own) => {
        const options = { swap: 'never', connections: NODES, own: `${own}:` } as const;
        return findDifference(generate(own, STEPS, options), oracle, subject, { keepOthers: true });
      }),
    );
    expect(differences.map((difference) => difference?.report)).toEqual(seeds.map(() => undefined));
  }
}, 3_600_000);
