/** Reads whose answers never become what the node waits for. */
import { CachedReads } from '../../src/stores/cached/cached-reads';
import { Coherence } from '../../src/stores/cached/coherence';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { Siblings } from '../../src/stores/dynamodb/siblings';
import { ManualClock } from '../../src/lib/clock';
import { NO_EXPIRY, type KeyRef, type Rec } from '../../src/store/record';
import { turns } from '../support/until';

const KEYS = ['a', 'b'].map((key) => ({ db: 0, key }));

/** A transaction has written both, and another program has deleted b. */
function tableWithoutB(): { reads: CachedReads; asked: string[]; clock: ManualClock } {
  const clock = new ManualClock();
  const asked: string[] = [];
  const coherence = new Coherence({
    maxBytes: 1 << 20,
    populate: true,
    monotonicMs: () => clock.monotonicMs(),
    nowMs: () => clock.nowMs(),
    seenMs: () => clock.monotonicMs(),
    onFull() {},
    onUnreadable() {},
  });
  coherence.follow();
  const members = KEYS.map((ref) => ({ at: itemKey(ref), base: 5, version: 6 }));
  const [tx] = new Siblings().of(members, clock.nowMs());
  const load = async (keys: readonly KeyRef[], need: string): Promise<readonly Rec[]> => {
    asked.push(`${need} ${keys.map(({ key }) => key).join(' ')}`);
    coherence.siblings(tx!);
    return keys.map(({ key }) => {
      const [version, value] = key === 'a' ? [6, 'x'] : [0, undefined];
      return { key, value, version, expiresAtMs: NO_EXPIRY };
    });
  };
  const reads = new CachedReads(
    { load },
    coherence,
    () => undefined,
    () => {},
    clock,
  );
  return { reads, asked, clock };
}

async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    await turns(1);
    clock.advance(1);
  }
  await turns(1);
}

it('as of one moment: the table is believed after ten tries, the last ones after pauses', async () => {
  const { reads, asked, clock } = tableWithoutB();
  const snapshot = reads.snapshot(KEYS);
  await turns(5);
  expect(asked).toEqual(Array(3).fill('snapshot a b'));
  await pass(clock, 300);
  expect((await snapshot).map(({ value }) => value)).toEqual(['x', undefined]);
  expect(asked).toEqual(Array(10).fill('snapshot a b'));
});

it('each by itself: in the end all are asked for as of one moment', async () => {
  const { reads, asked, clock } = tableWithoutB();
  const each = reads.each(KEYS, 'bounded', undefined);
  await pass(clock, 300);
  expect((await each).map(({ value }) => value)).toEqual(['x', undefined]);
  expect(asked).toEqual(['each a b', ...Array(9).fill('each b'), 'snapshot a b']);
});
