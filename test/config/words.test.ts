import { splitWords } from '../../src/lib/words';

test.each<[string, string[] | undefined]>([
  ['', []],
  [' \t\r\n', []],
  ['a b', ['a', 'b']],
  ['  a\t b \r\n', ['a', 'b']],
  ['a\vb "c"\vd', ['a\vb', 'c', 'd']],
  ['"" \'\'', ['', '']],
  ['"a b" \'c d\'', ['a b', 'c d']],
  ['x"a b"', ['xa b']],
  ['"\\n\\r\\t\\b\\a\\q\\\\\\""', ['\n\r\t\b\x07q\\"']],
  ['"\\x41\\xfF\\xg0\\x4"', ['A\xffxg0x4']],
  ["'\\n\\'\\x41'", ["\\n'\\x41"]],
  ['a\0b c', ['a']],
  ['\xff\xfe', ['\xff\xfe']],
  ['"a', undefined],
  ['"a\\"', undefined],
  ["'a", undefined],
  ["'a\\'", undefined],
  ['"a"b', undefined],
  ["'a'b", undefined],
  ['a"', undefined],
])('splits %j', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});
