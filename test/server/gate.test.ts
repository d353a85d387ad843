/** What a request must pass before it runs: the order of the checks and their words are Redis's. */
import { connect } from 'node:net';
import { encodeRequest } from '../support/raw-client';
import { readToEnd } from '../support/read-stream';
import { bothServers } from '../support/both-servers';

type Request = readonly (string | Buffer)[];

/** Words between spaces are the arguments. */
const words = (line: string): Request => line.split(' ');
const lines = (text: string): Request[] => text.split(',').map(words);

const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** The bytes of all replies to a pipeline. */
async function answers(port: number, script: readonly Request[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.concat([...script, ['QUIT']].map(encodeRequest)));
  return (await readToEnd(socket)).toString('latin1');
}

const scripts: [title: string, script: Request[]][] = [
  ['names an unknown command and its arguments', lines('NOSUCH,nosuch,nosuch a,NoSuch a b c')],
  [
    'shows an empty name and empty arguments',
    [[''], ['', ''], ['', 'a'], ['nosuch', '', '', 'a', '']],
  ],
  [
    'cuts a long preview',
    [0, 1, 60, 120, 122, 123, 124, 125, 126, 127, 128, 129, 130, 200, 20_000].flatMap((length) => [
      ['nosuch', 'x'.repeat(length), 'y'.repeat(10), 'z'],
      ['nosuch', 'a', 'b'.repeat(length), 'c'],
      ['n'.repeat(length), 'a'],
    ]),
  ],
  [
    'shows no more arguments than fit',
    [
      ['nosuch', ...Array.from({ length: 100 }, (_, i) => String(i))],
      ['nosuch', ...Array.from({ length: 200 }, () => '')],
    ],
  ],
  // No command's name with a NUL behind it: Redis then finds the command if the hashes of both, whose
  // seed is random, lead to the same place of its table.
  [
    'shows bytes as they are, but no line breaks, and nothing behind a NUL',
    [
      [binary.subarray(1), binary.subarray(1)],
      ['nosuch', binary],
      ['nosuch', 'a\0b', 'c\0d', '\0', 'e'],
      ['no\0such', 'a'],
      ['\0', 'a'],
      ['nosuch\r\n', 'a\r\nb', '\r', '\n', '\r\n'],
      ['nosuch', '\n\n\n'],
      ['GET\r', 'a'],
    ],
  ],
  ['finds a command in any case', lines('set K v,gEt K,GET K,geT k')],
  [
    'counts arguments before all else',
    lines('GET,GET a b,SET a,MGET,EXEC a,MULTI a,PING a b,ECHO,SELECT,AUTH,RESET a,CLIENT,OBJECT'),
  ],
  [
    'checks subcommands and their arguments',
    lines(
      'CLIENT nosuch,CLIENT ID a,client Id a,CLIENT SETNAME,OBJECT nosuch k,OBJECT ENCODING,' +
        'OBJECT encoding a b,CONFIG nosuch,CONFIG GET,COMMAND nosuch,COMMAND COUNT a,COMMAND GETKEYS',
    ),
  ],
  [
    'shows unknown subcommands as bytes',
    [
      ['CLIENT', ''],
      ['CLIENT', 'x'.repeat(127)],
      ['CLIENT', 'x'.repeat(128)],
      ['CLIENT', 'x'.repeat(129)],
      ['CLIENT', 'x'.repeat(20_000)],
      ['CLIENT', 'a\0b'],
      ['CLIENT', 'a\r\nb'],
      ['cLiEnT', binary.subarray(1)],
      ['OBJECT', 'id', 'x'],
    ],
  ],
  [
    'spoils a transaction by what cannot be queued',
    lines(
      'MULTI,SET a 1,NOSUCH,EXEC,GET a,MULTI,SET a,SET a 1,EXEC,GET a,MULTI,CLIENT nosuch,EXEC,' +
        'MULTI,OBJECT ENCODING,EXEC,MULTI,EXEC a,EXEC,MULTI,SET a 2,DISCARD a,EXEC,GET a',
    ),
  ],
  [
    'spoils no transaction by what fails later or is refused without being queued',
    lines(
      'MULTI,SET a 1 NOSUCH,GET a,EXEC,MULTI,MULTI,SET a 2,EXEC,MULTI,WATCH a,SET a 3,EXEC,GET a,' +
        'MULTI,SELECT 99,HELLO 9,EXEC,MULTI,INCR a b,DISCARD,GET a',
    ),
  ],
  [
    'knows where there is no transaction',
    lines('EXEC,DISCARD,UNWATCH,MULTI,DISCARD,EXEC,MULTI,EXEC,EXEC'),
  ],
  [
    'runs RESET and QUIT inside a transaction at once',
    lines('MULTI,SET r 1,RESET,EXEC,GET r,MULTI,SET r 2,quit x y,GET r'),
  ],
  ['needs no right number of arguments for QUIT', lines('SET q 1,QUIT a b c,SET q 2')],
];

describe('the gate', () => {
  const servers = bothServers();

  test.each(scripts)('%s', async (_title, script) => {
    expect(await answers(servers.goredis.port, script)).toBe(
      await answers(servers.redis.port, script),
    );
  });
});

describe('the gate of a server with a password', () => {
  const servers = bothServers(['--requirepass', 'bacon'], { requirepass: 'bacon' });

  test.each(scripts)('%s, before AUTH', async (_title, script) => {
    // Longer ones than a client without a password may send end in a protocol error.
    const allowed = script.filter(
      (request) => request.length <= 10 && request.every((word) => word.length < 16_384),
    );
    expect(await answers(servers.goredis.port, allowed)).toBe(
      await answers(servers.redis.port, allowed),
    );
  });

  test.each(scripts)('%s, after AUTH', async (_title, script) => {
    const authenticated = [['AUTH', 'bacon'], ...script];
    expect(await answers(servers.goredis.port, authenticated)).toBe(
      await answers(servers.redis.port, authenticated),
    );
  });

  it.each([
    ['many arguments', ['MSET', ...'abcdefghij']],
    ['a large argument', ['SET', 'k', 'x'.repeat(16_385)]],
  ])('closes before AUTH when it gets %s', async (_what, request) => {
    const script = [['PING'], request, ['PING']];
    expect(await answers(servers.goredis.port, script)).toBe(
      await answers(servers.redis.port, script),
    );
  });
});
