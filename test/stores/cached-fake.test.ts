import { ManualClock } from '../../src/lib/clock';
import { storeConformance } from '../conformance/store-conformance';
import { movableDay, openCachedStore } from '../support/fake-dynamodb/cached-store';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';

storeConformance(
  'cached, before its stream is followed',
  async () => {
    const clock = new ManualClock();
    const fake = await FakeDynamo.start();
    const store = await openCachedStore(fake.endpoint, { clock });
    return { store, clock, close: () => store.close().then(() => fake.stop()) };
  },
  { swap: false },
);

storeConformance(
  'cached, with a stream that is followed',
  async () => {
    const clock = new ManualClock();
    const fake = await FakeDynamo.start();
    const options = { clock: movableDay(clock), callsPerSecond: 200 };
    const store = await openCachedStore(fake.endpoint, options);
    await store.follower.caughtUp();
    return { store, clock, close: () => store.close().then(() => fake.stop()) };
  },
  { swap: false },
);
