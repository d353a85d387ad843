/** DynamoDB goes away and comes back: clear errors meanwhile, and then all is as it was. */
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableDefinition } from '../../src/stores/dynamodb/table';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { GoredisProcess } from '../support/goredis-process';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { clientOn } from '../support/on-dynamodb';

const TABLE = 'losing';
/** Of each kind one: reads, writes with and without a read, several keys, all keys. */
const REQUESTS = [
  'GET a',
  'MGET a b',
  'TTL a',
  'SET a 2',
  'INCR n',
  'MSET a 2 b 2',
  'DEL a',
].concat(['DBSIZE', 'KEYS *', 'SCAN 0', 'RANDOMKEY', 'FLUSHALL', 'WATCH a']);

let folder: string;
let local: DynamoLocal;
let node: GoredisProcess;
let port: number;
let client: RawClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'goredis-dynamodb-'));
  local = await startDynamoLocal({ folder });
  node = new GoredisProcess([
    ...['--port', '0', '--store', 'dynamodb', '--dynamodb-table', TABLE],
    ...['--dynamodb-endpoint', local.endpoint, '--dynamodb-retry-budget', '200'],
  ]);
  port = await node.ready();
  client = await connectRaw(port);
}, 60_000);
afterAll(async () => {
  client.destroy();
  await node.kill('SIGKILL');
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(line: string): Promise<string> {
  return String(await client.command(...line.split(' ')));
}

/** What commands of all kinds are answered. */
async function answers(): Promise<string[]> {
  const replies: string[] = [];
  for (const line of REQUESTS) replies.push(await ask(line));
  const transaction = [['MULTI'], ['INCR', 'n'], ['SET', 'a', '2'], ['EXEC']];
  client.send(Buffer.concat(transaction.map((request) => encodeRequest(request))));
  return [...replies, String((await client.readReplies(4)).at(-1))];
}

/** It has the same data and is where it was. */
async function startAgain(): Promise<void> {
  local = await startDynamoLocal({ folder, port: local.port });
}

it('answers TRYAGAIN while DynamoDB is down, and is well when it is back', async () => {
  expect(await ask('MSET a 1 n 1')).toBe('+OK\r\n');
  await local.stop();
  for (const reply of await answers()) expect(reply).toMatch(/^-TRYAGAIN store: DynamoDB: .+\r\n$/);
  expect(await ask('PING')).toBe('+PONG\r\n');
  await startAgain();
  expect(await ask('MGET a n b')).toBe('*3\r\n$1\r\n1\r\n$1\r\n1\r\n$-1\r\n');
  expect(await ask('INCR n')).toBe(':2\r\n');
}, 60_000);

it('says of each write that was under way whether it is there, or that it does not know', async () => {
  const replies = new Map<string, string>();
  let stopped: Promise<void> | undefined;
  const write = async (id: number): Promise<void> => {
    const own = await connectRaw(port);
    for (let n = 0; stopped === undefined; n++) {
      const keys = Array.from({ length: 5 }, (_, i) => `under-way:${id}:${n}:${i}`);
      own.send(Buffer.concat(keys.map((key) => encodeRequest(['SET', key, 'v']))));
      for (const key of keys) {
        replies.set(key, String(await own.readReply()));
        if (replies.size === 60) stopped = local.stop();
      }
    }
    own.destroy();
  };
  await Promise.all([1, 2, 3, 4].map(write));
  await stopped;
  await startAgain();
  for (const [key, reply] of replies) {
    const there = (await ask(`EXISTS ${key}`)) === ':1\r\n';
    if (reply === '+OK\r\n') expect({ key, there }).toEqual({ key, there: true });
    else if (reply.startsWith('-TRYAGAIN')) expect({ key, there }).toEqual({ key, there: false });
    else expect(reply).toMatch(/^-UNKNOWNOUTCOME /);
  }
}, 60_000);

it('answers clear errors while the table is gone, and is well when it is back', async () => {
  const sdk = clientOn(local.endpoint);
  await sdk.send(new DeleteTableCommand({ TableName: TABLE }));
  for (const reply of await answers()) {
    expect(reply).toMatch(/^-ERR store: DynamoDB: ResourceNotFoundException: .+\r\n$/);
  }
  expect(await ask('PING')).toBe('+PONG\r\n');
  await sdk.send(new CreateTableCommand(tableDefinition(TABLE)));
  sdk.destroy();
  expect(await ask('SET a 3')).toBe('+OK\r\n');
  expect(await ask('GET a')).toBe('$1\r\n3\r\n');
}, 60_000);
