import { KeyedHeap } from '../../src/lib/keyed-heap';
import { seeded } from '../../src/lib/random';

it('gives the least first, one entry a name, after any sequence of changes', () => {
  const random = seeded(5);
  const heap = new KeyedHeap<string>();
  const model = new Map<string, number>();
  const least = (): number => Math.min(Infinity, ...model.values());
  for (let step = 0; step < 20_000; step++) {
    const name = `n${random.below(60)}`;
    const what = random.below(10);
    if (what < 6) {
      const order = random.below(1000);
      heap.set(name, order, `${name}@${order}`);
      model.set(name, order);
    } else if (what < 8) {
      heap.delete(name);
      model.delete(name);
    } else {
      const order = least();
      const value = heap.shift();
      if (order === Infinity) expect(value).toBeUndefined();
      else {
        const [taken, takenAt] = value!.split('@');
        expect([Number(takenAt), model.get(taken!)]).toEqual([order, order]);
        model.delete(taken!);
      }
    }
    expect([heap.size, heap.leastOrder]).toEqual([model.size, least()]);
    const order = model.get(name);
    expect(heap.get(name)).toBe(order === undefined ? undefined : `${name}@${order}`);
  }
});

it('keeps the least when it is cut short', () => {
  const random = seeded(6);
  const heap = new KeyedHeap<number>();
  const orders = Array.from({ length: 500 }, () => random.below(100_000));
  orders.forEach((order, i) => heap.set(`n${i}`, order, order));
  heap.truncate(100);
  heap.truncate(200);
  expect(heap.size).toBe(100);
  const kept = Array.from({ length: 100 }, () => heap.shift());
  expect(kept).toEqual([...orders].sort((a, b) => a - b).slice(0, 100));
  heap.set('n499', 1, 1);
  expect([heap.size, heap.get('n499')]).toEqual([1, 1]);
  heap.clear();
  expect([heap.size, heap.leastOrder, heap.shift()]).toEqual([0, Infinity, undefined]);
});

it('gives the least first of what is left when others are removed by what they are', () => {
  const random = seeded(7);
  const heap = new KeyedHeap<number>();
  const orders = Array.from({ length: 501 }, () => random.below(100_000));
  orders.forEach((order, i) => heap.set(`n${i}`, order, order));
  heap.deleteAll((order) => order % 3 === 0);
  const left = orders.filter((order) => order % 3 !== 0);
  expect([heap.size, heap.get(`n${orders.findIndex((order) => order % 3 === 0)}`)]).toEqual([
    left.length,
    undefined,
  ]);
  heap.set('another', -1, -1);
  const taken = Array.from({ length: left.length + 1 }, () => heap.shift());
  expect(taken).toEqual([-1, ...left.sort((a, b) => a - b)]);
});
