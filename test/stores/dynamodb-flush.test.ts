/** FLUSHALL on DynamoDB: in parallel, not atomic, and never what others have written since. */
import { ManualClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { commit, load, setting } from '../conformance/support';
import { openFakeStore, type FakeStore } from '../support/fake-dynamodb/fake-store';
import { expiredCredentials, onKey, onOperation } from '../support/fake-dynamodb/faults';

const KEYS = Array.from({ length: 300 }, (_, i) => `k${i}`);

let clock: ManualClock;
let lines: string[];
let opened: FakeStore;

beforeEach(async () => {
  clock = new ManualClock();
  lines = [];
  const log = new LineLogger(
    'notice',
    (line) => lines.push(line.replace(/^.*? [*#] /, '').trim()),
    clock,
  );
  opened = await openFakeStore({ clock, log, retryBudgetMs: 300 });
  for (let at = 0; at < KEYS.length; at += 100) {
    await commit(opened.store, ...KEYS.slice(at, at + 100).map((key) => setting(key, 1)));
  }
  opened.fake.takeRequests();
});
afterEach(() => opened.close());

const onRemoval = onOperation('UpdateItem');
const left = (): Promise<number> => opened.store.size(0);

it('scans four parts and writes each key once', async () => {
  await opened.store.flush('all');
  const requests = opened.fake.takeRequests();
  const count = (name: string): number =>
    requests.filter(({ operation }) => operation === name).length;
  expect([count('Scan'), count('UpdateItem'), requests.length]).toEqual([4, 300, 304]);
  expect(await left()).toBe(0);
  expect(lines.at(-1)).toBe('FLUSHALL: done, 300 keys removed');
});

it('leaves what somebody has written since the scan saw it', async () => {
  const happens = (): Promise<unknown> => commit(opened.store, setting('k7', 2));
  opened.fake.faults.once(
    { kind: 'meanwhile', happens },
    (request) => onRemoval(request) && onKey('k7')(request),
  );
  await opened.store.flush(0);
  expect(await left()).toBe(1);
  expect(await load(opened.store, 'k7')).toMatchObject({ value: 2 });
  expect(lines.at(-1)).toBe('FLUSHDB of 0: done, 299 keys removed');
});

it('counts a removal whose answer was lost, and does nothing twice', async () => {
  opened.fake.faults.once({ kind: 'reset', after: true }, onRemoval, 5);
  await opened.store.flush('all');
  expect(await left()).toBe(0);
});

it('says that some keys are gone when it fails half way, and can be done again', async () => {
  let removals = 0;
  const stop = opened.fake.faults.always(
    expiredCredentials(),
    (request) => onRemoval(request) && ++removals > 100,
  );
  await expect(opened.store.flush('all')).rejects.toMatchObject({
    code: 'unknown',
    message: '100 keys are removed, others may be left',
  });
  expect(lines.at(-1)).toBe('FLUSHALL: failed, 100 keys removed');
  stop();
  expect(await left()).toBe(200);
  await opened.store.flush('all');
  expect(await left()).toBe(0);
});

it('does not say that nothing happened when no answer came', async () => {
  opened.fake.faults.always({ kind: 'reset', after: true }, onRemoval);
  await expect(opened.store.flush('all')).rejects.toMatchObject({
    code: 'unknown',
    message: 'keys may have been removed',
  });
  expect(await left()).toBeLessThan(KEYS.length);
});

it('tells the log every five seconds how far it is', async () => {
  let removals = 0;
  const happens = async (): Promise<void> => {
    if (++removals % 50 === 0) clock.advance(3000);
  };
  opened.fake.faults.always({ kind: 'meanwhile', happens }, onRemoval);
  await opened.store.flush('all');
  const progress = lines.filter((line) => / keys removed so far$/.test(line));
  expect(progress).toHaveLength(3);
  expect(progress[0]).toMatch(/^FLUSHALL: \d+ keys removed so far$/);
});
