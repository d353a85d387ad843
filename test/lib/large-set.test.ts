import { LargeSet } from '../../src/lib/large-set';

it('holds each member once, however many sets it is made of', () => {
  const set = new LargeSet<number>(3);
  for (const member of [1, 2, 1, 3, 4, 2, 5, 6, 7, 1, 4, 7, 8]) set.add(member);
  expect([...set]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it('is empty at first', () => {
  expect([...new LargeSet()]).toEqual([]);
});
