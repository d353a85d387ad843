/** A goredis in this process with `store cached`. */
import { FollowedStore } from '../../src/stores/cached/followed-store';
import { startGoredis, type Goredis, type GoredisOptions } from './goredis';
import { goredisOn } from './on-dynamodb';

export interface CachedNode extends Goredis {
  readonly store: FollowedStore;
}

/** Starts it, and waits until its cache is warm. */
export async function startCachedNode(
  endpoint: string,
  options: Omit<GoredisOptions, 'dynamodbEndpoint'> = {},
): Promise<CachedNode> {
  const node = await startGoredis(goredisOn(endpoint, { store: 'cached', ...options }));
  const { store } = node.server.engine;
  if (!(store instanceof FollowedStore)) throw new Error('the store is not one that is followed');
  await store.follower.caughtUp();
  return { ...node, store };
}
