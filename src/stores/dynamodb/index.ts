/** The store as the options describe it. */
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import { dynamoClient } from './client';
import { DynamoStore } from './dynamodb-store';

/** The options of `store dynamodb`, as src/config has them. */
export interface DynamoSettings {
  readonly dynamodbTable: string;
  readonly dynamodbEndpoint: string;
  readonly dynamodbRegion: string;
  readonly dynamodbCreateTable: 'auto' | 'yes' | 'no';
  readonly dynamodbExpiryIndex: boolean;
  readonly dynamodbMaxSockets: number;
  readonly dynamodbConnectTimeoutMs: number;
  readonly dynamodbTimeoutMs: number;
  readonly dynamodbRetryMs: number;
  readonly startupTimeoutSeconds: number;
}

export interface DynamoParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly databases: number;
  readonly log: Logger;
}

export function dynamoStore(parts: DynamoParts, settings: DynamoSettings): DynamoStore {
  const { dynamodbEndpoint: endpoint, dynamodbCreateTable: createTable } = settings;
  return new DynamoStore({
    ...parts,
    client: dynamoClient({
      endpoint,
      region: settings.dynamodbRegion,
      maxSockets: settings.dynamodbMaxSockets,
      connectTimeoutMs: settings.dynamodbConnectTimeoutMs,
      requestTimeoutMs: settings.dynamodbTimeoutMs,
    }),
    table: settings.dynamodbTable,
    createTable: createTable === 'yes' || (createTable === 'auto' && endpoint !== ''),
    retryBudgetMs: settings.dynamodbRetryMs,
    maxInFlight: settings.dynamodbMaxSockets,
    startupTimeoutMs: settings.startupTimeoutSeconds * 1000,
    expiryIndex: settings.dynamodbExpiryIndex,
  });
}
