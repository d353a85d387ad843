import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { seeded, type Random } from '../../src/lib/random';
import { isLongRun, seedOf } from '../oracle/seed';
import { brokenStream } from '../protocol/fuzzing';
import { GoredisProcess } from '../support/goredis-process';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';

const ATTACKERS = 8;
const CONNECTIONS = 1500;
const LONG_RUN_MS = 60 * 60 * 1000;
const MB = 1024 * 1024;

/** What the server may hold more than before, once everybody has gone and all keys too. */
const GROWTH_BYTES = 12 * MB;

/** They would stop the server or the one who watches it, as they are meant to. */
const SPARED = new Set(['shutdown', 'client kill', 'client pause', 'config set', 'config rewrite']);

const SCRAPS = [
  ...[
    '',
    '0',
    '-1',
    '1',
    '10',
    '9223372036854775807',
    '-9223372036854775808',
    '18446744073709551616',
  ],
  ...[
    '1e400',
    'nan',
    '-inf',
    '0x10',
    ' 1',
    '1.',
    '3.0e-320',
    '1000000',
    '\0',
    '\xff\xfe',
    '*',
    '[',
    '\\',
  ],
  ...[
    'k',
    'k',
    'k',
    'l',
    'h',
    'list',
    'MATCH',
    'COUNT',
    'EX',
    'PXAT',
    'NX',
    'XX',
    'GET',
    'LEN',
    'IDX',
  ],
  ...[
    'REPLACE',
    'DB',
    'KEEPTTL',
    'ALL',
    'HELP',
    'INFO',
    'LIST',
    'SETINFO',
    'GETKEYS',
    'everything',
  ],
  ...['x'.repeat(300), 'y'.repeat(20_000), '%s%n', '$5\r\nhello\r\n', '3', '2', '16'],
];

const seed = seedOf();
const random = seeded(seed);
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;

let server: GoredisProcess;
let port = 0;
let watcher: RawClient;
let commands: string[][] = [];

beforeAll(async () => {
  // Small limits, so that one request cannot take what the test would have to wait for.
  server = new GoredisProcess([
    ...['--port', '0', '--save', '', '--proto-max-bulk-len', '1mb'],
    ...['--client-query-buffer-limit', '1mb', '--client-output-buffer-limit', 'normal 4mb 0 0'],
  ]);
  port = await server.ready();
  watcher = await connectRaw(port);
  const list = (await watcher.command('COMMAND', 'LIST')).toString('latin1').split('\r\n');
  const names = list.filter((line) => /^[a-z-]+$/.test(line));
  const nested = await Promise.all(
    names.map(async (name) => {
      const reply = await watcher.command('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', `${name}|*`);
      const found = reply.toString('latin1').split('\r\n');
      return found.filter((line) => line.includes('|')).map((line) => line.split('|'));
    }),
  );
  commands = [...names.map((name) => [name]), ...nested.flat()].filter(
    (words) => !SPARED.has(words.join(' ')),
  );
});
afterAll(async () => {
  await server.kill('SIGKILL');
});

function badCommand(): Buffer {
  const words = [...pick(commands)];
  while (random.below(4) > 0) words.push(pick(SCRAPS));
  // A container alone may be followed by any word: not by one that is spared.
  return SPARED.has(words.slice(0, 2).join(' ').toLowerCase())
    ? Buffer.alloc(0)
    : encodeRequest(words);
}

function piece(): Buffer {
  const kind = random.below(10);
  if (kind < 7) return badCommand();
  return kind < 9 ? brokenStream(random) : randomBytes(random);
}

function randomBytes(source: Random): Buffer {
  return Buffer.from(Array.from({ length: source.below(200) }, () => source.below(256)));
}

/** One connection that sends nonsense in random cuts, reads or does not, and goes without a word or waits. */
async function attack(): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  if (random.below(5) > 0) socket.resume();
  const stream = Buffer.concat(Array.from({ length: 1 + random.below(30) }, piece));
  for (let at = 0; at < stream.length && !socket.destroyed;) {
    const size = 1 + random.below(random.below(2) === 0 ? 20 : 5000);
    socket.write(stream.subarray(at, at + size));
    at += size;
    if (random.below(3) === 0) await turn();
  }
  if (random.below(2) === 0) socket.destroy();
  else socket.resume().end();
  await closed;
}

/** What somebody else sees: that the server answers, and rightly. */
async function watch(): Promise<void> {
  const text = String(random.below(1e9));
  const replies = await Promise.all(
    [['MULTI'], ['SELECT', '15'], ['SET', 'watched', text], ['GET', 'watched'], ['EXEC']].map(
      (words) => watcher.command(...words),
    ),
  );
  expect(String(replies.at(-1))).toBe(`*3\r\n+OK\r\n+OK\r\n$${text.length}\r\n${text}\r\n`);
}

/** Bytes in use when nothing is stored and nobody else is there. */
async function restingBytes(): Promise<number> {
  for (;;) {
    await watcher.command('FLUSHALL');
    await watcher.command('SLOWLOG', 'RESET');
    await watcher.command('MEMORY', 'PURGE');
    const info = String(await watcher.command('INFO', 'clients', 'memory'));
    const figure = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
    if (figure('connected_clients') === 1) return figure('used_memory');
  }
}

async function attackWhile(go: () => boolean): Promise<number> {
  let count = 0;
  const attacker = async (): Promise<void> => {
    for (; go(); count++) await attack();
  };
  let over = false;
  const attackers = Promise.all(Array.from({ length: ATTACKERS }, attacker)).then(
    () => (over = true),
  );
  while (!over) await watch();
  await attackers;
  return count;
}

it(
  `hostile clients crash nothing, leave nothing behind, and others are served (seed ${seed})`,
  async () => {
    let left = CONNECTIONS;
    await attackWhile(() => left-- > 0);
    const before = await restingBytes();
    left = CONNECTIONS;
    const endMs = performance.now() + LONG_RUN_MS;
    await attackWhile(() => (isLongRun ? performance.now() < endMs : left-- > 0));
    const after = await restingBytes();
    expect(after - before).toBeLessThan(GROWTH_BYTES);
    expect(server.stdout).not.toMatch(/internal error|Uncaught|    at /);
    expect(server.stderr).toBe('');
  },
  LONG_RUN_MS + 120_000,
);
