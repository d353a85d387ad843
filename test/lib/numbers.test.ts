import { parseDouble, parseInt64, parseSafeInteger } from '../../src/lib/numbers';
import { asBuffer } from '../../src/lib/bytes';

test.each<[string, number | undefined]>([
  ['1', 1],
  ['-1.5', -1.5],
  ['+2.', 2],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1E-2', 0.01],
  ['inf', Infinity],
  ['-Infinity', -Infinity],
  ['+INF', Infinity],
  ['0x10', 16],
  ['-0X1.8p1', -3],
  ['0x.8', 0.5],
  ['nan', undefined],
  ['', undefined],
  [' 1', undefined],
  ['1 ', undefined],
  ['.', undefined],
  ['1e', undefined],
  ['0x', undefined],
  ['one', undefined],
])('the double that %j spells is %p', (text, value) => {
  expect(parseDouble(text)).toBe(value);
});

test.each<[string, bigint | undefined]>([
  ['9007199254740991', 9007199254740991n],
  ['-9007199254740992', -9007199254740992n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['9223372036854775808', undefined],
  ['-9223372036854775808', -(2n ** 63n)],
  ['-0', undefined],
  ['01', undefined],
  ['+1', undefined],
  ['', undefined],
  ['-', undefined],
])('the integer that %j spells is %p', (text, value) => {
  expect(parseInt64(text)).toBe(value);
  const safe = value !== undefined && Number.isSafeInteger(Number(value));
  expect(parseSafeInteger(text)).toBe(safe ? Number(value) : undefined);
});

test.each<[string | Buffer, string | Buffer, boolean]>([
  ['a\xff', 'a\xff', true],
  ['a', Buffer.from('a'), true],
  [Buffer.from([0xff]), '\xff', true],
  [Buffer.from('a'), Buffer.from('b'), false],
  ['a', Buffer.from('ab'), false],
])('%j and %j become the same bytes: %p', (a, b, same) => {
  expect(asBuffer(a).equals(asBuffer(b))).toBe(same);
});
