import { Costs } from '../../src/engine/costs';
import { Loader } from '../../src/engine/loader';
import { ManualClock } from '../../src/lib/clock';
import { NO_EXPIRY, type KeyRef, type Rec } from '../../src/store/record';
import type { Consistency, Store } from '../../src/store/store';
import { turns } from '../support/until';

let clock: ManualClock;
let loader: Loader;
/** Of each load that was sent, what answers it with a version. */
let answers: ((version: number) => void)[];
beforeEach(() => {
  clock = new ManualClock();
  answers = [];
  const load = ([ref]: readonly KeyRef[]): Promise<readonly Rec[]> =>
    new Promise((resolve) => {
      const { key } = ref!;
      answers.push((version) =>
        resolve([{ key, value: undefined, version, expiresAtMs: NO_EXPIRY }]),
      );
    });
  loader = new Loader({ load } as Partial<Store> as Store, new Costs(), clock);
});

/** Reads twice, the second time so much later, and answers what was sent: 1, 2. */
async function versionsRead(consistency: Consistency, laterMs: number): Promise<number[]> {
  const first = loader.load({ db: 0, key: 'k' }, 'bounded', 'get');
  await turns(2);
  clock.advance(laterMs);
  const second = loader.load({ db: 0, key: 'k' }, consistency, 'get');
  await turns(2);
  answers.forEach((answer, i) => answer(i + 1));
  return (await Promise.all([first, second])).map(({ version }) => version);
}

it('a bounded read shares a load that is under way', async () => {
  expect(await versionsRead('bounded', 100)).toEqual([1, 1]);
});

it('but not one that was sent long ago: its answer may be old', async () => {
  expect(await versionsRead('bounded', 101)).toEqual([1, 2]);
});

it('a strong read does not share a load that is under way', async () => {
  expect(await versionsRead('strong', 0)).toEqual([1, 2]);
});

it('a bounded read does not share a load from before a write of this node', async () => {
  const first = loader.load({ db: 0, key: 'k' }, 'bounded', 'get');
  await turns(2);
  loader.forget('\0k');
  const second = loader.load({ db: 0, key: 'k' }, 'bounded', 'get');
  await turns(2);
  expect(answers).toHaveLength(2);
  answers.forEach((answer, i) => answer(i + 1));
  expect((await Promise.all([first, second])).map(({ version }) => version)).toEqual([1, 2]);
});
