/** When the memory of a large string may be used again. */
import { ManualClock } from '../../src/lib/clock';
import { LargeMemory } from '../../src/lib/large-memory';
import { giveBack, keepRest } from '../../src/lib/loans';
import { RawString } from '../../src/values/raw-string';

const LENGTH = 100_000;
let memory: LargeMemory;
let raw: RawString;
beforeEach(() => {
  memory = new LargeMemory(new ManualClock(), () => Infinity);
  raw = RawString.of(Buffer.alloc(LENGTH, 'x'));
});

const lend = (): Buffer => raw.lend(0, raw.length) as Buffer;

/** How much memory it gives up when it leaves its record. */
async function givenUp(): Promise<number> {
  const before = memory.bytes;
  memory.leaves(raw);
  await Promise.resolve();
  return memory.bytes - before;
}

it('a string in no record gives it up, and is empty then', async () => {
  expect(await givenUp()).toBe(LENGTH);
  expect(raw.length).toBe(0);
  expect(raw.bytes()).toBe('');
});

it('a string in another record does not', async () => {
  raw.holders = 1;
  expect(await givenUp()).toBe(0);
  expect(raw.length).toBe(LENGTH);
});

it('nor one of which somebody has bytes that are not lent', async () => {
  const bytes = raw.bytes();
  expect(await givenUp()).toBe(0);
  expect(bytes).toHaveLength(LENGTH);
});

it('what is lent comes back first, all of it', async () => {
  const [first, second] = [lend(), raw.lend(10, 90_000) as Buffer];
  expect(await givenUp()).toBe(0);
  giveBack(first);
  giveBack(first);
  await Promise.resolve();
  expect(memory.bytes).toBe(0);
  giveBack(second);
  await Promise.resolve();
  expect(memory.bytes).toBe(LENGTH);
});

it('a string that was put into a record meanwhile keeps it', async () => {
  const view = lend();
  expect(await givenUp()).toBe(0);
  raw.holders = 1;
  giveBack(view);
  await Promise.resolve();
  expect(memory.bytes).toBe(0);
});

it('of a view that is cut, the rest counts', async () => {
  const view = lend();
  const rest = keepRest(view, view.subarray(50_000));
  expect(await givenUp()).toBe(0);
  giveBack(view);
  await Promise.resolve();
  expect(memory.bytes).toBe(0);
  giveBack(rest);
  await Promise.resolve();
  expect(memory.bytes).toBe(LENGTH);
});

it('what is lent stays as it was while the string is written into', () => {
  const view = lend();
  raw.write(0, 'new');
  expect(view.toString('latin1')).toBe('x'.repeat(LENGTH));
  expect(raw.text().slice(0, 5)).toBe('newxx');
});

it('once it is back, the string is written into without a copy', () => {
  const view = lend();
  giveBack(view);
  raw.write(0, 'new');
  expect(view.toString('latin1', 0, 5)).toBe('newxx');
});

it('views of the bytes before a copy say nothing of those after it', async () => {
  const before = lend();
  raw.write(0, 'new');
  const after = lend();
  giveBack(before);
  expect(await givenUp()).toBe(0);
  giveBack(after);
  await Promise.resolve();
  expect(memory.bytes).toBe(LENGTH);
});

it('short parts are text, which nobody has to give back', async () => {
  expect(raw.lend(0, 100)).toBe('x'.repeat(100));
  expect(await givenUp()).toBe(LENGTH);
});
