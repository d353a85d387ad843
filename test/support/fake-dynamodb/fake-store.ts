/** A store on a fake endpoint of its own. */
import { systemClock, type Clock } from '../../../src/lib/clock';
import type { Logger } from '../../../src/lib/log';
import type { DynamoStore } from '../../../src/stores/dynamodb/dynamodb-store';
import { clientOn, storeOn } from '../on-dynamodb';
import { FakeDynamo, type FakeDynamoOptions } from './fake-dynamodb';

export const TABLE = 'goredis';

export interface FakeStoreOptions {
  /** A further node on the same endpoint. */
  readonly fake?: FakeDynamo;
  readonly endpoint?: FakeDynamoOptions;
  readonly clock?: Clock;
  readonly requestTimeoutMs?: number;
  readonly retryBudgetMs?: number;
  readonly log?: Logger;
}

export interface FakeStore {
  readonly store: DynamoStore;
  readonly fake: FakeDynamo;
  /** Closes the store, and the endpoint if it was started for it. */
  close(): Promise<void>;
}

export async function openFakeStore(options: FakeStoreOptions = {}): Promise<FakeStore> {
  const fake = options.fake ?? (await FakeDynamo.start(options.endpoint));
  const store = await openStoreAt(fake.endpoint, options);
  fake.takeRequests();
  const close = async (): Promise<void> => {
    await store.close();
    if (options.fake === undefined) await fake.stop();
  };
  return { store, fake, close };
}

export async function openStoreAt(
  endpoint: string,
  options: Omit<FakeStoreOptions, 'fake' | 'endpoint'> = {},
): Promise<DynamoStore> {
  const { clock = systemClock, requestTimeoutMs = 20_000, retryBudgetMs = 20_000 } = options;
  // Endpoint and client share a process: more connections would only cost time.
  const maxInFlight = 8;
  const client = clientOn(endpoint, { maxSockets: maxInFlight, requestTimeoutMs });
  const store = storeOn(endpoint, TABLE, {
    client,
    clock,
    retryBudgetMs,
    maxInFlight,
    ...(options.log && { log: options.log }),
  });
  await store.open();
  return store;
}
