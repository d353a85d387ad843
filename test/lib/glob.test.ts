import { compileGlob } from '../../src/lib/glob';

// What KEYS shows of the matcher is compared with redis-server in test/oracle/glob.test.ts.
describe('nocase', () => {
  const matches = (pattern: string, text: string): boolean =>
    compileGlob(pattern, { nocase: true })(text);

  test.each([
    ['MaxClients', 'maxclients', true],
    ['max*', 'MAXMEMORY', true],
    ['*MEMORY', 'maxmemory', true],
    ['[A-C]x', 'bX', true],
    ['[a-c]x', 'BX', true],
    ['[abc]', 'B', true],
    ['[^a]', 'A', false],
    ['\\A', 'a', true],
    // Redis folds no escaped letter in brackets.
    ['[\\a]', 'A', false],
    ['[\\A]', 'A', true],
    // Only ASCII has two cases.
    ['\xe4', '\xc4', false],
  ])('%j and %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

test('the empty text matches the empty pattern only', () => {
  expect(['', '*', '**', '?'].map((pattern) => compileGlob(pattern)(''))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('many stars over a long text take steps in proportion to their product, not exponentially', () => {
  const text = 'a'.repeat(20_000);
  // With backtracking over every star this would not end.
  expect(compileGlob(`${'a*'.repeat(60)}b`)(text)).toBe(false);
  expect(compileGlob(`${'*a?'.repeat(60)}*`)(text)).toBe(true);
});
