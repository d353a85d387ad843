/** The cache beside a Map: what it holds is right, and it holds no more than it may. */
import { seeded } from '../../src/lib/random';
import { NO_EXPIRY, type Rec } from '../../src/store/record';
import { LazyRec } from '../../src/stores/cached/lazy-rec';
import { RecordCache } from '../../src/stores/cached/record-cache';
import { encodeValue } from '../../src/values/codec';
import { HashValue } from '../../src/values/hash';
import { RawString } from '../../src/values/raw-string';
import type { Value } from '../../src/values/value';
import { seedOf } from '../oracle/seed';

const seed = seedOf();
const never = (): never => {
  throw new Error('all of it can be read');
};
const asOf = { asOfMs: 0, tag: 0 };

function record(key: string, value: Value | undefined, version = 1): Rec {
  return { key, value, version, expiresAtMs: NO_EXPIRY };
}

function lazy(key: string, value: Value, version = 1): Rec {
  return new LazyRec(key, version, NO_EXPIRY, encodeValue(value));
}

/** What a value is, whatever object holds it. */
function textOf(value: Value | undefined): string {
  if (value instanceof RawString) return textOf(value.text());
  return value === undefined ? 'none' : encodeValue(value).latin1Slice();
}

it(`gives back what it was given, whatever moves and goes (TEST_SEED=${seed})`, () => {
  const random = seeded(seed);
  const model = new Map<string, Rec>();
  const left: string[] = [];
  const maxBytes = 200_000;
  const cache: RecordCache = new RecordCache(
    maxBytes,
    (db, ref) => {
      left.push(`${db}:${cache.key(ref)}`);
    },
    never,
  );
  const text = (length: number): string => String.fromCharCode(32 + (length % 90)).repeat(length);
  const values: (() => Value | undefined)[] = [
    () => text(random.below(100)),
    () => text(random.below(5000)),
    () => random.below(1e6) / 4,
    () => RawString.of(text(4096 + random.below(3000))),
    () => new HashValue([['field', text(random.below(300))]]),
    () => undefined,
  ];
  for (let version = 1; version < 10_000; version++) {
    const db = random.below(3);
    const key = random.below(40) === 0 ? text(2100 + random.below(9)) : `k${random.below(300)}`;
    const name = `${db}:${key}`;
    const value = values[random.below(values.length)]!();
    const isLazy = value !== undefined && random.below(4) === 0;
    const rec = isLazy ? lazy(key, value, version) : record(key, value, version);
    const found = cache.find(db, key);
    expect(found !== 0).toBe(model.has(name));
    switch (random.below(4)) {
      case 0:
        if (found === 0) cache.add(db, rec, { asOfMs: version, tag: 0 }, random.below(2) === 0);
        else cache.replace(db, key, found, rec, version);
        model.set(name, rec);
        break;
      case 1:
        if (found === 0) break;
        cache.remove(db, key, found);
        model.delete(name);
        break;
      default: {
        const ref = cache.use(db, key);
        // It may have no room among those that are used, and leaves.
        if (found === 0 || ref === 0) break;
        const kept = model.get(name)!;
        expect(cache.key(ref)).toBe(key);
        expect(cache.version(ref)).toBe(kept.version);
        expect(
          textOf(cache.isAbsence(ref) ? undefined : cache.value(ref)) === textOf(kept.value),
        ).toBe(true);
      }
    }
    for (const gone of left.splice(0)) expect(model.delete(gone)).toBe(true);
    expect(cache.size).toBe(model.size);
    expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
  }
  expect(cache.evicted).toBeGreaterThan(100);
  for (const name of model.keys()) {
    const [db, key] = [Number(name[0]), name.slice(2)];
    cache.remove(db, key, cache.find(db, key));
  }
  expect([cache.size, cache.bytes]).toEqual([0, 0]);
});

it('forgets first what nobody has used since the hand came by', () => {
  const cache = new RecordCache(20_000, () => {}, never);
  for (let i = 0; i < 100; i++) cache.add(0, record(`k${i}`, 'v'), asOf, true);
  for (let i = 0; i < 100; i += 2) cache.use(0, `k${i}`);
  for (let i = 100; cache.evicted < 40; i++) cache.add(0, record(`k${i}`, 'v'), asOf, true);
  const odd = Array.from({ length: 50 }, (_, i) => cache.find(0, `k${2 * i + 1}`) !== 0);
  const even = Array.from({ length: 50 }, (_, i) => cache.find(0, `k${2 * i}`) !== 0);
  expect(odd.filter(Boolean)).toHaveLength(10);
  expect(even.filter(Boolean)).toHaveLength(50);
});

it('lets what nobody has asked for push out nothing that is used', () => {
  const cache = new RecordCache(100_000, () => {}, never);
  for (let i = 0; i < 100; i++) cache.add(0, record(`used${i}`, 'v'), asOf, true);
  for (let i = 0; i < 5000; i++) cache.add(0, record(`new${i}`, 'v'), asOf, false);
  const used = Array.from({ length: 100 }, (_, i) => cache.find(0, `used${i}`) !== 0);
  expect(used.every(Boolean)).toBe(true);
  expect(cache.size).toBeGreaterThan(150);
});

it('has no record of what it cannot decode', () => {
  const errors: string[] = [];
  const cache = new RecordCache(
    100_000,
    () => {},
    (_db, error) => errors.push(error.code),
  );
  const broken = new LazyRec('k', 1, NO_EXPIRY, Buffer.alloc(5000, 0xff));
  cache.add(0, broken, asOf, false);
  expect(cache.find(0, 'k')).not.toBe(0);
  expect(cache.use(0, 'k')).toBe(0);
  expect([cache.find(0, 'k'), cache.size, cache.bytes]).toEqual([0, 0, 0]);
});

it('counts the pages that a few records keep, and lets those go', () => {
  const maxBytes = 20_000_000;
  const cache = new RecordCache(maxBytes, () => {}, never);
  for (let i = 0; cache.evicted === 0; i++) {
    cache.add(0, record(`a${i}`, 'v'.repeat(100)), asOf, true);
    // One of each page stays.
    if (i % 100 === 0) for (let j = 0; j < i; j += 100) cache.use(0, `a${j}`);
  }
  let most = 0;
  for (let i = 0; i < 5_000; i++) {
    cache.add(0, record(`b${i}`, 'v'.repeat(3000)), asOf, true);
    for (let j = 0; i % 100 === 0 && j < 100_000; j += 100) cache.use(0, `a${j}`);
    most = Math.max(most, cache.bytes);
  }
  // Not at once: nobody is to wait for it.
  expect(most).toBeLessThan(1.15 * maxBytes);
  expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
});
