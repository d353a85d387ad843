/** A goredis in this process with `store cached`. */
import { FollowedStore } from '../../src/stores/cached/followed-store';
import { startGoredis, type Goredis, type GoredisOptions } from './goredis';

export interface CachedNode extends Goredis {
  readonly store: FollowedStore;
}

/** Starts it, and waits until its cache is warm. */
export async function startCachedNode(
  endpoint: string,
  options: Omit<GoredisOptions, 'dynamodbEndpoint'> = {},
): Promise<CachedNode> {
  const node = await startGoredis({
    store: 'cached',
    dynamodbEndpoint: endpoint,
    // A machine that is busy with other tests is no failure.
    dynamodbTimeoutMs: 20_000,
    dynamodbRetryMs: 20_000,
    ...options,
  });
  const { store } = node.server.engine;
  if (!(store instanceof FollowedStore)) throw new Error('the store is not one that is followed');
  await store.follower.caughtUp();
  return { ...node, store };
}
