/** What the memory store counts is what a new count finds, whatever happened meanwhile. */
import { ManualClock } from '../../src/lib/clock';
import { seeded, type Random } from '../../src/lib/random';
import { MemoryStore } from '../../src/stores/memory/memory-store';
import { HashValue } from '../../src/values/hash';
import { ListValue } from '../../src/values/list';
import { RawString } from '../../src/values/raw-string';
import { cloneValue, type Value } from '../../src/values/value';

const DATABASES = 3;

function newValue(random: Random): Value {
  const text = 'x'.repeat(random.below(40));
  switch (random.below(5)) {
    case 0:
      return random.below(2) * 2 ** 40;
    case 1:
      return RawString.of(Buffer.alloc(random.below(9000)));
    case 2:
      return new HashValue([['f', text]]);
    case 3:
      return new ListValue([text, 'y']);
    default:
      return text;
  }
}

function editInPlace(value: Value, random: Random): void {
  const text = 'z'.repeat(random.below(100));
  const large = random.below(10) === 0 ? Buffer.alloc(5000) : text;
  if (value instanceof RawString) {
    if (random.below(2) === 0) value.append(large);
    else value.write(random.below(50), text);
  } else if (value instanceof HashValue) {
    if (random.below(3) === 0) value.delete(`f${random.below(5)}`);
    else value.set(`f${random.below(5)}`, large);
  } else if (value instanceof ListValue) {
    const edits = [
      () => value.pushBack(large),
      () => value.pushFront(text),
      () => value.popBack(),
      () => value.popFront(),
    ];
    edits[random.below(4)]!();
  }
}

function step(store: MemoryStore, random: Random): void {
  const db = random.below(DATABASES);
  const key = 'k'.repeat(1 + random.below(60) * (random.below(10) === 0 ? 50 : 1));
  const rec = store.find(db, key);
  const deadline = random.below(2) * (1_700_000_000_000 + random.below(1000));
  const action = random.below(100);
  if (action < 40 || rec === 0) store.put(db, key, newValue(random), deadline);
  else if (action < 55) store.remove(db, key);
  else if (action < 65) store.setExpiry(db, rec, deadline);
  else if (action < 75) store.replace(db, key, rec, newValue(random));
  else if (action < 97) {
    editInPlace(store.valueAt(db, rec), random);
    store.edited(db, rec);
  } else if (action === 97) store.flush(db);
  else if (action === 98) store.swap(db, random.below(DATABASES));
  else
    store.put(random.below(DATABASES), `${key}copy`, cloneValue(store.valueAt(db, rec)), deadline);
}

function recount(store: MemoryStore): number {
  store.countObjects(false);
  store.countObjects(true);
  while (store.countMore(100));
  return store.countedBytes;
}

function newStore(random: Random): MemoryStore {
  return new MemoryStore({ databases: DATABASES, clock: new ManualClock(), random });
}

it.each([1, 2, 3])('from the beginning (seed %i)', (seed) => {
  const random = seeded(seed);
  const store = newStore(random);
  store.countObjects(true);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 100; i++) step(store, random);
    const counted = store.countedBytes;
    expect(counted).toBe(recount(store));
  }
  store.flush('all');
  expect(store.countedBytes).toBe(0);
});

it.each([4, 5, 6])('begun in the middle, a few keys at a time (seed %i)', (seed) => {
  const random = seeded(seed);
  const store = newStore(random);
  for (let round = 0; round < 20; round++) {
    store.countObjects(false);
    for (let i = 0; i < 200; i++) step(store, random);
    store.countObjects(true);
    while (store.countMore(3)) step(store, random);
    const counted = store.countedBytes;
    expect(counted).toBe(recount(store));
  }
});

it('is without objects while nobody asks', () => {
  const store = newStore(seeded(1));
  store.put(0, 'k', 'v', 0);
  const small = store.countedBytes;
  store.put(0, 'k', RawString.of(Buffer.alloc(9000)), 0);
  expect(store.countedBytes).toBeLessThanOrEqual(small);
  expect(store.countMore(10)).toBe(false);
  store.countObjects(true);
  while (store.countMore(10));
  expect(store.countedBytes).toBeGreaterThan(small + 9000);
});

it('samples every key, or every key with a deadline, with the same chance', () => {
  const store = newStore(seeded(3));
  for (let i = 0; i < 100; i++) store.put(0, `k${i}`, 'v', i < 50 ? 0 : 1_700_000_000_000 + i * i);
  for (const [volatileOnly, keys] of [
    [false, 100],
    [true, 50],
  ] as const) {
    const drawn = new Map<string, number>();
    for (let i = 0; i < keys * 200; i++) {
      const key = store.keyAt(0, store.sample(0, volatileOnly));
      drawn.set(key, (drawn.get(key) ?? 0) + 1);
    }
    expect(drawn.size).toBe(keys);
    // Five standard deviations around 200.
    expect(Math.min(...drawn.values())).toBeGreaterThan(130);
    expect(Math.max(...drawn.values())).toBeLessThan(270);
  }
  expect(store.sample(1, false)).toBe(0);
  expect(store.sample(1, true)).toBe(0);
});
