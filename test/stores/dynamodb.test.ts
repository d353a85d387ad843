import { ManualClock } from '../../src/lib/clock';
import { storeConformance } from '../conformance/store-conformance';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { storeOn } from '../support/on-dynamodb';

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
    const store = storeOn(local.endpoint, `conformance-${tables++}`, { clock, databases: 4 });
    await store.open();
    return { store, clock, close: () => store.close() };
  },
  { swap: false },
);
