import { PatternIndex } from '../../src/events/pattern-index';
import { compileGlob } from '../../src/lib/glob';
import { seeded } from '../../src/lib/random';

function matching(index: PatternIndex<number>, text: string): string[] {
  const found: string[] = [];
  index.forEachMatch(text, (pattern) => found.push(pattern));
  return found.sort();
}

it('finds the patterns that match, as trying each of them does', () => {
  const random = seeded(3);
  const word = (letters: string, length: number): string =>
    Array.from({ length }, () => letters[random.below(letters.length)]).join('');
  const patterns = new Set<string>();
  const index = new PatternIndex<number>();
  for (let round = 0; round < 3000; round++) {
    const pattern = word('ab*?[]\\', random.below(6));
    if (!patterns.has(pattern)) {
      patterns.add(pattern);
      index.set(pattern, round);
    } else {
      patterns.delete(pattern);
      index.delete(pattern);
    }
    if (round % 20 > 0) continue;
    const text = word('ab[', random.below(6));
    const expected = [...patterns].filter((each) => compileGlob(each)(text)).sort();
    expect([text, matching(index, text)]).toEqual([text, expected]);
  }
  expect(index.size).toBe(patterns.size);
  for (const pattern of patterns) index.delete(pattern);
  expect([index.size, matching(index, 'a')]).toEqual([0, []]);
});

it('tries only patterns that begin as the text does', () => {
  const index = new PatternIndex<number>();
  for (let i = 0; i < 100_000; i++) index.set(`user:${i}:*`, i);
  const startedMs = performance.now();
  for (let i = 0; i < 1000; i++) expect(matching(index, `user:${i}:x`)).toEqual([`user:${i}:*`]);
  // Trying all of them takes some 10 ms each time.
  expect(performance.now() - startedMs).toBeLessThan(2000);
});
