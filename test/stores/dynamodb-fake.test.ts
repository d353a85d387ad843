import { ManualClock } from '../../src/lib/clock';
import { storeConformance } from '../conformance/store-conformance';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';

storeConformance(
  'dynamodb on a fake endpoint',
  async () => {
    const clock = new ManualClock();
    const { store, close } = await openFakeStore({ clock });
    return { store, clock, close };
  },
  { swap: false },
);
