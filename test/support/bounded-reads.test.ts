import { findViolation, type BoundedRead, type Broken, type NumberedWrite } from './bounded-reads';

const BOUNDS = { boundMs: 100, transactions: 3 };

/** A write by node A of some keys, at a moment; `-key`: it is deleted. */
function write(number: number, keys: string, atMs: number, node: string | undefined = 'A') {
  const names = keys.split(' ');
  const sets = names.filter((key) => !key.startsWith('-'));
  const deletes = names.filter((key) => key.startsWith('-')).map((key) => key.slice(1));
  return { node, number, sets, deletes, calledAt: atMs, returnedAt: atMs + 1 };
}

/** A read at a moment, such as `a=1 b=-`. */
function read(seen: string, atMs: number, node = 'A', strong = false): BoundedRead {
  const pairs = seen.split(' ').map((pair) => pair.split('=') as [string, string]);
  return {
    node,
    keys: pairs.map(([key]) => key),
    seen: pairs.map(([, value]) => (value === '-' ? undefined : Number(value))),
    strong,
    calledAt: atMs,
    returnedAt: atMs + 1,
  };
}

function broken(writes: readonly NumberedWrite[], ...reads: readonly BoundedRead[]) {
  return findViolation({ writes, reads }, BOUNDS)?.broken;
}

const bad: readonly [string, Broken, readonly NumberedWrite[], ...(readonly BoundedRead[])][] = [
  [
    'a key that goes back on a node',
    'went back',
    [write(1, 'a', 0), write(2, 'a', 10)],
    ...[read('a=2', 20, 'B'), read('a=1', 30, 'B')],
  ],
  [
    'a key that is gone and there again',
    'went back',
    [write(1, 'a', 0), write(2, '-a', 10)],
    ...[read('a=1', 12, 'B'), read('a=-', 20, 'B'), read('a=1', 30, 'B')],
  ],
  ['a node that does not see its own write', 'own write', [write(1, 'a', 0)], read('a=-', 10)],
  [
    'a read that does not see what was written longer ago than the bound',
    'too old',
    [write(1, 'a', 0), write(2, 'a', 10)],
    read('a=1', 112, 'B'),
  ],
  [
    'the same where none of the nodes wrote',
    'too old',
    [write(1, 'a', 0), write(2, '-a', 10, undefined)],
    read('a=1', 112, 'B'),
  ],
  [
    'a strong read that is old',
    'too old',
    [write(1, 'a', 0), write(2, 'a', 10)],
    read('a=1', 20, 'B', true),
  ],
  [
    'a transaction half seen in one read',
    'half seen',
    [write(1, 'a b', 0), write(2, 'a b', 10)],
    read('a=1 b=2', 20, 'B'),
  ],
  [
    'a transaction half seen in reads that follow each other',
    'half seen',
    [write(1, 'a b', 0), write(2, 'a b', 10)],
    ...[read('b=2', 20, 'B'), read('a=1', 30, 'B')],
  ],
  [
    'a transaction that is half seen behind a write of a single key',
    'half seen',
    [write(1, 'a b', 0), write(2, 'a b', 10), write(3, 'a', 20)],
    ...[read('a=3', 30, 'B'), read('b=1', 40, 'B')],
  ],
  [
    'a transaction that is half seen behind another one',
    'half seen',
    [write(1, 'a b', 0), write(2, 'a b', 10), write(3, 'a c', 20)],
    read('c=3 a=3 b=1', 40, 'B'),
  ],
  [
    'a deletion that only half a transaction shows',
    'half seen',
    [write(1, 'a b', 0), write(2, 'a -b', 10)],
    read('b=1 a=2', 20, 'B'),
  ],
  [
    'a deletion that shows a transaction',
    'half seen',
    [write(1, 'a b', 0), write(2, '-a b', 10)],
    ...[read('a=1', 12, 'B'), read('a=-', 20, 'B'), read('b=1', 30, 'B')],
  ],
  ['a number that nobody wrote', 'never written', [write(1, 'a', 0)], read('a=2', 20, 'B')],
  ['a write that is seen before it', 'never written', [write(1, 'a', 20)], read('a=1', 10, 'B')],
];

it.each(bad)('refuses %s', (_title, what, writes, ...reads) => {
  expect(broken(writes, ...reads)).toBe(what);
});

const good: readonly [string, readonly NumberedWrite[], ...(readonly BoundedRead[])][] = [
  [
    'another node that is behind within the bound',
    [write(1, 'a', 0), write(2, 'a', 10)],
    ...[read('a=2', 20, 'A'), read('a=1', 30, 'B'), read('a=1', 110, 'B')],
  ],
  [
    'reads at the same time, in any order',
    [write(1, 'a', 0), write(2, 'a', 10)],
    { ...read('a=2', 20, 'B'), returnedAt: 40 },
    { ...read('a=1', 21, 'B'), returnedAt: 41 },
  ],
  [
    'a write that is seen before it is acknowledged',
    [write(1, 'a', 0), { ...write(2, 'a', 10), returnedAt: 50 }],
    ...[read('a=2', 20, 'B'), read('a=1', 30)],
  ],
  [
    'a write without an answer, seen or not',
    [write(1, 'a', 0), { ...write(2, 'a', 10), returnedAt: Infinity }],
    ...[read('a=1', 500, 'B'), read('a=2', 600), read('a=1', 700, 'B')],
  ],
  [
    'both halves of a transaction, one with a later write',
    [write(1, 'a b', 0), write(2, 'a b', 10), write(3, 'b', 20)],
    ...[read('a=2 b=3', 30, 'B'), read('a=1 b=1', 31, 'C'), read('b=2', 32, 'C')],
  ],
  [
    'an absence that any of several deletions explains',
    [write(1, '-a b', 0), write(2, 'a', 10), write(3, '-a b', 20)],
    ...[read('a=-', 30, 'B'), read('b=1', 31, 'B'), read('a=2', 32, 'B'), read('a=-', 33, 'B')],
    read('b=3 a=-', 34, 'B'),
  ],
  [
    'a transaction so long ago that its record may have forgotten it',
    [write(1, 'a b', 0), write(2, 'a b', 1), ...[3, 4, 5].map((n) => write(n, 'a c', n))],
    read('a=5 b=1', 12, 'B'),
  ],
];

it.each(good)('takes %s', (_title, writes, ...reads) => {
  expect(broken(writes, ...reads)).toBeUndefined();
});
