import { spawn } from 'node:child_process';
import { encodeRequest } from '../support/raw-client';
import { startGoredis, type Goredis } from '../support/goredis';
import { startRedisServer, type RedisServer } from '../support/redis-server';

let goredis: Goredis;
let redis: RedisServer;
beforeAll(async () => {
  goredis = await startGoredis();
  redis = await startRedisServer();
});
afterAll(async () => {
  await goredis.stop();
  await redis.stop();
});

/** What redis-cli prints, to both outputs, and its exit code. */
async function cliAt(port: number, args: string[], input: string | Buffer = ''): Promise<string> {
  const child = spawn('redis-cli', ['-p', String(port), ...args]);
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString('latin1')));
  child.stderr.on('data', (text: Buffer) => (output += text.toString('latin1')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return code === 0 ? output : `${output}exit code ${code}\n`;
}

const cli = (args: string[], input?: string | Buffer): Promise<string> =>
  cliAt(goredis.port, args, input);

/** Runs redis-cli against both servers and expects the same output. */
async function expectSame(args: string[], input?: string | Buffer): Promise<string> {
  const output = await cli(args, input);
  expect(output).toBe(await cliAt(redis.port, args, input));
  return output;
}

describe('redis-cli', () => {
  it('runs one command', async () => {
    expect(await expectSame(['SET', 'k', 'v'])).toBe('OK\n');
    expect(await expectSame(['-n', '3', 'GET', 'k'])).toBe('\n');
    expect(await expectSame(['--no-raw', 'MGET', 'k', 'nosuch'])).toBe('1) "v"\n2) (nil)\n');
    await expectSame(['-e', 'LPUSH', 'k', 'x']);
    await expectSame(['NOSUCH', 'a b']);
    await expectSame(['-r', '3', 'INCR', 'n']);
    await expectSame(['-x', 'SET', 'k'], Buffer.from([0, 10, 13, 255]));
    await expectSame(['--no-raw', 'GET', 'k']);
  });

  it('runs the lines of a file', async () => {
    await expectSame(
      ['--no-raw'],
      'SET "a b" "\\x00\\n"\nGET "a b"\nMULTI\nINCR n2\nGET nosuch\nEXEC\nHSET h f v\nHGETALL h\nQUIT\n',
    );
  });

  it('speaks RESP3', async () => {
    await expectSame(['HSET', 'h3', 'f', 'v', 'g', 'w']);
    expect(await expectSame(['-3', '--no-raw', 'HGETALL', 'h3'])).toBe(
      '1# "f" => "v"\n2# "g" => "w"\n',
    );
    await expectSame(['-3', '--no-raw', 'GET', 'nosuch']);
  });

  it('gives a password', async () => {
    const secured = await startGoredis({ requirepass: 'bacon' });
    const at = (...args: string[]): Promise<string> => cliAt(secured.port, args);
    expect(await at('GET', 'k')).toBe('NOAUTH Authentication required.\n\n');
    expect(await at('--no-auth-warning', '-a', 'bacon', 'SET', 'k', 'v')).toBe('OK\n');
    expect(await at('--user', 'default', '--pass', 'bacon', '--no-auth-warning', 'GET', 'k')).toBe(
      'v\n',
    );
    await secured.stop();
  });

  it('pipes a mass of requests', async () => {
    const requests: Buffer[] = [];
    for (let i = 0; i < 50_000; i++) requests.push(encodeRequest(['SET', `piped:${i}`, `v${i}`]));
    requests.push(encodeRequest(['LPUSH', 'piped:1', 'x']));
    const output = await cli(['--pipe'], Buffer.concat(requests));
    expect(output).toContain('errors: 1, replies: 50001');
    expect(output).toContain('WRONGTYPE Operation against a key holding the wrong kind of value');
    expect(await cli(['GET', 'piped:49999'])).toBe('v49999\n');
  });

  it('scans, and looks for the biggest keys', async () => {
    await cli(['FLUSHALL']);
    const lines = Array.from({ length: 3000 }, (_, i) => `SET key:${i} v\n`).join('');
    await cli([], lines + `SET big ${'x'.repeat(1000)}\nRPUSH list 1 2 3\nHSET hash f v\n`);
    const scanned = (await cli(['--scan', '--pattern', 'key:*'])).trim().split('\n');
    expect(scanned).toHaveLength(3000);
    expect(new Set(scanned).size).toBe(3000);

    const found = await cli(['--bigkeys']);
    expect(found).toContain('Sampled 3003 keys in the keyspace!');
    expect(found).toContain('Biggest string found \'"big"\' has 1000 bytes');
    expect(found).toContain('Biggest   list found \'"list"\' has 3 items');
    expect(found).toContain('Biggest   hash found \'"hash"\' has 1 fields');
  });
});
