import { quoted } from '../../src/lib/quoted';

it('escapes what cannot be printed', () => {
  expect(quoted('a "b" \\ \n\r\t\x07\b\0\x7f\xff~').join('')).toBe(
    String.raw`"a \"b\" \\ \n\r\t\a\b\x00\x7f\xff~"`,
  );
  expect(quoted(Buffer.from([0, 65, 34])).join('')).toBe(String.raw`"\x00A\""`);
  expect(quoted('').join('')).toBe('""');
});

it('cuts what is long, and loses nothing of it', () => {
  const texts = quoted(Buffer.alloc((1 << 23) + 1, 'ab'));
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.join('')).toBe(`"${'ab'.repeat(1 << 22)}a"`);
});
