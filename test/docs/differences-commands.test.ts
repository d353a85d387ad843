/** What docs/differences.md says of commands: the same script to redis-server and to goredis. */
import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';
import { parseReply } from '../oracle/compare';

let theirs: RawClient;
let ours: RawClient;

const servers = bothServers();
beforeEach(async () => {
  theirs = await connectRaw(servers.redis.port);
  ours = await connectRaw(servers.goredis.port);
  for (const client of [theirs, ours]) await client.command('FLUSHALL');
});
afterEach(() => {
  theirs.destroy();
  ours.destroy();
});

/** The replies to commands separated by `;`. */
async function replies(client: RawClient, script: string): Promise<string[]> {
  const answers: string[] = [];
  for (const line of script.split(';')) {
    answers.push(String(await client.command(...line.trim().split(' '))));
  }
  return answers;
}

const last = async (client: RawClient, script: string): Promise<string> =>
  (await replies(client, script)).at(-1)!;

const strings = (reply: string): string[] => {
  const tree = parseReply(Buffer.from(reply, 'latin1'));
  return typeof tree === 'string' ? [] : tree.items.map((item) => String(item).slice(1));
};

test.each([
  [
    'the encoding of an INCRBYFLOAT result that is whole is int',
    'INCRBYFLOAT f 1.5; INCRBYFLOAT f 1.5; OBJECT ENCODING f',
    '$6\r\nembstr\r\n',
    '$3\r\nint\r\n',
  ],
  [
    'the REFCOUNT of an INCRBYFLOAT result that is a small integer is that of shared integers',
    'INCRBYFLOAT f 3; OBJECT REFCOUNT f',
    ':1\r\n',
    ':2147483647\r\n',
  ],
  [
    'the REFCOUNT of a copied small integer is that of shared integers',
    'SET a 5; COPY a b; OBJECT REFCOUNT b',
    ':1\r\n',
    ':2147483647\r\n',
  ],
  [
    'a deadline beyond 2^53 milliseconds is kept as 2^53 - 1',
    'SET k v; PEXPIREAT k 9223372036854775807; PEXPIRETIME k',
    ':9223372036854775807\r\n',
    ':9007199254740991\r\n',
  ],
  [
    'hash-max-listpack-entries has no effect',
    'CONFIG SET hash-max-listpack-entries 1; HSET h f v g v; OBJECT ENCODING h',
    '$9\r\nhashtable\r\n',
    '$8\r\nlistpack\r\n',
  ],
  [
    'nothing is saved',
    'SAVE',
    '+OK\r\n',
    '-ERR goredis does not save: the memory store does not persist\r\n',
  ],
])('%s', async (_title, script, expected, actual) => {
  expect(await last(theirs, script)).toBe(expected);
  expect(await last(ours, script)).toBe(actual);
});

test('MEMORY USAGE sees no key that has expired', async () => {
  const script = 'DEBUG SET-ACTIVE-EXPIRE 0; SET k v PXAT 1; MEMORY USAGE k';
  expect(await last(theirs, script)).toMatch(/^:/);
  expect(await last(ours, script)).toBe('$-1\r\n');
  for (const client of [theirs, ours]) await client.command('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
});

it('counts no hit or miss for commands that only ask about a key', async () => {
  const counted = async (client: RawClient, line: string): Promise<string> => {
    await client.command('CONFIG', 'RESETSTAT');
    await last(client, line);
    const stats = String(await client.command('INFO', 'stats'));
    const figure = (name: string): string => new RegExp(`${name}:(\\d+)`).exec(stats)?.[1] ?? '';
    return `${figure('keyspace_hits')} ${figure('keyspace_misses')}`;
  };
  const asking = ['EXISTS', 'TYPE', 'TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'OBJECT ENCODING'];
  for (const client of [theirs, ours]) await client.command('SET', 'k', 'v');
  for (const name of asking) {
    const figures = async (client: RawClient): Promise<string[]> => [
      await counted(client, `${name} k`),
      await counted(client, `${name} none`),
    ];
    expect([name, ...(await figures(theirs))]).toEqual([name, '1 0', '0 1']);
    expect([name, ...(await figures(ours))]).toEqual([name, '0 0', '0 0']);
  }
});

it('answers the fields of a large hash in the order of their creation', async () => {
  const fields = Array.from({ length: 600 }, (_, i) => `f${i}`);
  const order: string[][] = [];
  for (const client of [theirs, ours]) {
    await client.command('HSET', 'h', ...fields.flatMap((field) => [field, 'v']));
    const all = strings(String(await client.command('HGETALL', 'h')));
    order.push(all.filter((_, i) => i % 2 === 0));
  }
  expect(order[1]).toEqual(fields);
  expect(order[0]).not.toEqual(fields);
  expect([...order[0]!].sort()).toEqual([...fields].sort());
});

it('scans from the newest key to the oldest, exactly COUNT keys a page', async () => {
  for (let i = 0; i < 25; i++) await ours.command('SET', `k${i}`, 'v');
  const pages: string[][] = [];
  let cursor = '0';
  do {
    const reply = parseReply(await ours.command('SCAN', cursor));
    if (typeof reply === 'string') throw new Error(reply);
    cursor = String(reply.items[0]).slice(1);
    const keys = reply.items[1]!;
    pages.push(typeof keys === 'string' ? [] : keys.items.map((key) => String(key).slice(1)));
  } while (cursor !== '0');
  const newestFirst = Array.from({ length: 25 }, (_, i) => `k${24 - i}`);
  expect(pages).toEqual([
    newestFirst.slice(0, 10),
    newestFirst.slice(10, 20),
    newestFirst.slice(20),
  ]);
  expect(strings(await last(ours, 'KEYS *'))).toEqual(newestFirst);
});

describe('on a clock that stands still', () => {
  let clock: ManualClock;
  let still: Goredis;
  let client: RawClient;
  beforeEach(async () => {
    clock = new ManualClock();
    still = await startGoredis({ clock, random: seeded(1) });
    client = await connectRaw(still.port);
  });
  afterEach(async () => {
    client.destroy();
    await still.stop();
  });

  it('a key is gone in the millisecond of its deadline', async () => {
    await client.command('SET', 'k', 'v', 'PX', '1000');
    clock.advance(999);
    expect(await last(client, 'PTTL k')).toBe(':1\r\n');
    clock.advance(1);
    expect(await last(client, 'GET k')).toBe('$-1\r\n');
  });

  it('TIME has whole milliseconds', async () => {
    clock.advance(789);
    expect(await last(client, 'TIME')).toBe('*2\r\n$10\r\n1700000000\r\n$6\r\n789000\r\n');
  });
});

test('goredis cannot become a replica', async () => {
  expect(await last(theirs, 'REPLICAOF 127.0.0.1 1')).toBe('+OK\r\n');
  expect(await last(theirs, 'REPLICAOF NO ONE')).toBe('+OK\r\n');
  expect(await last(ours, 'REPLICAOF 127.0.0.1 1')).toBe('-ERR goredis cannot be a replica\r\n');
  expect(await last(ours, 'REPLICAOF NO ONE')).toBe('+OK\r\n');
});

test.each(['ACL', 'CLIENT', 'FUNCTION', 'MODULE'])('%s HELP names what there is', async (name) => {
  const [their, our] = await Promise.all(
    [theirs, ours].map(async (client) => {
      const answer = await last(client, `${name} HELP`);
      const found = [...answer.matchAll(/^\+([A-Z-]+)(?= [^<]| <(?!subcommand)|\r)/gm)];
      return new Set(found.map(([, subcommand]) => subcommand!));
    }),
  );
  const only = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
    [...some].filter((subcommand) => !others.has(subcommand));
  const missing = only(their!, our!);
  const further = only(our!, their!);
  expect([...missing, ...further]).not.toEqual([]);
  for (const [client, subcommands] of [[ours, missing] as const, [theirs, further] as const]) {
    for (const subcommand of subcommands) {
      expect(await last(client, `${name} ${subcommand}`)).toBe(
        `-ERR unknown subcommand '${subcommand}'. Try ${name} HELP.\r\n`,
      );
    }
  }
});
