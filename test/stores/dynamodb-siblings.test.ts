/** What an item says of the others that were written together with it. */
import { itemKey, type ItemKey } from '../../src/stores/dynamodb/item-key';
import { groupsOf, placeOf, Siblings } from '../../src/stores/dynamodb/siblings';

const at = (key: string): ItemKey => itemKey({ db: 3, key });
const member = (key: string, base: number) => ({ at: at(key), base, version: base + 1 });
const NOW = 1_700_000_000_000;
/** Keys by their places. */
const names = new Map(['a', 'b', 'c'].map((key) => [placeOf(at(key)).toString('hex'), key]));

/** The groups of a `tx`: age in ms, and versions by key. */
function shown(tx: Buffer | undefined): unknown {
  return groupsOf(tx!).map(({ committedAtMs, members }) => [
    NOW - committedAtMs,
    Object.fromEntries(
      members.map(({ place, version }) => [names.get(place.toString('hex')), version]),
    ),
  ]);
}

it('names each item of the commit and its version', () => {
  const version = 2 ** 53 - 2;
  const [a, b] = new Siblings().of([member('a', 1), member('b', version)], NOW);
  expect(shown(a)).toEqual([[0, { a: 2, b: version + 1 }]]);
  expect(b).toEqual(a);
});

it('keeps what the item said before, for ten seconds, if that is what was read', () => {
  const siblings = new Siblings();
  const [first] = siblings.of([member('a', 1), member('b', 1)], NOW - 9999);
  siblings.learn({ ...at('a'), v: { N: '2' }, tx: { B: first! } });
  const [second, other] = siblings.of([member('a', 2), member('c', 5)], NOW);
  expect(shown(second)).toEqual([
    [0, { a: 3, c: 6 }],
    [9999, { a: 2, b: 2 }],
  ]);
  expect(shown(other)).toEqual([[0, { a: 3, c: 6 }]]);
  // Another has written the item since: what it says now is not known.
  expect(shown(siblings.of([member('a', 3)], NOW)[0])).toEqual([[0, { a: 4 }]]);
  expect(shown(siblings.of([member('a', 2)], NOW + 1)[0])).toEqual([[-1, { a: 3 }]]);
});

it('is not taken back by what the stream shows late', () => {
  const siblings = new Siblings();
  const [first] = siblings.of([member('a', 1), member('b', 1)], NOW);
  const [second] = siblings.of([member('a', 2), member('c', 2)], NOW);
  siblings.learn({ ...at('a'), v: { N: '3' }, tx: { B: second! } });
  siblings.learn({ ...at('a'), v: { N: '2' }, tx: { B: first! } });
  expect(shown(siblings.of([member('a', 3)], NOW)[0])).toEqual([
    [0, { a: 4 }],
    [0, { a: 3, c: 3 }],
  ]);
});

it.each([1, 6, 7, 20])('takes no notice of %i bytes that another program wrote', (length) => {
  const siblings = new Siblings();
  const told: Uint8Array[] = [];
  siblings.onTx = (tx) => told.push(tx);
  siblings.learn({ ...at('a'), v: { N: '1' }, tx: { B: Buffer.alloc(length, 0xff) } });
  expect(told).toEqual([]);
  expect(shown(siblings.of([member('a', 1)], NOW)[0])).toEqual([[0, { a: 2 }]]);
});

it('follows commits of this node that leave it alone', () => {
  const siblings = new Siblings();
  const [tx] = siblings.of([member('a', 1), member('b', 1)], NOW);
  siblings.wrote(at('a'), 2, tx!);
  siblings.moved(at('a'), 2, 3);
  siblings.moved(at('b'), 2, 3);
  expect(shown(siblings.of([member('a', 3)], NOW)[0])).toHaveLength(2);
  expect(shown(siblings.of([member('b', 3)], NOW)[0])).toHaveLength(1);
});

it('knows what nobody needs any more', () => {
  const siblings = new Siblings();
  const [tx] = siblings.of([member('a', 1), member('b', 1)], NOW);
  siblings.wrote(at('a'), 2, tx!);
  expect(siblings.isOutdated(at('a'), 2, NOW + 9999)).toBe(false);
  expect(siblings.isOutdated(at('a'), 2, NOW + 10_000)).toBe(true);
  expect(siblings.isOutdated(at('a'), 3, NOW + 10_000)).toBe(false);
  expect(siblings.isOutdated(at('b'), 2, NOW + 10_000)).toBe(false);
});

it('does not grow without end', () => {
  const siblings = new Siblings();
  let tx: Buffer | undefined;
  for (let version = 1; version < 200; version++) {
    tx = siblings.of([member('a', version), member('b', version)], NOW)[0]!;
    siblings.wrote(at('a'), version + 1, tx);
  }
  expect(tx!.length).toBeLessThan(2200);
  expect(groupsOf(tx!).length).toBeGreaterThan(40);
});
