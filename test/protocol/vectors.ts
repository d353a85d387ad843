/** Streams that clients may send, and what Redis 7.0 makes of them. */
export interface Vector {
  readonly title: string;
  readonly input: string;
  /** The arguments of each request. */
  readonly requests?: readonly string[][];
  /** The text behind `-ERR Protocol error: `. */
  readonly error?: string;
  /** The client has not authenticated, though it has to. */
  readonly unauthenticated?: true;
}

const long = 'v'.repeat(5000);

export const vectors: readonly Vector[] = [
  { title: 'a request', input: '*2\r\n$3\r\nGET\r\n$1\r\na\r\n', requests: [['GET', 'a']] },
  {
    title: 'a pipeline',
    input: '*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nset\r\n$1\r\na\r\n$0\r\n\r\n*1\r\n$4\r\nping\r\n',
    requests: [['PING'], ['set', 'a', ''], ['ping']],
  },
  { title: 'a name in mixed case', input: '*1\r\n$4\r\nPiNg\r\n', requests: [['PiNg']] },
  { title: 'an unknown name', input: '*2\r\n$3\r\nfoo\r\n$1\r\na\r\n', requests: [['foo', 'a']] },
  { title: 'an empty name', input: '*1\r\n$0\r\n\r\n', requests: [['']] },
  {
    title: 'all byte values',
    input: `*2\r\n$4\r\nPING\r\n$256\r\n${String.fromCharCode(...Array(256).keys())}\r\n`,
    requests: [['PING', String.fromCharCode(...Array(256).keys())]],
  },
  {
    title: 'arguments of many lengths',
    input: `*6\r\n$3\r\nSET\r\n$16\r\n${'k'.repeat(16)}\r\n$13\r\n${'v'.repeat(13)}\r\n$12\r\n${'v'.repeat(12)}\r\n$5000\r\n${long}\r\n$100\r\n${'w'.repeat(100)}\r\n`,
    requests: [['SET', 'k'.repeat(16), 'v'.repeat(13), 'v'.repeat(12), long, 'w'.repeat(100)]],
  },
  {
    title: 'a large argument of any line break',
    input: `*2\r\n$4\r\nPING\r\n$5000\r\n${long}xx*1\r\n$4\r\nPING\r\n`,
    requests: [['PING', long], ['PING']],
  },
  {
    title: 'a large name',
    input: `*2\r\n$5000\r\n${long}\r\n$1\r\na\r\n`,
    requests: [[long, 'a']],
  },
  { title: '*0 asks for nothing', input: '*0\r\n*1\r\n$4\r\nPING\r\n', requests: [['PING']] },
  { title: '*-1 asks for nothing', input: '*-1\r\n*1\r\n$4\r\nPING\r\n', requests: [['PING']] },
  {
    title: 'the least int64 asks for nothing',
    input: '*-9223372036854775808\r\nPING\r\n',
    requests: [['PING']],
  },
  {
    title: 'any byte behind a CR, any two behind an argument',
    input: '*1\rx$4\ryPINGab*1\r\n$4\r\nPING\r\n',
    requests: [['PING'], ['PING']],
  },
  { title: 'an announcement only', input: '*1000000\r\n$3\r\nSET\r\n$500000000\r\n' },
  { title: 'a wrong type whose line has no end yet', input: '*1\r\nabc' },
  { title: 'a byte 0 hides the end of a count', input: '*1\0\r\n$4\r\nPING\r\n' },
  { title: 'a byte 0 hides the end of an inline command', input: 'PING\0\r\nPING\r\n' },

  { title: 'inline', input: 'PING\r\nset a  b \n', requests: [['PING'], ['set', 'a', 'b']] },
  { title: 'empty lines', input: '\r\n\n \r\n\t\nPING\r\n', requests: [['PING']] },
  {
    title: 'inline and RESP',
    input: 'PING\n*1\r\n$4\r\nPING\r\nPING a\n',
    requests: [['PING'], ['PING'], ['PING', 'a']],
  },
  {
    title: 'only the last CR belongs to the line break',
    input: 'PING a\r\r\n',
    requests: [['PING', 'a']],
  },
  { title: 'a CR inside a line is a space', input: 'PING\ra\n', requests: [['PING', 'a']] },
  {
    title: 'double quotes',
    input: 'PING "\\x41\\n\\r\\t\\b\\a\\q\\"\\\\\\x4" \n',
    requests: [['PING', 'A\n\r\t\b\x07q"\\x4']],
  },
  { title: 'a byte 0 in quotes', input: 'PING "\\x00a"\n', requests: [['PING', '\0a']] },
  {
    title: 'single quotes',
    input: "PING 'a \\' \\n \"'\n",
    requests: [['PING', 'a \' \\n "']],
  },
  { title: 'empty words', input: 'set "" \'\'\n', requests: [['set', '', '']] },
  { title: 'quotes inside a word', input: 'PING a"b c" \n', requests: [['PING', 'ab c']] },
  {
    title: 'a vertical tab inside and between words',
    input: 'PING \x0ba\x0bb\n',
    requests: [['PING', 'a\x0bb']],
  },
  {
    title: 'a vertical tab behind a quote',
    input: 'set "a"\x0bb\n',
    requests: [['set', 'a', 'b']],
  },
  { title: 'bytes above ASCII', input: 'PING \xa0\xff\n', requests: [['PING', '\xa0\xff']] },
  { title: 'a name in quotes', input: '"PI"\n"PING"\n', requests: [['PI'], ['PING']] },
  {
    title: 'a large inline argument',
    input: `PING ${long}\r\n`,
    requests: [['PING', long]],
  },
  {
    title: 'an inline command of 64 KB',
    input: `PING ${'a'.repeat(65531)}\n`,
    requests: [['PING', 'a'.repeat(65531)]],
  },

  { title: 'an open double quote', input: 'PING "a\r\n', error: 'unbalanced quotes in request' },
  {
    title: 'an open quote behind a backslash',
    input: 'PING "a\\\n',
    error: 'unbalanced quotes in request',
  },
  {
    title: 'an open single quote',
    input: "PING\nPING 'a\n",
    requests: [['PING']],
    error: 'unbalanced quotes in request',
  },
  {
    title: 'text behind a closing quote',
    input: 'PING "a"b\n',
    error: 'unbalanced quotes in request',
  },
  {
    title: 'text behind a closing single quote',
    input: "PING 'a''b'\n",
    error: 'unbalanced quotes in request',
  },
  { title: 'an endless inline command', input: 'a'.repeat(65537), error: 'too big inline request' },
  {
    title: 'an endless inline command with a byte 0',
    input: `a\0\n${'a'.repeat(65534)}`,
    error: 'too big inline request',
  },
  {
    title: 'an endless count',
    input: `*${'1'.repeat(65536)}`,
    error: 'too big mbulk count string',
  },
  {
    title: 'an endless count with a byte 0',
    input: `*1\0\r\n${'$'.repeat(65532)}`,
    error: 'too big mbulk count string',
  },
  {
    title: 'an endless length',
    input: `*1\r\n$${'1'.repeat(65536)}`,
    error: 'too big bulk count string',
  },
  {
    title: 'an endless wrong type',
    input: `*1\r\n${'x'.repeat(65537)}`,
    error: 'too big bulk count string',
  },
  ...[
    '',
    '-',
    '+1',
    ' 1',
    '1 ',
    '01',
    '00',
    '-0',
    'a',
    '1a',
    '2147483648',
    '9'.repeat(30),
    '-9223372036854775809',
    '1\n',
  ].map((count): Vector => ({
    title: `the count ${JSON.stringify(count)}`,
    input: `*${count}\r\n`,
    error: 'invalid multibulk length',
  })),
  ...['', '-', '-1', '+1', ' 1', '01', '-0', 'a', '1a', ':', '536870913', '9'.repeat(30)].map(
    (length): Vector => ({
      title: `the length ${JSON.stringify(length)}`,
      input: `*2\r\n$4\r\nPING\r\n$${length}\r\n`,
      error: 'invalid bulk length',
    }),
  ),
  ...['x', '*', ':', '\n', '\r', '\xff', '4'].map((type): Vector => ({
    title: `${JSON.stringify(type)} instead of $`,
    input: `*1\r\n$4\r\nPING\r\n*1\r\n${type}4\r\nPING\r\n`,
    requests: [['PING']],
    error: `expected '$', got '${type.replace(/[\r\n]/, ' ')}'`,
  })),
  {
    title: '11 arguments before AUTH',
    input: '*11\r\n',
    error: 'unauthenticated multibulk length',
    unauthenticated: true,
  },
  { title: '10 arguments before AUTH', input: '*10\r\n', unauthenticated: true },
  {
    title: '16385 bytes before AUTH',
    input: '*1\r\n$16385\r\n',
    error: 'unauthenticated bulk length',
    unauthenticated: true,
  },
  { title: '16384 bytes before AUTH', input: '*1\r\n$16384\r\n', unauthenticated: true },
];
