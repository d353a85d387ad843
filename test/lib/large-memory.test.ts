import { ManualClock } from '../../src/lib/clock';
import { LargeMemory, REUSED_BYTES, type Leaving } from '../../src/lib/large-memory';

const KB = 1024;
let clock: ManualClock;
let maxBytes: number;
let memory: LargeMemory;
beforeEach(() => {
  clock = new ManualClock();
  maxBytes = 10 * KB * KB;
  memory = new LargeMemory(clock, () => maxBytes);
});

/** A buffer of so many KB that has been given. */
function given(kb: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(kb * KB);
  memory.give(buffer);
  return buffer;
}

it.each([
  [1000, 'itself', 1000],
  [1000, 'a fifth less', 800],
])('memory of %i KB serves a value of %s', (kb, _much, wantedKb) => {
  const old = given(kb);
  const taken = memory.take(wantedKb * KB);
  expect([taken?.buffer, taken?.length]).toEqual([old.buffer, wantedKb * KB]);
  expect(memory.bytes).toBe(0);
  expect(memory.take(wantedKb * KB)).toBeUndefined();
});

it.each([1001, 799])('but none of %i KB', (kb) => {
  given(1000);
  expect(memory.take(kb * KB)).toBeUndefined();
  expect(memory.bytes).toBe(1000 * KB);
});

it('what a value got is whole again when it is given back', () => {
  given(1000);
  memory.give(memory.take(900 * KB)!);
  expect(memory.bytes).toBe(1000 * KB);
});

it('the oldest goes when there is too much, and the bound counts as it is now', () => {
  for (const kb of [3000, 4000, 3000, 500]) given(kb);
  expect(memory.bytes).toBe(7500 * KB);
  maxBytes = 4000 * KB;
  given(600);
  expect(memory.bytes).toBe(1100 * KB);
  given(5000);
  expect(memory.bytes).toBe(0);
});

it('so it goes when there are too many', () => {
  for (let i = 0; i < 100; i++) given(100);
  expect(memory.bytes).toBe(64 * 100 * KB);
});

it('neither small ones are taken nor parts of something else', () => {
  memory.give(Buffer.allocUnsafeSlow(REUSED_BYTES - 1));
  memory.give(Buffer.allocUnsafeSlow(1000 * KB).subarray(1));
  expect(memory.bytes).toBe(0);
});

it('all goes when nobody has wanted any for ten seconds', () => {
  given(1000);
  given(2000);
  clock.advance('9s');
  expect(memory.take(1000 * KB)).toBeDefined();
  clock.advance('9s');
  expect(memory.bytes).toBe(2000 * KB);
  clock.advance('1s');
  expect(memory.bytes).toBe(0);
  given(1000);
  clock.advance('10s');
  expect(memory.bytes).toBe(0);
});

it('a value is asked when what runs has ended, and may keep its memory', async () => {
  const asked: string[] = [];
  const value = (name: string): Leaving => ({ giveUp: () => asked.push(name) });
  memory.leaves(value('a'));
  memory.leaves(value('b'));
  expect(asked).toEqual([]);
  await Promise.resolve();
  expect(asked).toEqual(['a', 'b']);
  memory.leaves(value('c'));
  await Promise.resolve();
  expect(asked).toEqual(['a', 'b', 'c']);
});
