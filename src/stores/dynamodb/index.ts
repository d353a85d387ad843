/** The store as the options describe it. */
import type { Clock } from '../../lib/clock';
import type { Random } from '../../lib/random';
import { dynamoClient } from './client';
import { DynamoStore } from './dynamodb-store';

/** The options of `store dynamodb`, as src/config has them. */
export interface DynamoSettings {
  readonly dynamodbTable: string;
  readonly dynamodbEndpoint: string;
  readonly dynamodbRegion: string;
  readonly dynamodbCreateTable: 'auto' | 'yes' | 'no';
  readonly dynamodbMaxSockets: number;
  readonly dynamodbTimeoutMs: number;
  readonly dynamodbRetryMs: number;
}

export interface DynamoParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly databases: number;
}

export function dynamoStore(parts: DynamoParts, settings: DynamoSettings): DynamoStore {
  const { dynamodbEndpoint: endpoint, dynamodbCreateTable: createTable } = settings;
  return new DynamoStore({
    ...parts,
    client: dynamoClient({
      endpoint,
      region: settings.dynamodbRegion,
      maxSockets: settings.dynamodbMaxSockets,
      requestTimeoutMs: settings.dynamodbTimeoutMs,
    }),
    table: settings.dynamodbTable,
    createTable: createTable === 'yes' || (createTable === 'auto' && endpoint !== ''),
    retryBudgetMs: settings.dynamodbRetryMs,
    maxInFlight: settings.dynamodbMaxSockets,
  });
}
