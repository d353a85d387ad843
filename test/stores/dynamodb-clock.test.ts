/** Deadlines go by DynamoDB's clock where a node's own is wrong. */
import { CorrectedClock, ManualClock, systemClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { ClockOffset } from '../../src/stores/dynamodb/clock-offset';
import { commit, setting } from '../conformance/support';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';

const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** The monotonic clock of these tests is this much behind the machine's own. */
const MONOTONIC_MS = 1_000_000;

class Machine {
  readonly offset = new ClockOffset();
  monotonicMs = 5000;
  /** The machine's clock, less the monotonic one. */
  setMs = MONOTONIC_MS;
  /** DynamoDB's clock, less the monotonic one. */
  thereMs = MONOTONIC_MS;

  /** An answer that took no time, after so many milliseconds. */
  answer(afterMs = 0): void {
    this.monotonicMs += afterMs;
    const date = seconds(this.monotonicMs + this.thereMs);
    this.offset.observe(date, this.monotonicMs, this.monotonicMs);
  }

  nowMs(): number {
    return this.monotonicMs + this.setMs;
  }

  offsetMs(): number {
    return this.offset.offsetMs(this.nowMs(), this.monotonicMs);
  }

  /** How far the corrected clock is ahead of DynamoDB's. */
  errorMs(): number {
    return this.setMs + this.offsetMs() - this.thereMs;
  }
}

it.each([-30_000, -1500, -700, 0, 700, 1500, 30_000])(
  'is never told too far for an offset of %d ms, and near it after many answers',
  (trueMs) => {
    const random = seeded(9);
    const machine = new Machine();
    const { offset } = machine;
    for (let i = 0; i < 500; i++) {
      const sentMs = (machine.monotonicMs += random.below(400));
      const there = sentMs + random.below(20) + machine.setMs + trueMs;
      machine.monotonicMs += 20 + random.below(20);
      offset.observe(seconds(there), sentMs, machine.monotonicMs);
      // On the side of our own clock: a deadline moves no further than it must.
      expect(Math.abs(machine.offsetMs())).toBeLessThanOrEqual(Math.abs(trueMs));
      expect(machine.offsetMs() * trueMs).toBeGreaterThanOrEqual(0);
    }
    expect(Math.abs(machine.offsetMs() - trueMs)).toBeLessThanOrEqual(60);
  },
);

it.each([-7_200_000, -5000, 5000, 7_200_000])(
  'a clock that is set by %d ms is set right, before and after the next answer',
  (stepMs) => {
    const machine = new Machine();
    for (let i = 0; i < 50; i++) machine.answer(1030);
    expect(machine.offsetMs()).toBe(0);
    machine.setMs += stepMs;
    expect(Math.abs(machine.errorMs())).toBeLessThanOrEqual(1000);
    machine.answer(100);
    expect(Math.abs(machine.errorMs())).toBeLessThanOrEqual(1000);
    machine.setMs -= stepMs;
    expect(machine.offsetMs()).toBe(0);
  },
);

it('follows DynamoDB when the two clocks have parted: the machine has slept', () => {
  const machine = new Machine();
  for (let i = 0; i < 50; i++) machine.answer(1030);
  machine.thereMs += 3_600_000;
  machine.setMs += 3_600_000;
  expect(machine.offsetMs()).toBeLessThan(-3_590_000);
  machine.answer(1);
  expect(machine.offsetMs()).toBe(0);
});

it('forgets after some time, because clocks drift', () => {
  const machine = new Machine();
  machine.thereMs += 1001;
  for (let i = 0; i < 50; i++) machine.answer(1030);
  expect(machine.offsetMs()).toBeGreaterThan(900);
  machine.thereMs -= 30;
  for (let i = 0; i < 20; i++) machine.answer(100_010);
  machine.thereMs -= 970;
  for (let i = 0; i < 20; i++) machine.answer(100_010);
  expect(machine.offsetMs()).toBe(0);
});

it('a corrected clock stands still rather than step back a little, and follows a large step', () => {
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
  offsetMs = 3_600_000;
  expect(corrected.nowMs()).toBe(3_601_501);
  offsetMs = 0;
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
  const shown = Number(store.stats()['Dynamodb']!['clock_offset_ms']);
  expect(Math.abs(shown - aheadMs)).toBeLessThanOrEqual(1500);
  const { newImage } = fake.tables.named('goredis').changes.at(-1)!;
  const committedAtMs = Number((newImage as Record<string, { N?: string }>)['c']!.N);
  expect(Math.abs(committedAtMs - dateMs())).toBeLessThan(60_000);
  expect(lines.filter((line) => /ms behind DynamoDB's/.test(line))).toHaveLength(1);
  await close();
});
