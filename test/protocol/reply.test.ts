import {
  array,
  bulk,
  bulkText,
  error,
  formatDouble,
  integer,
  LongArray,
  replyBytes,
  resp2,
  resp3,
  sequence,
  type Reply,
  type ReplyForm,
} from '../../src/protocol/reply';

const wire = (reply: Reply): string => replyBytes(reply).toString('latin1');
const large = Buffer.alloc(5000, 'x');

// The middle column is what C prints for %.17g.
test.each([
  [0.1, '0.10000000000000001'],
  [-1.5, '-1.5'],
  [3, '3'],
  [-0, '-0'],
  [0.0001, '0.0001'],
  [0.00001, '1.0000000000000001e-05'],
  [2.5e-7, '2.4999999999999999e-07'],
  [12345.678, '12345.678'],
  [1e16, '10000000000000000'],
  [1e17, '1e+17'],
  [123456789012345678, '1.2345678901234568e+17'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [5e-324, '4.9406564584124654e-324'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
  [NaN, 'nan'],
])('the double %d is printed as %s', (value, text) => {
  expect(formatDouble(value)).toBe(text);
});

test.each<[title: string, make: (form: ReplyForm) => Reply, two: string, three: string]>([
  ['nil', (form) => form.nil, '$-1\r\n', '_\r\n'],
  ['a missing array', (form) => form.nilArray, '*-1\r\n', '_\r\n'],
  [
    'a map',
    (form) => form.map([bulk('a'), integer(1)]),
    '*2\r\n$1\r\na\r\n:1\r\n',
    '%1\r\n$1\r\na\r\n:1\r\n',
  ],
  ['a set', (form) => form.set([bulk('a')]), '*1\r\n$1\r\na\r\n', '~1\r\n$1\r\na\r\n'],
  ['a double', (form) => form.double(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
  ['true', (form) => form.boolean(true), ':1\r\n', '#t\r\n'],
  ['false', (form) => form.boolean(false), ':0\r\n', '#f\r\n'],
  [
    'a big number',
    (form) => form.bigNumber(-(2n ** 70n)),
    '$23\r\n-1180591620717411303424\r\n',
    '(-1180591620717411303424\r\n',
  ],
  ['a text', (form) => form.verbatim('txt', 'ab'), '$2\r\nab\r\n', '=6\r\ntxt:ab\r\n'],
  [
    'a large text',
    (form) => form.verbatim('txt', large),
    `$5000\r\n${String(large)}\r\n`,
    `=5004\r\ntxt:${String(large)}\r\n`,
  ],
  [
    'a push',
    (form) => form.push([bulk('message')]),
    '*1\r\n$7\r\nmessage\r\n',
    '>1\r\n$7\r\nmessage\r\n',
  ],
])('%s has the form of its protocol', (_title, make, two, three) => {
  expect(wire(make(resp2))).toBe(two);
  expect(wire(make(resp3))).toBe(three);
});

it('a large value goes through arrays and sequences as the Buffer it is', () => {
  const nested = array([
    integer(1),
    array([bulk(large), bulk('a')]),
    sequence([integer(2), bulk(large)]),
  ]);
  expect(wire(nested)).toBe(
    `*3\r\n:1\r\n*2\r\n$5000\r\n${String(large)}\r\n$1\r\na\r\n:2\r\n$5000\r\n${String(large)}\r\n`,
  );
  expect(typeof nested === 'string' ? [] : nested.filter((piece) => piece === large)).toHaveLength(
    2,
  );
});

it('an error is one line whatever its text holds', () => {
  expect(error('ERR', 'a\r\nb')).toBe('-ERR a  b\r\n');
});

describe('a long array', () => {
  it('counts what was added, and keeps its order', () => {
    const array = new LongArray();
    const items = Array.from({ length: 1000 }, (_, i) => bulkText('x'.repeat(i)));
    for (const item of items) array.add(item);
    expect(replyBytes(array.reply()).toString('latin1')).toBe(`*1000\r\n${items.join('')}`);
  });

  it('may be empty', () => {
    expect(replyBytes(new LongArray().reply()).toString()).toBe('*0\r\n');
  });

  it('is in pieces where it is longer than a string may be', () => {
    const array = new LongArray();
    const item = bulkText('x'.repeat(1 << 24));
    for (let i = 0; i < 33; i++) array.add(item);
    const reply = array.reply();
    expect(typeof reply).toBe('object');
    const length = (reply as readonly string[]).reduce((sum, piece) => sum + piece.length, 0);
    expect(length).toBe('*33\r\n'.length + 33 * item.length);
  });
});
