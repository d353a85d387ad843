import { parseReply, sameReply, sameTransaction, type Compare } from './compare';

const reply = (text: string): Buffer => Buffer.from(text, 'latin1');

test.each<[Compare, string, string, boolean]>([
  ['bytes', '+OK\r\n', '+OK\r\n', true],
  ['bytes', '$1\r\na\r\n', '$1\r\nb\r\n', false],
  ['bytes', '$-1\r\n', '*-1\r\n', false],
  ['sorted', '*2\r\n$1\r\na\r\n$1\r\nb\r\n', '*2\r\n$1\r\nb\r\n$1\r\na\r\n', true],
  ['sorted', '*2\r\n$1\r\na\r\n$1\r\na\r\n', '*2\r\n$1\r\na\r\n$1\r\nb\r\n', false],
  ['sorted', '*1\r\n*2\r\n:2\r\n:1\r\n', '*1\r\n*2\r\n:1\r\n:2\r\n', true],
  ['sorted', '*2\r\n*0\r\n$1\r\na\r\n', '*2\r\n$1\r\na\r\n*0\r\n', false],
  ['sorted', '+OK\r\n', '+QUEUED\r\n', false],
  ['shape', '$1\r\na\r\n', '$2\r\nbb\r\n', true],
  ['shape', '*1\r\n$1\r\na\r\n', '*1\r\n:1\r\n', false],
  ['shape', '-ERR one\r\n', '-ERR two\r\n', true],
  ['shape', '-ERR one\r\n', '-WRONGTYPE one\r\n', false],
  ['kind', '%1\r\n+a\r\n+b\r\n', '%0\r\n', true],
  ['kind', '%0\r\n', '*0\r\n', false],
  ['ms', ':100000\r\n', ':101000\r\n', true],
  ['ms', ':100000\r\n', ':200000\r\n', false],
  ['ms', ':1\r\n', ':0\r\n', false],
  ['ms', ':-1\r\n', ':-2\r\n', false],
  ['s', ':100\r\n', ':101\r\n', true],
  ['s', ':100\r\n', ':1000\r\n', false],
  ['s', ':1\r\n', ':0\r\n', false],
  ['idle', ':0\r\n', ':2\r\n', true],
  ['idle', ':0\r\n', ':11\r\n', false],
  ['idle', ':0\r\n', ':-1\r\n', false],
  ['idle', ':0\r\n', '$-1\r\n', false],
  ['encoding', '$3\r\nint\r\n', '$6\r\nembstr\r\n', true],
  ['encoding', '$3\r\nint\r\n', '$3\r\nraw\r\n', false],
])('by %s %j and %j are equal: %s', (compare, expected, actual, equal) => {
  expect(sameReply(compare, reply(expected), reply(actual))).toBe(equal);
});

test('compares each reply in EXEC in its own way', () => {
  const expected = reply('*2\r\n:100000\r\n$1\r\n\n\r\n');
  expect(sameTransaction(['ms', 'bytes'], expected, reply('*2\r\n:100001\r\n$1\r\n\n\r\n'))).toBe(
    true,
  );
  expect(sameTransaction(['bytes', 'ms'], expected, reply('*2\r\n:100001\r\n$1\r\n\n\r\n'))).toBe(
    false,
  );
  expect(sameTransaction(['ms', 'bytes'], expected, reply('*2\r\n:100001\r\n$1\r\nb\r\n'))).toBe(
    false,
  );
  expect(sameTransaction(['ms', 'bytes'], expected, reply('*-1\r\n'))).toBe(false);
  expect(sameTransaction(['ms'], expected, reply('*1\r\n:100000\r\n'))).toBe(false);
});

test('reads every kind of reply as a tree', () => {
  expect(parseReply(reply('%1\r\n+a\r\n*3\r\n$3\r\n\r\n,\r\n_\r\n,1.5\r\n'))).toEqual({
    head: '%',
    items: ['+a', { head: '*', items: ['$\r\n,', '_', ',1.5'] }],
  });
  expect(parseReply(reply('$-1\r\n'))).toBe('$-1');
});
