import type { Eviction } from '../../src/engine/eviction';
import { collectGarbage } from '../../src/lib/heap';
import { HeapBalance } from '../../src/server/heap-balance';
import { until } from '../support/until';

const MB = 1 << 20;

it('what the heap holds beyond the bound counts while there is a limit, up to half of it', async () => {
  const eviction = { limitBytes: 0, extraBytes: 0 };
  const balance = new HeapBalance(eviction as Eviction);
  // Beyond anything that the heap of other tests can give back meanwhile; nobody writes to it.
  let ballast: Buffer | undefined = Buffer.allocUnsafeSlow(1024 * MB);
  collectGarbage();

  eviction.limitBytes = 100 * MB;
  balance.update();
  collectGarbage();
  await until(() => eviction.extraBytes > 0);
  expect(eviction.extraBytes).toBe(50 * MB);
  expect(ballast).toHaveLength(1024 * MB);
  ballast = undefined;
  await until(() => {
    collectGarbage();
    return eviction.extraBytes === 0;
  });

  eviction.limitBytes = 0;
  balance.update();
  expect(eviction.extraBytes).toBe(0);
});
