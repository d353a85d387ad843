import { seeded } from '../../src/lib/random';
import { CreationOrder } from '../../src/stores/memory/creation-order';
import { Deadlines } from '../../src/stores/memory/deadlines';
import { hashKey } from '../../src/lib/key-hash';
import { Keyspace } from '../../src/lib/keyspace';
import type { Ref } from '../../src/store/records/arena';
import { Records } from '../../src/store/records/records';

let records = new Records();
beforeEach(() => (records = new Records()));

const record = (key: string, expiresAtMs = 0): Ref => records.create(key, 'v', 1, expiresAtMs);

/** Pearson's statistic for counts that should be equal; near the number of counts if they are. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the keyspace', () => {
  it('agrees with a Map while it is split and merged', () => {
    const random = seeded(3);
    const keyspace = new Keyspace(records, 8);
    const model = new Map<string, Ref>();
    let most = 0;
    for (const [rounds, additions] of [
      [6000, 0.8],
      [6000, 0.1],
      [2000, 0.5],
    ] as const) {
      for (let i = 0; i < rounds; i++) {
        const key = `k${random.below(3000)}`;
        const there = model.get(key) ?? 0;
        if (keyspace.get(key) !== there) throw new Error(`it lost ${key}`);
        if (random.next() < additions) {
          if (there !== 0) continue;
          const rec = record(key);
          model.set(key, rec);
          keyspace.add(key, rec);
        } else if (there !== 0) {
          model.delete(key);
          keyspace.remove(key, there);
          records.free(there);
        }
        most = Math.max(most, keyspace.tableCount);
      }
      expect([...model].filter(([key, rec]) => keyspace.get(key) !== rec)).toEqual([]);
      expect(keyspace.size).toBe(model.size);
    }
    expect(most).toBeGreaterThan(100);
  });

  it('goes back to one table when it is emptied', () => {
    const keyspace = new Keyspace(records, 8);
    const refs = Array.from({ length: 1000 }, (_, i) => record(`${i}`));
    refs.forEach((ref, i) => keyspace.add(`${i}`, ref));
    expect(keyspace.tableCount).toBe(125);
    refs.forEach((ref, i) => keyspace.remove(`${i}`, ref));
    expect([keyspace.tableCount, keyspace.size]).toEqual([1, 0]);
  });

  const long = 'x'.repeat(500);
  const PATTERNS: readonly (readonly [string, (i: number) => string])[] = [
    ['counters', (i) => `${i}`],
    ['padded counters', (i) => `key:${String(i).padStart(12, '0')}`],
    ['counters in steps of 1,024', (i) => `user:${i * 1024}`],
    ['counters in front', (i) => `${i}:profile:settings`],
    ['hexadecimal', (i) => `obj:${(i * 4096).toString(16)}`],
    ['little-endian binary', (i) => String.fromCharCode(i & 255, (i >> 8) & 255, i >> 16)],
    ['binary in steps of 65,536', (i) => `\0\0${String.fromCharCode(i & 255, i >> 8)}\0\0\0`],
    ['lengths', (i) => 'a'.repeat(i % 800) + String.fromCharCode(65 + Math.floor(i / 800))],
    ['two letters in many places', (i) => i.toString(2).padStart(16, '0')],
    ['counters in the middle of long keys', (i) => `${long}${i}${long.slice(0, 400)}`],
    ['counters behind very long keys', (i) => `${long}${long}${long}${i}`],
    ['counters before very long keys', (i) => `${i}${long}${long}${long}`],
  ];

  it.each(PATTERNS)('spreads %s evenly', (_title, make) => {
    const hashes = Array.from({ length: 10_000 }, (_, i) => hashKey(make(i)));
    for (const bits of [4, 6, 8]) {
      const counts = new Array<number>(1 << bits).fill(0);
      for (const hash of hashes) counts[hash & (counts.length - 1)]!++;
      // Five standard deviations of the statistic above what chance gives.
      expect(chiSquare(counts)).toBeLessThan(counts.length + 5 * Math.sqrt(2 * counts.length));
    }
  });
});

describe('the order of creation', () => {
  const all = (order: CreationOrder): Ref[] => {
    const found: Ref[] = [];
    expect(order.page(Infinity, 1e9, (rec) => found.push(rec))).toBe(0);
    return found.reverse();
  };

  /** Which records: as one text, because jest compares large arrays slowly. */
  const numbers = (recs: readonly Ref[]): string => recs.map((ref) => records.number(ref)).join();

  it.each([1, 2, 3])('agrees with a list under random churn (seed %d)', (seed) => {
    const random = seeded(seed);
    const order = new CreationOrder(records);
    const model: Ref[] = [];
    for (let i = 0; i < 20_000; i++) {
      // Waves: mostly additions, then mostly removals.
      if (model.length === 0 || random.next() < (i % 10_000 < 6000 ? 0.7 : 0.2)) {
        const rec = record(`${i}`);
        order.add(rec);
        model.push(rec);
      } else {
        const [rec] = model.splice(random.below(model.length), 1);
        order.remove(rec!);
      }
      if (i % 2000 === 0) expect(numbers(all(order))).toBe(numbers(model));
    }
    expect(numbers(all(order))).toBe(numbers(model));
    expect(order.size).toBe(model.length);
    expect(order.chunkCount).toBeLessThanOrEqual(2 + model.length / 128);
    for (const rec of model) order.remove(rec);
    expect(order.chunkCount).toBe(0);
  });

  it('is walked from any number, whatever the size of the steps', () => {
    const random = seeded(4);
    const order = new CreationOrder(records);
    const recs = Array.from({ length: 5000 }, (_, i) => record(`${i}`));
    recs.forEach((rec) => order.add(rec));
    const left = recs.filter((rec) => random.next() < 0.2 || (order.remove(rec), false));
    const found: Ref[] = [];
    let below = Infinity;
    do {
      const count = 1 + random.below(40);
      const before = found.length;
      below = order.page(below, count, (rec) => found.push(rec));
      if (below !== 0) expect(found.length - before).toBe(count);
    } while (below !== 0);
    expect(found.reverse()).toEqual(left);
  });

  it('stays small while billions come and go around survivors', () => {
    const order = new CreationOrder(records);
    const survivors: Ref[] = [];
    for (let i = 0; i < 100_000; i++) {
      const rec = record(`${i}`);
      order.add(rec);
      if (i % 1000 === 0) survivors.push(rec);
      else order.remove(rec);
    }
    expect(order.chunkCount).toBeLessThanOrEqual(2);
    expect(all(order)).toEqual(survivors);
  });

  it('stays small while it is a queue, removed from the oldest on', () => {
    const order = new CreationOrder(records);
    const queue = Array.from({ length: 20_000 }, (_, i) => record(`${i}`));
    queue.forEach((rec, i) => {
      order.add(rec);
      if (i >= 500) order.remove(queue[i - 500]!);
      if (i % 1000 === 999) expect(order.chunkCount).toBeLessThanOrEqual(3);
    });
  });

  it.each([
    ['dense chunks', () => true],
    ['holes everywhere', (i: number) => i % 3 !== 0],
    ['sparse and dense chunks in turn', (i: number) => (i >> 10) % 2 === 0 || i % 50 === 0],
    ['few records', (i: number) => i % 700 === 1],
  ])('is sampled evenly with %s', (_title, stays) => {
    const random = seeded(8);
    const order = new CreationOrder(records);
    const recs = Array.from({ length: 12_000 }, (_, i) => record(`${i}`));
    recs.forEach((rec) => order.add(rec));
    const left = recs.filter((rec, i) => stays(i) || (order.remove(rec), false));
    const counts = new Map(left.map((rec) => [rec, 0]));
    const draws = left.length * 10;
    let chances = 0;
    const counting = {
      next: random.next,
      below: (below: number) => (chances++, random.below(below)),
    };
    for (let i = 0; i < draws; i++) {
      const rec = order.sample(counting);
      counts.set(rec, counts.get(rec)! + 1);
    }
    expect(counts.size).toBe(left.length);
    const limit = left.length + 5 * Math.sqrt(2 * left.length);
    expect(chiSquare([...counts.values()])).toBeLessThan(limit);
    // Two draws of chance a try: four tries a sample at most, on average.
    expect(chances / draws).toBeLessThan(8);
  });

  it('gives a sample even when chance fails it', () => {
    const order = new CreationOrder(records);
    const recs = Array.from({ length: 10 }, (_, i) => record(`${i}`));
    recs.forEach((rec) => order.add(rec));
    order.remove(recs[0]!);
    expect(order.sample({ next: () => 0, below: () => 0 })).toBe(recs[1]);
    expect(new CreationOrder(records).sample(seeded(1))).toBe(0);
  });
});

describe('the index of deadlines', () => {
  const NOW = 1_700_000_000_000;
  const at = (ref: Ref): number => records.expiresAtMs(ref);

  /** How many objects and arrays it is made of. */
  const nodes = (value: unknown): number => {
    if (value instanceof Records || typeof value !== 'object' || value === null) return 0;
    return Object.values(value).reduce<number>((sum, child) => sum + nodes(child), 1);
  };

  it.each([
    ['near each other', (below: (n: number) => number) => NOW + below(1000)],
    ['nearly all the same', (below: (n: number) => number) => NOW + below(3)],
    ['far apart', (below: (n: number) => number) => 1 + below(2 ** 53)],
    ['beyond 2^53 or before 1970', (below: (n: number) => number) => (below(3) - 1) * 2 ** 60],
  ])('agrees with a sorted list for deadlines %s', (_title, deadline) => {
    const random = seeded(5);
    const index = new Deadlines(records);
    const model = new Set<Ref>();
    const sorted = (): Ref[] =>
      [...model].sort((a, b) => at(a) - at(b) || records.number(a) - records.number(b));
    for (let i = 0; i < 6000; i++) {
      const [first] = model;
      if (first !== undefined && random.next() < (i < 4000 ? 0.3 : 0.8)) {
        index.remove(first);
        model.delete(first);
      } else {
        const rec = record(`${i}`, deadline(random.below) || 1);
        records.setNumber(rec, i * 2 ** 20);
        index.add(rec);
        model.add(rec);
      }
      if (i % 500 !== 499) continue;
      const expected = sorted();
      const deadlines = (recs: Ref[]): string => recs.map(at).join();
      expect(deadlines(index.due(Infinity, 1e9))).toBe(deadlines(expected));
      expect(deadlines(index.due(Infinity, 10))).toBe(deadlines(expected.slice(0, 10)));
      const middle = at(expected[expected.length >> 1]!);
      const passed = expected.filter((rec) => at(rec) <= middle);
      expect(new Set(index.due(middle, 1e9)).size).toBe(passed.length);
      expect(index.due(middle, 1e9).every((rec) => at(rec) <= middle)).toBe(true);
      expect(at(index.at(0))).toBe(at(expected[0]!));
      expect(at(index.at(expected.length - 1))).toBe(at(expected.at(-1)!));
      expect(index.size).toBe(model.size);
    }
    for (const rec of model) index.remove(rec);
    expect(index.due(Infinity, 10)).toEqual([]);
  });

  it('grows by nothing when one key is refreshed again and again', () => {
    const index = new Deadlines(records);
    const rec = record('k', NOW);
    index.add(rec);
    const before = nodes(index);
    for (let i = 1; i <= 100_000; i++) {
      index.remove(rec);
      records.setExpiresAtMs(rec, NOW + ((i * 7919) % 86_400_000));
      index.add(rec);
    }
    expect([index.size, nodes(index)]).toEqual([1, before]);
  });

  it('is small again when what it held has gone', () => {
    const index = new Deadlines(records);
    const recs = Array.from({ length: 20_000 }, (_, i) => record(`${i}`, NOW + i * 1000));
    recs.forEach((rec, i) => {
      records.setNumber(rec, i);
      index.add(rec);
    });
    expect(nodes(index)).toBeGreaterThan(300);
    recs.slice(10).forEach((rec) => index.remove(rec));
    expect(nodes(index)).toBeLessThan(10);
  });

  it('keeps lists short for 50,000 keys with one deadline', () => {
    const index = new Deadlines(records);
    for (let i = 0; i < 50_000; i++) {
      const rec = record(`${i}`, NOW);
      records.setNumber(rec, i);
      index.add(rec);
    }
    let longest = 0;
    const look = (value: unknown): void => {
      if (Array.isArray(value)) longest = Math.max(longest, value.length);
      if (value instanceof Records || typeof value !== 'object' || value === null) return;
      Object.values(value).forEach(look);
    };
    look(index);
    expect(longest).toBe(64);
    expect(index.due(NOW - 1, 10)).toEqual([]);
    expect(new Set(index.due(NOW, 1e6)).size).toBe(50_000);
  });
});
