/** Deadlines go by DynamoDB's clock where a node's own is wrong. */
import { CorrectedClock, ManualClock, systemClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { ClockOffset } from '../../src/stores/dynamodb/clock-offset';
import { commit, setting } from '../conformance/support';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';

const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

it.each([-30_000, -1500, -700, 0, 700, 1500, 30_000])(
  'is never told too far for an offset of %d ms, and near it after many answers',
  (trueMs) => {
    const random = seeded(9);
    const offset = new ClockOffset();
    let ours = 1_700_000_000_123;
    for (let i = 0; i < 500; i++) {
      const sentMs = (ours += random.below(400));
      const there = sentMs + random.below(20) + trueMs;
      const receivedMs = (ours = Math.max(there - trueMs, sentMs) + random.below(20));
      offset.observe(seconds(there), sentMs, receivedMs);
      // On the side of our own clock: a deadline moves no further than it must.
      expect(Math.abs(offset.offsetMs)).toBeLessThanOrEqual(Math.abs(trueMs));
      expect(offset.offsetMs * trueMs).toBeGreaterThanOrEqual(0);
    }
    expect(Math.abs(offset.offsetMs - trueMs)).toBeLessThanOrEqual(60);
  },
);

it('follows a clock that is set', () => {
  const offset = new ClockOffset();
  const at = (ours: number, there: number): void => offset.observe(seconds(there), ours, ours);
  at(1_000_000, 1_030_500);
  expect(offset.offsetMs).toBe(30_000);
  at(1_031_000, 1_031_500);
  expect(offset.offsetMs).toBe(0);
});

it('forgets after some time, because clocks drift', () => {
  const offset = new ClockOffset();
  const at = (ours: number, there: number): void => offset.observe(seconds(there), ours, ours);
  at(1_000_000, 1_001_000);
  expect(offset.offsetMs).toBe(1000);
  for (let ours = 1_100_000; ours < 3_000_000; ours += 100_000) at(ours, ours + 999);
  expect(offset.offsetMs).toBe(0);
});

it('a corrected clock never steps back', () => {
  const clock = new ManualClock(1000);
  let offsetMs = 0;
  const corrected = new CorrectedClock(clock, () => offsetMs);
  expect(corrected.nowMs()).toBe(1000);
  offsetMs = 500;
  expect(corrected.nowMs()).toBe(1500);
  offsetMs = 0;
  clock.advance(100);
  expect(corrected.nowMs()).toBe(1500);
  clock.advance(401);
  expect(corrected.nowMs()).toBe(1501);
});

it('a store sets its commits by the clock of DynamoDB, shows the offset and warns once', async () => {
  const lines: string[] = [];
  const log = new LineLogger('notice', (line) => lines.push(line), systemClock);
  const aheadMs = 3_600_000;
  const dateMs = (): number => Date.now() + aheadMs;
  const { store, fake, close } = await openFakeStore({ endpoint: { dateMs }, log });
  for (let i = 0; i < 5; i++) await commit(store, setting('k', i));
  expect(Math.abs(store.clockOffsetMs() - aheadMs)).toBeLessThanOrEqual(1500);
  expect(store.stats()['Dynamodb']!['clock_offset_ms']).toBe(store.clockOffsetMs());
  const { newImage } = fake.tables.named('goredis').changes.at(-1)!;
  const committedAtMs = Number((newImage as Record<string, { N?: string }>)['c']!.N);
  expect(Math.abs(committedAtMs - dateMs())).toBeLessThan(60_000);
  expect(lines.filter((line) => /ms behind DynamoDB's/.test(line))).toHaveLength(1);
  await close();
});
