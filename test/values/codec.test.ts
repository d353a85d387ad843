import { StoreError } from '../../src/errors';
import { LARGE_BYTES, type Bytes } from '../../src/lib/bytes';
import { seeded, type Random } from '../../src/lib/random';
import { decodeValue, encodeValue } from '../../src/values/codec';
import { HashValue } from '../../src/values/hash';
import { ListValue } from '../../src/values/list';
import { RawString } from '../../src/values/raw-string';
import type { Value } from '../../src/values/value';

/** Everything that can be seen of a value: types, encodings, elements as text or Buffer. */
function seen(value: Value): unknown {
  // jest compares Buffers byte by byte and slowly, so they become text with a mark.
  const element = (bytes: Bytes): string =>
    typeof bytes === 'string' ? bytes : `a Buffer: ${bytes.latin1Slice()}`;
  if (typeof value !== 'object') return { [typeof value]: value };
  if (value instanceof RawString) return { raw: value.text() };
  if (value instanceof HashValue) {
    const entries = [...value.entries()].map(([field, item]) => [field, element(item)]);
    return { [value.encoding]: entries };
  }
  return { list: [...value].map(element) };
}

/** Mostly short and of any bytes; one in twenty is long and of one byte. */
function randomText(random: Random): string {
  if (random.below(20) === 0) {
    return Buffer.alloc(LARGE_BYTES - 20 + random.below(40), random.below(256)).latin1Slice();
  }
  const bytes = Buffer.alloc(random.below(12));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(256);
  return bytes.latin1Slice();
}

/** An element: a Buffer from LARGE_BYTES on. */
function randomBytes(random: Random): Bytes {
  const text = randomText(random);
  return text.length < LARGE_BYTES ? text : Buffer.from(text, 'latin1');
}

function randomValue(random: Random): Value {
  switch (random.below(5)) {
    case 0:
      return randomText(random);
    case 1:
      return Math.floor((random.next() * 2 - 1) * 2 ** random.below(54)) || 0;
    case 2:
      return RawString.of(randomText(random));
    case 3: {
      const hash = new HashValue([], random.below(2) === 0 ? 'listpack' : 'hashtable');
      for (let i = random.below(12); i > 0; i--) hash.set(randomText(random), randomBytes(random));
      return hash;
    }
    default: {
      const list = new ListValue();
      for (let i = random.below(12); i > 0; i--) list.pushFront(randomBytes(random));
      return list;
    }
  }
}

describe('encodeValue and decodeValue', () => {
  it.each([1, 2, 3, 4])('give back any value as it was (seed %d)', (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 200; i++) {
      const value = randomValue(random);
      expect(seen(decodeValue(encodeValue(value)))).toEqual(seen(value));
    }
  });

  it.each<[string, Value, string]>([
    ['a text', 'abc', '10616263'],
    ['the empty text', '', '10'],
    ['a text of digits', '12', '103132'],
    ['a raw string', RawString.of('ab'), '116162'],
    ['zero', 0, '1200'],
    ['300', 300, '12ac02'],
    ['the largest number', Number.MAX_SAFE_INTEGER, '12ffffffffffffff0f'],
    ['the smallest number', Number.MIN_SAFE_INTEGER, '13ffffffffffffff0f'],
    ['a hash', new HashValue([['f', 'vw']]), '140101660276' + '77'],
    ['an outgrown hash', new HashValue([['f', '']], 'hashtable'), '1501016600'],
    ['a list', new ListValue(['a', '', Buffer.from('b')]), '1603016100' + '0162'],
  ])('write %s in this format, which stored data depends on', (_title, value, hex) => {
    expect(encodeValue(value).toString('hex')).toBe(hex);
    expect(encodeValue(decodeValue(Buffer.from(hex, 'hex'))).toString('hex')).toBe(hex);
  });

  it('share nothing with the bytes', () => {
    const list = new ListValue([Buffer.alloc(LARGE_BYTES, 'a')]);
    for (const value of [RawString.of('abc'), list]) {
      const bytes = encodeValue(value);
      const decoded = decodeValue(bytes);
      bytes.fill(0);
      expect(seen(decoded)).toEqual(seen(value));
    }
  });

  it.each([
    ['nothing', ''],
    ['an unknown kind', '1f00'],
    ['an unknown version', '2061'],
    ['a number that ends early', '12'],
    ['a number that ends within', '12ff'],
    ['a number above 2^53 - 1', '12ffffffffffffff1f'],
    ['a number without end', '12' + '80'.repeat(2000) + '00'],
    ['a number with leading zeros', '128000'],
    ['a negative zero', '1300'],
    ['bytes behind a number', '120000'],
    ['a hash without its value', '14010166'],
    ['a hash with a field twice', '140201660161' + '01660162'],
    ['bytes behind a hash', '1400ff'],
    ['a list that promises more', '16020161'],
    ['an element longer than what is there', '16010561'],
    ['a count of 2^53 - 1', '16ffffffffffffff0f'],
  ])('refuse %s', (_title, hex) => {
    const decode = (): Value => decodeValue(Buffer.from(hex, 'hex'));
    expect(decode).toThrow(StoreError);
    expect(decode).toThrow(expect.objectContaining({ code: 'unreadable' }));
  });

  it.each([1, 2, 3])('refuse or read any bytes, and never anything else (seed %d)', (seed) => {
    const random = seeded(seed);
    for (let i = 0; i < 500; i++) {
      const bytes = encodeValue(randomValue(random)).subarray(0, 200);
      bytes[random.below(bytes.length)] = random.below(256);
      const cut = bytes.subarray(0, 1 + random.below(bytes.length));
      try {
        decodeValue(cut);
      } catch (error) {
        expect(error).toBeInstanceOf(StoreError);
      }
    }
  });
});
