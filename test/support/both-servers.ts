import { startGoredis, type Goredis, type GoredisOptions } from './goredis';
import { startRedisServer, type RedisServer } from './redis-server';

/** Before the tests run there are none. */
export interface BothServers {
  readonly redis: RedisServer;
  readonly goredis: Goredis;
}

/** redis-server and goredis for all tests of a file or of a `describe`. */
export function bothServers(
  redisArgs: readonly string[] = [],
  goredisOptions: GoredisOptions = {},
): BothServers {
  const servers: { redis?: RedisServer; goredis?: Goredis } = {};
  beforeAll(async () => {
    servers.redis = await startRedisServer([...redisArgs]);
    servers.goredis = await startGoredis(goredisOptions);
  });
  afterAll(async () => {
    await servers.goredis?.stop();
    await servers.redis?.stop();
  });
  return servers as BothServers;
}
