/**
 * What works on an endpoint of DynamoDB, for tests: the SDK's client, a store, a goredis. All are
 * patient, because a machine that is busy with other tests is no failure.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import { dynamoClient, type ClientOptions } from '../../src/stores/dynamodb/client';
import { DynamoStore, type DynamoStoreOptions } from '../../src/stores/dynamodb/dynamodb-store';
import type { GoredisOptions } from './goredis';

const PATIENCE_MS = 20_000;
const SOCKETS = 64;

export function clientOn(
  endpoint: string,
  options: Partial<Omit<ClientOptions, 'endpoint'>> = {},
): DynamoDBClient {
  const usual = { region: '', maxSockets: SOCKETS, requestTimeoutMs: PATIENCE_MS };
  return dynamoClient({ ...usual, ...options, endpoint });
}

/** A store that makes its table when it is opened. */
export function storeOn(
  endpoint: string,
  table: string,
  options: Partial<DynamoStoreOptions> = {},
): DynamoStore {
  return new DynamoStore({
    client: options.client ?? clientOn(endpoint),
    table,
    createTable: true,
    clock: systemClock,
    random: seeded(1),
    databases: 16,
    retryBudgetMs: PATIENCE_MS,
    maxInFlight: SOCKETS,
    ...options,
  });
}

/** Options of a goredis that has a store there. */
export function goredisOn(endpoint: string, options: GoredisOptions = {}): GoredisOptions {
  return {
    store: 'dynamodb',
    dynamodbEndpoint: endpoint,
    dynamodbTimeoutMs: PATIENCE_MS,
    dynamodbRetryMs: PATIENCE_MS,
    ...options,
  };
}
