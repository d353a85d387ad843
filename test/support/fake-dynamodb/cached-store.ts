/** A node's store with a cache, on a fake endpoint. */
import { systemClock, type Clock } from '../../../src/lib/clock';
import { silentLogger, type Logger } from '../../../src/lib/log';
import { seeded } from '../../../src/lib/random';
import { FollowedStore } from '../../../src/stores/cached/followed-store';
import { streamsClient } from '../../../src/stores/dynamodb/client';
import { clientOn, storeOn } from '../on-dynamodb';
import { TABLE } from './fake-store';
import type { Traffic } from './traffic';

export interface CachedStoreOptions {
  readonly clock?: Clock;
  readonly seed?: number;
  readonly maxBytes?: number;
  readonly populate?: boolean;
  readonly maxStalenessMs?: number;
  readonly callsPerSecond?: number;
  readonly requestTimeoutMs?: number;
  readonly retryBudgetMs?: number;
  readonly log?: Logger;
  /** Undefined: 'cached'. */
  readonly store?: 'dynamodb' | 'cached';
  readonly table?: string;
  /** Counts the store's requests. */
  readonly traffic?: Traffic;
}

/** Opens it; whether its stream is followed yet is the caller's to wait for. */
export async function openCachedStore(
  endpoint: string,
  options: CachedStoreOptions = {},
): Promise<FollowedStore> {
  const { clock = systemClock, seed = 1, log = silentLogger, table = TABLE } = options;
  const { requestTimeoutMs = 20_000, retryBudgetMs = 20_000, store = 'cached' } = options;
  const { maxBytes = 64 << 20, populate = true } = options;
  const { maxStalenessMs = 2000, callsPerSecond = 4 } = options;
  const maxInFlight = 8;
  const sockets = { maxSockets: maxInFlight, requestTimeoutMs };
  const random = seeded(seed);
  const tables = clientOn(endpoint, sockets);
  const streams = streamsClient({ ...sockets, endpoint, region: '' });
  for (const each of [tables, streams]) options.traffic?.watch(each);
  const followed = new FollowedStore({
    base: storeOn(endpoint, table, {
      client: tables,
      clock,
      random,
      retryBudgetMs,
      maxInFlight,
      log,
    }),
    streams,
    clock,
    random,
    log,
    cache: store === 'cached' ? { maxBytes, populate } : undefined,
    maxStalenessMs,
    callsPerSecond,
  });
  await followed.open();
  return followed;
}

/** The time of day stands still until a test moves it, everything else goes on. */
export function movableDay(day: Pick<Clock, 'nowMs'>): Clock {
  return {
    nowMs: () => day.nowMs(),
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, run) => systemClock.after(delayMs, run),
  };
}
