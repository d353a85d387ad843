/** The store as the options describe it: with a cache, or following the stream only. */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { dynamoStore, type DynamoParts, type DynamoSettings } from '../dynamodb';
import { streamsClient } from '../dynamodb/client';
import { FollowedStore } from './followed-store';

/** The options of `store cached`, as src/config has them. */
export interface CachedSettings extends DynamoSettings {
  readonly store: string;
  readonly dynamodbStreamsEndpoint: string;
  readonly cacheMaxBytes: number;
  readonly cachePopulate: boolean;
  readonly maxStalenessMs: number;
  readonly streamCallsPerSecond: number;
}

export function followedStore(parts: DynamoParts, settings: CachedSettings): FollowedStore {
  const { dynamodbEndpoint, dynamodbStreamsEndpoint, dynamodbRegion: region } = settings;
  const { cacheMaxBytes, cachePopulate: populate } = settings;
  const maxBytes = cacheMaxBytes === 0 ? defaultCacheBytes() : cacheMaxBytes;
  return new FollowedStore({
    ...parts,
    base: dynamoStore(parts, settings),
    streams: streamsClient({
      endpoint: dynamodbStreamsEndpoint === '' ? dynamodbEndpoint : dynamodbStreamsEndpoint,
      region,
      maxSockets: settings.dynamodbMaxSockets,
      connectTimeoutMs: settings.dynamodbConnectTimeoutMs,
      requestTimeoutMs: settings.dynamodbTimeoutMs,
    }),
    cache: settings.store === 'cached' ? { maxBytes, populate } : undefined,
    maxStalenessMs: settings.maxStalenessMs,
    callsPerSecond: settings.streamCallsPerSecond,
  });
}

/** As the option has it: an arena, which holds the records, has places for 64 GB. */
const MAX_BYTES = 2 ** 35;

/** The smaller of a quarter of the machine's memory and half of what the heap may become. */
function defaultCacheBytes(): number {
  const heapBytes = getHeapStatistics().heap_size_limit;
  return Math.floor(Math.min(totalmem() / 4, heapBytes / 2, MAX_BYTES));
}
