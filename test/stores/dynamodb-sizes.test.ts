/** Large and small keys, values and requests, on a fake endpoint and on DynamoDB Local. */
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { openStoreAt } from '../support/fake-dynamodb/fake-store';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';

const KB = 1024;
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).latin1Slice();

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const pairs = (keys: readonly string[], value: string): string[] =>
  keys.flatMap((key) => [key, value]);

interface Endpoint {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const endpoints: readonly (readonly [string, () => Promise<Endpoint>])[] = [
  ['a fake endpoint', () => FakeDynamo.start()],
  ['DynamoDB Local', (): Promise<DynamoLocal> => startDynamoLocal()],
];

describe.each(endpoints)('on %s', (_title, start) => {
  let endpoint: Endpoint;
  let goredis: Goredis;
  let client: RawClient;

  beforeAll(async () => {
    endpoint = await start();
    goredis = await startGoredis({ store: await openStoreAt(endpoint.endpoint) });
    client = await connectRaw(goredis.port);
  }, 60_000);
  afterAll(async () => {
    client.destroy();
    await goredis.stop();
    await endpoint.stop();
  });

  const ask = async (...args: string[]): Promise<string> => String(await client.command(...args));
  const raw = async (...args: string[]): Promise<string> =>
    (await client.command(...args)).latin1Slice();

  it.each([
    ['0 bytes', ''],
    ['8 KB', 'v'.repeat(8 * KB)],
    ['390 KB', 'v'.repeat(390 * KB)],
    ['every byte', EVERY_BYTE],
  ])('a value of %s is kept', async (title, value) => {
    expect(await ask('SET', title, value)).toBe('+OK\r\n');
    expect(await raw('GET', title)).toBe(bulk(value));
  });

  it('a value of 401 KB is refused, and what was there stays', async () => {
    const refused = '-ERR store: key and value are larger than an item of DynamoDB (400 KB)\r\n';
    await ask('SET', 'large', 'before');
    expect(await ask('SET', 'large', 'v'.repeat(401 * KB))).toBe(refused);
    expect(await ask('SETRANGE', 'large', String(401 * KB), 'v')).toBe(refused);
    expect(await ask('MSET', 'large', 'v'.repeat(401 * KB), 'beside', '1')).toBe(refused);
    expect(await ask('MGET', 'large', 'beside')).toBe(`*2\r\n${bulk('before')}$-1\r\n`);
  });

  it.each([
    ['0 bytes', ''],
    ['1,000 bytes', 'k'.repeat(1000)],
    ['1,100 bytes', 'k'.repeat(1100)],
    ['60,000 bytes', 'k'.repeat(60_000)],
    ['every byte', EVERY_BYTE],
  ])('a key of %s is kept', async (_name, key) => {
    expect(await ask('SET', key, '1')).toBe('+OK\r\n');
    expect(await ask('INCR', key)).toBe(':2\r\n');
    expect(await ask('GET', `${key}.`)).toBe('$-1\r\n');
    expect(await ask('RENAME', key, `${key}.`)).toBe('+OK\r\n');
    expect(await ask('MGET', key, `${key}.`)).toBe('*2\r\n$-1\r\n$1\r\n2\r\n');
    expect(await raw('SCAN', '0', 'COUNT', '10000')).toContain(bulk(`${key}.`));
    expect(await ask('DEL', key, `${key}.`)).toBe(':1\r\n');
  });

  it('100 keys can be set, read and removed at once', async () => {
    const keys = names(100, 'hundred:');
    expect(await ask('MSET', ...pairs(keys, 'v'))).toBe('+OK\r\n');
    expect(await ask('MGET', ...keys)).toBe(`*100\r\n${bulk('v').repeat(100)}`);
    client.send(['MULTI', ...keys.map((key) => `APPEND ${key} w`), 'EXEC', ''].join('\r\n'));
    expect(String((await client.readReplies(102)).at(-1))).toBe(`*100\r\n${':2\r\n'.repeat(100)}`);
    expect(await ask('DEL', ...keys)).toBe(':100\r\n');
  });

  it('101 keys cannot be set at once, and none of them is', async () => {
    const keys = names(101, 'more:');
    const refused = '-ERR store: at most 100 keys can be part of one commit\r\n';
    expect(await ask('MSET', ...pairs(keys, 'v'))).toBe(refused);
    client.send(['MULTI', ...keys.map((key) => `SET ${key} v`), 'EXEC', ''].join('\r\n'));
    expect(String((await client.readReplies(103)).at(-1))).toBe(refused);
    expect(await ask('EXISTS', ...keys)).toBe(':0\r\n');
  });

  it('101 keys are read and removed in parts', async () => {
    const keys = names(101, 'parts:');
    await ask('MSET', ...pairs(keys.slice(0, 100), 'v'));
    await ask('SET', keys[100]!, 'v');
    expect(await ask('MGET', ...keys)).toBe(`*101\r\n${bulk('v').repeat(101)}`);
    expect(await ask('DEL', ...keys)).toBe(':101\r\n');
    expect(await ask('EXISTS', ...keys)).toBe(':0\r\n');
  });

  it('more than 4 MB cannot be set at once; it is read and removed in parts', async () => {
    const keys = names(11, 'large:');
    const value = 'v'.repeat(390 * KB);
    expect(await ask('MSET', ...pairs(keys, value))).toMatch(/^-ERR store: DynamoDB: Valid/);
    expect(await ask('EXISTS', ...keys)).toBe(':0\r\n');
    for (const key of keys) await ask('SET', key, value);
    expect(await ask('MGET', ...keys)).toBe(`*11\r\n${bulk(value).repeat(11)}`);
    client.send(keys.map((key) => `STRLEN ${key}\r\n`).join(''));
    const lengths = (await client.readReplies(11)).map(String);
    expect(lengths).toEqual(keys.map(() => `:${390 * KB}\r\n`));
    expect(await ask('DEL', ...keys)).toBe(':11\r\n');
  });
});
