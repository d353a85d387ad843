/** The store contract on DynamoDB Local, but for scans and flushes, which are the table's own. */
import { commitFacts } from '../conformance/commits';
import { loadFacts } from '../conformance/loads';
import type { OpenedStore } from '../conformance/store-conformance';
import { ManualClock } from '../../src/lib/clock';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { movableDay, openCachedStore } from '../support/fake-dynamodb/cached-store';

let local: DynamoLocal;
let opened: OpenedStore;
let tables = 0;
beforeAll(async () => {
  local = await startDynamoLocal();
}, 60_000);
afterAll(() => local.stop());

beforeEach(async () => {
  const clock = new ManualClock();
  const store = await openCachedStore(local.endpoint, {
    clock: movableDay(clock),
    table: `conformance-${tables++}`,
    callsPerSecond: 200,
  });
  await store.follower.caughtUp();
  opened = { store, clock, close: () => store.close() };
});
afterEach(() => opened.close());

loadFacts(() => opened);
commitFacts(() => opened);
