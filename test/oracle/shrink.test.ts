import { shrink } from './shrink';

const numbers = Array.from({ length: 100 }, (_, i) => i);

test('leaves only what the failure needs', async () => {
  const needed = [3, 50, 51, 99];
  const fails = (items: readonly number[]): Promise<boolean> =>
    Promise.resolve(needed.every((n) => items.includes(n)));
  expect(await shrink(numbers, fails, 1000)).toEqual(needed);
});

test('stops after so many attempts', async () => {
  let asked = 0;
  const fails = (): Promise<boolean> => Promise.resolve(asked++ < 0);
  expect(await shrink(numbers, fails, 7)).toEqual(numbers);
  expect(asked).toBe(7);
});
