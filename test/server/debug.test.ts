/** DEBUG, beside redis-server where the replies do not depend on its memory. */
import { ManualClock } from '../../src/lib/clock';
import type { Logger } from '../../src/lib/log';
import { SlowStore } from '../stores/slow';
import { duplexPair } from '../support/duplex-pair';
import { startGoredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';

const refused =
  '-ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.\r\n';

const noise = Array.from({ length: 100 }, (_, at) => String.fromCharCode((at * 91 + 7) % 256));

const script: readonly (readonly string[])[] = [
  ['DEBUG'],
  ['DEBUG', 'nosuch'],
  ['DEBUG', 'sleep'],
  ['DEBUG', 'SLEEP', '0'],
  ['DEBUG', 'sleep', '0.001'],
  ['DEBUG', 'sleep', '-1'],
  ['DEBUG', 'sleep', 'x'],
  ['DEBUG', 'sleep', 'inf'],
  ['DEBUG', 'sleep', '1e-3x'],
  ['DEBUG', 'sleep', '0', '0'],
  ['DEBUG', 'set-active-expire', '0'],
  ['DEBUG', 'set-active-expire', 'x'],
  ['DEBUG', 'set-active-expire', ' 1x'],
  ['DEBUG', 'set-active-expire'],
  ['DEBUG', 'quicklist-packed-threshold', '100b'],
  ['DEBUG', 'quicklist-packed-threshold', '0'],
  ['DEBUG', 'quicklist-packed-threshold', '4293918720'],
  ['DEBUG', 'quicklist-packed-threshold', '4293918721'],
  ['DEBUG', 'quicklist-packed-threshold', '4gb'],
  ['DEBUG', 'quicklist-packed-threshold', '-1'],
  ['DEBUG', 'quicklist-packed-threshold', 'x'],
  ['DEBUG', 'quicklist-packed-threshold', '1gb'],
  ['DEBUG', 'stringmatch-len', '10', '*'],
  ['DEBUG', 'log', 'a'],
  ['DEBUG', 'error', 'WRONG a\r\nb'],
  ['DEBUG', 'error'],
  ['DEBUG', 'object', 'none'],
  ['DEBUG', 'object'],
  ['DEBUG', 'digest'],
  ['DEBUG', 'digest', 'x'],
  ['DEBUG', 'digest-value'],
  ['SET', 'text', 'abc'],
  ['SET', 'number', '-70000'],
  ['APPEND', 'raw', '12'],
  ['RPUSH', 'list', 'a', '1', ...noise],
  ['HSET', 'hash', 'f', 'v', '1', '2'],
  ['HSET', 'table', 'f', 'v'.repeat(100), 'g', '300'],
  ['SET', 'volatile', 'v', 'EX', '1000'],
  ['SELECT', '3'],
  ['SET', 'text', 'elsewhere'],
  ['DEBUG', 'digest'],
  ['SELECT', '0'],
  ['DEBUG', 'digest'],
  ['DEBUG', 'digest-value', 'text', 'none', 'number', 'raw', 'list', 'hash', 'table', 'volatile'],
  ['MULTI'],
  ['DEBUG', 'sleep', '0'],
  ['DEBUG', 'nosuch'],
  ['EXEC'],
  ...['string', 'integer', 'DOUBLE', 'bignum', 'null', 'array', 'set', 'map', 'attrib', 'true']
    .concat('false', 'verbatim', 'nosuch')
    .map((type) => ['DEBUG', 'protocol', type]),
];

async function replies(client: RawClient): Promise<string[]> {
  const answers: string[] = [];
  for (const line of script) answers.push(String(await client.command(...line)));
  return answers;
}

it.each([2, 3])('DEBUG answers as redis-server, in RESP%i', async (protocol) => {
  const [redis, goredis] = [
    await startRedisServer(['--enable-debug-command', 'local']),
    await startGoredis({ debugCommand: 'local' }),
  ];
  const clients = [await connectRaw(redis.port), await connectRaw(goredis.port)] as const;
  for (const client of clients) await client.command('HELLO', String(protocol));
  const [theirs, ours] = [await replies(clients[0]), await replies(clients[1])];
  for (const client of clients) {
    client.send('DEBUG PROTOCOL push\r\nECHO end\r\n');
    await client.end();
  }
  const pushed = await Promise.all(clients.map((client) => client.readToClose()));
  await redis.stop();
  await goredis.stop();
  const beside = (answers: readonly string[]): unknown =>
    script.map((line, at) => [line.join(' '), answers[at]]);
  expect(beside(ours)).toEqual(beside(theirs));
  expect(String(pushed[1])).toBe(String(pushed[0]));
});

describe('DEBUG OBJECT', () => {
  const values: readonly (readonly string[])[] = [
    ['SET', 'k', 'abc'],
    ['SET', 'k', '5'],
    ['SET', 'k', '300'],
    ['SET', 'k', '70000'],
    ['SET', 'k', '123456789012'],
    ['SET', 'k', noise.join('')],
    ['APPEND', 'k', '12'],
    ['HSET', 'k', 'f', 'v', '1', '70000'],
    ['HSET', 'k', noise.slice(0, 80).join(''), noise.slice(10).join('')],
    ['RPUSH', 'k', 'a', '1', '-1', '5000', '70000', '9000000', '5000000000'],
    ['RPUSH', 'k', ...noise],
    ['RPUSH', 'k', ...Array.from({ length: 3000 }, (_, at) => String(at))],
  ];

  it('has the fields of Redis', async () => {
    const redis = await startRedisServer([
      ...['--enable-debug-command', 'yes', '--rdbcompression', 'no'],
    ]);
    const goredis = await startGoredis({ debugCommand: 'yes' });
    const shown: string[][] = [];
    for (const port of [redis.port, goredis.port]) {
      const client = await connectRaw(port);
      const answers: string[] = [];
      for (const value of values) {
        await client.command('DEL', 'k');
        await client.command(...value);
        const answer = String(await client.command('DEBUG', 'OBJECT', 'k'));
        expect(answer).toMatch(/^\+Value at:0x[0-9a-f]+ .* lru:\d+ lru_seconds_idle:[01]/);
        answers.push(answer.replace(/0x[0-9a-f]+|lru:\d+|idle:\d/g, '?'));
      }
      client.destroy();
      shown.push(answers);
    }
    await redis.stop();
    await goredis.stop();
    const [theirs, ours] = shown;
    expect(ours).toEqual(theirs);
  });

  it('has the clock of uses, under each policy', async () => {
    const clock = new ManualClock(1_700_000_000_000);
    const { port, stop } = await startGoredis({ debugCommand: 'yes', clock });
    const client = await connectRaw(port);
    await client.command('SET', 'k', 'v');
    clock.advance('10s');
    const ofUse = 1_700_000_000 & 0xffffff;
    expect(String(await client.command('DEBUG', 'OBJECT', 'k'))).toBe(
      `+Value at:0x0 refcount:1 encoding:embstr serializedlength:2 lru:${ofUse} lru_seconds_idle:10\r\n`,
    );
    await client.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu', 'maxmemory', '1gb');
    await client.command('SET', 'l', 'v');
    const minutes = Math.floor(1_700_000_010 / 60) & 0xffff;
    expect(String(await client.command('DEBUG', 'OBJECT', 'l'))).toContain(
      ` lru:${minutes * 256 + 5} lru_seconds_idle:0\r\n`,
    );
    client.destroy();
    await stop();
  });
});

describe('enable-debug-command', () => {
  it('by default refuses DEBUG, as redis-server does, before the password and the transaction', async () => {
    const lines = [
      ['AUTH', 'secret'],
      ['MULTI'],
      ['DEBUG', 'SLEEP', '0'],
      ['EXEC'],
      ['DEBUG', 'HELP'],
      ['DEBUG', 'nosuch'],
    ];
    const redis = await startRedisServer(['--requirepass', 'secret']);
    const { port, stop } = await startGoredis({ requirepass: 'secret' });
    const shown: string[][] = [];
    for (const target of [redis.port, port]) {
      const client = await connectRaw(target);
      const answers = [String(await client.command('DEBUG', 'SLEEP', '0'))];
      for (const line of lines) answers.push(String(await client.command(...line)));
      client.destroy();
      shown.push(answers);
    }
    await redis.stop();
    await stop();
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[1]![0]).toBe(refused);
  });

  it.each([
    ['127.0.0.1:7', true],
    ['[::1]:7', true],
    ['/run/goredis:0', true],
    ['127.0.0.11:7', false],
    ['10.0.0.1:70', false],
    ['[fe80::1]:7', false],
  ])('local lets %s in: %s', async (address, allowed) => {
    const { server, stop } = await startGoredis({ debugCommand: 'local' });
    const [near, far] = duplexPair();
    server.handle(far, address);
    const client = await connectRaw(near);
    const answer = String(await client.command('DEBUG', 'SLEEP', '0'));
    await client.end();
    await stop();
    expect(answer).toBe(allowed ? '+OK\r\n' : refused);
  });
});

it('DEBUG HELP names all there is', async () => {
  const { port, stop } = await startGoredis({ debugCommand: 'yes' });
  const client = await connectRaw(port);
  const help = String(await client.command('DEBUG', 'help'))
    .split('\r\n')
    .slice(2);
  const names = help.filter((line) => /^\+[A-Z-]+( <|$)/.test(line)).map((line) => line.slice(1));
  for (const name of names.map((line) => line.split(' ')[0]!)) {
    const tries = await Promise.all(
      [[], ['x']].map((rest) => client.command('DEBUG', name, ...rest)),
    );
    expect(tries.filter((answer) => /unknown subcommand/.test(String(answer)))).not.toHaveLength(2);
  }
  client.destroy();
  await stop();
  expect(names.map((line) => line.split(' ')[0])).toEqual([
    ...['DIGEST', 'DIGEST-VALUE', 'ERROR', 'LOG', 'OBJECT', 'PROTOCOL'],
    ...['SET-ACTIVE-EXPIRE', 'QUICKLIST-PACKED-THRESHOLD', 'SLEEP', 'HELP'],
  ]);
});

it('DEBUG SET-ACTIVE-EXPIRE leaves expired keys until somebody looks at them', async () => {
  const clock = new ManualClock();
  const { port, stop, server } = await startGoredis({ debugCommand: 'yes', clock });
  const client = await connectRaw(port);
  const expired = (): number => server.engine.stats.expiredKeys;
  await client.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  for (const key of ['a', 'b']) await client.command('SET', key, 'v', 'PX', '10');
  clock.advance(20);
  expect(expired()).toBe(0);
  expect(String(await client.command('GET', 'a'))).toBe('$-1\r\n');
  expect(expired()).toBe(1);
  await client.command('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
  clock.advance(1);
  expect(expired()).toBe(2);
  client.destroy();
  await stop();
});

it('DEBUG SLEEP stops everybody for that long', async () => {
  const { port, stop } = await startGoredis({ debugCommand: 'yes', slowerThanUs: 0 });
  const client = await connectRaw(port);
  const startedMs = performance.now();
  expect(String(await client.command('DEBUG', 'SLEEP', '0.05'))).toBe('+OK\r\n');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(49);
  client.destroy();
  await stop();
});

it('DEBUG LOG writes a warning', async () => {
  const warnings: string[] = [];
  const none = (): void => undefined;
  const log: Logger = {
    debug: none,
    verbose: none,
    notice: none,
    warning: (text) => void warnings.push(text),
  };
  const { port, stop } = await startGoredis({ debugCommand: 'yes', log });
  const client = await connectRaw(port);
  await client.command('DEBUG', 'LOG', 'bacon and eggs');
  client.destroy();
  await stop();
  expect(warnings).toEqual(['DEBUG LOG: bacon and eggs']);
});

it('DEBUG DIGEST on a slow store is that of memory', async () => {
  const digests: string[] = [];
  for (const store of ['memory', new SlowStore({ seed: 1 })] as const) {
    const { port, stop } = await startGoredis({ debugCommand: 'yes', store });
    const client = await connectRaw(port);
    client.send(
      'MSET a 1 b 2\r\nSELECT 2\r\nRPUSH l x y\r\nDEBUG DIGEST\r\nDEBUG DIGEST-VALUE l\r\n',
    );
    digests.push((await client.readReplies(5)).slice(3).join(''));
    client.destroy();
    await stop();
  }
  expect(digests[1]).toBe(digests[0]);
});
