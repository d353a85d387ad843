import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import { dynamoClient } from '../../src/stores/dynamodb/client';
import { DynamoStore } from '../../src/stores/dynamodb/dynamodb-store';
import { storeConformance } from '../conformance/store-conformance';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';

let local: DynamoLocal;
let tables = 0;

beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());

storeConformance(
  'dynamodb',
  async () => {
    const clock = new ManualClock();
    const client = dynamoClient({
      endpoint: local.endpoint,
      region: '',
      maxSockets: 64,
      requestTimeoutMs: 10_000,
    });
    const store = new DynamoStore({
      client,
      table: `conformance-${tables++}`,
      createTable: true,
      clock,
      databases: 4,
      random: seeded(1),
      retryBudgetMs: 10_000,
      maxInFlight: 64,
    });
    await store.open();
    return { store, clock, close: () => store.close() };
  },
  { swap: false },
);
