/** How many beacons are written. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Beacons, type BeaconKey } from '../../src/follower/beacons';
import { Frontier, NEVER } from '../../src/follower/frontier';
import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';

const MAX_STALENESS_MS = 2000;
const STEP_MS = 100;

let clock: ManualClock;
let frontier: Frontier;
let beacons: Beacons;
let attempts: number;
/** Written, and not yet to be seen in the stream. */
let written: { readonly key: BeaconKey; readonly number: number }[];
let refused: boolean;
beforeEach(() => {
  clock = new ManualClock();
  frontier = new Frontier();
  attempts = 0;
  written = [];
  refused = false;
});

function start(shards: number): void {
  const names = Array.from({ length: shards }, (_, i) => `shard ${i}`);
  for (const name of names) frontier.add(name, NEVER);
  beacons = new Beacons({
    clock,
    random: seeded(1),
    frontier,
    maxStalenessMs: MAX_STALENESS_MS,
    shards: () => names,
    late() {},
    lost() {},
    async write(key, number) {
      attempts++;
      if (refused) throw new Error('throttled');
      written.push({ key, number });
      await nextTurn();
    },
  });
  beacons.start();
}

/** @param show whether the stream shows what is written; partitions belong to shards in turn */
async function pass(ms: number, shards: number, show = true): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
    clock.advance(STEP_MS);
    await nextTurn();
    if (!show) continue;
    for (const { key, number } of written.splice(0)) {
      beacons.take({
        shard: `shard ${key.p.readUInt16BE(1) % shards}`,
        sequence: '1',
        keys: { p: { B: key.p }, s: { B: key.s } },
        newImage: { b: { N: String(number) } },
        oldImage: undefined,
        sizeBytes: 0,
      });
    }
  }
}

const isFresh = (): boolean => frontier.seen.monotonicMs > clock.monotonicMs() - MAX_STALENESS_MS;

it.each([1, 4, 16])(
  'once %i shards are known, four in each max-staleness to each',
  async (shards) => {
    start(shards);
    await pass(60_000, shards);
    expect(isFresh()).toBe(true);
    attempts = 0;
    await pass(60_000, shards);
    expect(attempts).toBe(shards * 4 * (60_000 / MAX_STALENESS_MS));
  },
);

it('at the start the shards are found out by 64, and 34 for each', async () => {
  start(16);
  await pass(60_000, 16);
  const usual = 16 * 4 * (60_000 / MAX_STALENESS_MS);
  expect(attempts - usual).toBeLessThanOrEqual(64 + 34 * 16);
});

it('of a stream that is late nothing is learned by more of them', async () => {
  start(16);
  await pass(60_000, 16, false);
  expect(attempts).toBe(8 * 16);
  await pass(5000, 16);
  expect(isFresh()).toBe(true);
});

it('while they cannot be written one tries now and then, and then all go on', async () => {
  start(16);
  await pass(10_000, 16);
  refused = true;
  await pass(10_000, 16);
  expect(isFresh()).toBe(false);
  attempts = 0;
  await pass(60_000, 16);
  expect(attempts).toBeGreaterThanOrEqual(12);
  expect(attempts).toBeLessThanOrEqual(24);
  refused = false;
  await pass(7000, 16);
  expect(isFresh()).toBe(true);
});
