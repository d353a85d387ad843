import { EvictionPool } from '../../src/engine/eviction-pool';

function drain(pool: EvictionPool): number[] {
  const scores: number[] = [];
  for (let best = pool.take(); best !== undefined; best = pool.take()) scores.push(best.score);
  return scores;
}

it('gives the best of all that were offered, and keeps 16', () => {
  const pool = new EvictionPool();
  for (let i = 0; i < 100; i++) pool.offer(0, `k${i}`, (i * 37) % 100);
  expect(drain(pool)).toEqual(Array.from({ length: 16 }, (_, i) => 99 - i));
});

it('takes a worse one while there is room', () => {
  const pool = new EvictionPool();
  pool.offer(0, 'a', 5);
  pool.offer(1, 'b', 3);
  expect(pool.take()).toEqual({ db: 0, key: 'a', score: 5 });
  expect(pool.take()).toEqual({ db: 1, key: 'b', score: 3 });
  expect(pool.take()).toBeUndefined();
});

it('is empty after clear', () => {
  const pool = new EvictionPool();
  pool.offer(0, 'a', 5);
  pool.clear();
  expect(pool.take()).toBeUndefined();
});
