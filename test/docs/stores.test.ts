/** docs/stores.md: the table, the permissions, the limits and the items that it tells. */
import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSlot } from '../../src/lib/hash-slot';
import { systemRandom } from '../../src/lib/random';
import { systemClock } from '../../src/lib/clock';
import { silentLogger } from '../../src/lib/log';
import { FollowedStore } from '../../src/stores/cached/followed-store';
import { streamsClient } from '../../src/stores/dynamodb/client';
import type { Item } from '../../src/stores/dynamodb/item-key';
import { tableCommands } from '../../src/stores/dynamodb/table';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { openFakeStore } from '../support/fake-dynamodb/fake-store';
import { throttled, onKey } from '../support/fake-dynamodb/faults';
import { startGoredis } from '../support/goredis';
import { clientOn, storeOn } from '../support/on-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';
import { readPage } from './pages';

const page = readPage('docs/stores.md');
const sectionOf = (title: string): string =>
  page.split(/^## /m).find((section) => section.startsWith(title)) ?? '';

it('prints the commands that make the table', () => {
  expect(page).toContain(tableCommands('goredis', '--region eu-west-1').join(' &&\n'));
});

/** Actions of the policy, each with what it is on. */
function policy(): string[] {
  const [, text = ''] = /```json\n([^]*?)```/.exec(sectionOf('`dynamodb`: permissions')) ?? [];
  const { Statement: statements } = JSON.parse(text) as {
    Statement: { Action: string[]; Resource: string }[];
  };
  return statements
    .flatMap(({ Action: actions, Resource: on }) =>
      actions.map((action) => `${action.slice('dynamodb:'.length)} ${on.replace(/^.*:/, '')}`),
    )
    .sort();
}

/** The actions that a request of the SDK needs. */
function actionsOf(command: string, input: Record<string, unknown>): string[] {
  const operation = command.replace(/Command$/, '');
  if (operation === 'TransactGetItems') return ['GetItem table/goredis'];
  if (operation === 'TransactWriteItems') {
    const kinds = new Map([
      ['Update', 'UpdateItem'],
      ['ConditionCheck', 'ConditionCheckItem'],
    ]);
    return (input['TransactItems'] as object[]).map(
      (item) => `${kinds.get(Object.keys(item)[0]!)} table/goredis`,
    );
  }
  if (/Stream|Shard|Records/.test(operation)) return [`${operation} table/goredis/stream/*`];
  const index = input['IndexName'];
  return [`${operation} table/goredis${index === undefined ? '' : `/index/${String(index)}`}`];
}

describe('on DynamoDB', () => {
  let local: DynamoLocal;
  let aws: DynamoDBClient;
  let client: RawClient;
  let stop: () => Promise<void>;
  const needed = new Set<string>();
  const ask = async (...words: string[]) => (await client.command(...words)).toString('latin1');

  beforeAll(async () => {
    local = await startDynamoLocal();
    aws = clientOn(local.endpoint);
    const streams = streamsClient({
      endpoint: local.endpoint,
      region: '',
      maxSockets: 64,
      requestTimeoutMs: 20_000,
    });
    const note = (name: string, input: object): void => {
      for (const action of actionsOf(name, input as Record<string, unknown>)) needed.add(action);
    };
    aws.middlewareStack.add(
      (next, context) => (args) => {
        note(String(context['commandName']), args.input);
        return next(args);
      },
      { step: 'initialize' },
    );
    streams.middlewareStack.add(
      (next, context) => (args) => {
        note(String(context['commandName']), args.input);
        return next(args);
      },
      { step: 'initialize' },
    );
    const store = new FollowedStore({
      base: storeOn(local.endpoint, 'goredis', { client: aws }),
      streams,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      cache: { maxBytes: 1 << 20, populate: true },
      maxStalenessMs: 2000,
      callsPerSecond: 4,
    });
    const goredis = await startGoredis({ store });
    await store.follower.caughtUp();
    stop = goredis.stop;
    client = await connectRaw(goredis.port);
  }, 60_000);
  afterAll(async () => {
    client.destroy();
    await stop();
    await local.stop();
  });
  beforeEach(() => ask('FLUSHALL'));

  it('the policy has the actions that are used, and no other', async () => {
    await ask('MSET', 'a', '1', 'b', '2');
    await ask('MGET', 'a', 'b');
    await ask('WATCH', 'a');
    client.send('MULTI\r\nGET a\r\nINCR b\r\nEXEC\r\n');
    await client.readReplies(4);
    await ask('DEL', 'a', 'b');
    await ask('SCAN', '0');
    // The engine asks for what has expired when it starts.
    expect([...needed].sort()).toEqual(policy());
  });

  it('no request is in the source that the test above does not make', () => {
    const folder = join(__dirname, '../../src/stores/dynamodb');
    const source = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const commands = [...source.join('\n').matchAll(/new (\w+)Command\(/g)].map(([, name]) => name);
    expect([...new Set(commands)].sort()).toEqual(
      [
        ['BatchGetItem', 'CreateTable', 'DescribeTable', 'DescribeTimeToLive', 'GetItem', 'Query'],
        ['Scan', 'TransactGetItems', 'TransactWriteItems', 'UpdateItem', 'UpdateTimeToLive'],
      ].flat(),
    );
  });

  it('a limit is answered as the page says, and nothing changes', async () => {
    const limits = sectionOf('`dynamodb`: limits');
    const answered = async (reply: Promise<string>): Promise<void> => {
      expect(limits).toContain(`\`${(await reply).trim().replace(/(Exception: ).*/, '$1...')}\``);
    };
    const large = 'x'.repeat(300_000);
    await answered(ask('SET', 'key', 'x'.repeat(401 * 1024)));
    const many = Array.from({ length: 101 }, (_, i) => [`key${i}`, 'v']);
    await answered(ask('MSET', ...many.flat()));
    await answered(ask('MSET', ...many.slice(0, 20).flatMap(([key]) => [key!, large])));
    expect(await ask('DBSIZE')).toBe(':0\r\n');
    client.send(`MULTI\r\nMGET ${many.map(([key]) => key).join(' ')}\r\nEXEC\r\n`);
    const [, , exec] = await client.readReplies(3);
    await answered(Promise.resolve(String(exec)));
    expect(await ask('SET', 'key', 'x'.repeat(390 * 1024))).toBe('+OK\r\n');
  });

  it('a key that is written too often is answered as the page says', async () => {
    const { store, fake, close } = await openFakeStore({ retryBudgetMs: 20 });
    fake.faults.always(throttled(), onKey('hot'));
    const goredis = await startGoredis({ store });
    const hot = await connectRaw(goredis.port);
    const reply = (await hot.command('SET', 'hot', 'v')).toString();
    const shown = reply.trim().replace(/(Exception: ).*/, '$1...');
    expect(sectionOf('`dynamodb`: limits')).toContain(`\`${shown}\``);
    hot.destroy();
    await goredis.stop();
    await close();
  });

  it('items are what the page says', async () => {
    const long = 'k'.repeat(1018);
    const text = 't'.repeat(200);
    await ask('SET', 'text', text, 'PX', '600000');
    await ask('SETRANGE', 'range', '0', 'range');
    await ask('DECRBY', 'number', '42');
    await ask('SET', 'digits', '-42');
    await ask('HSET', '{tag}hash', 'field', 'value', 'other', text);
    await ask('RPUSH', long, 'a', text);
    await ask('MSET', 'one', '1', 'two', '2');
    await ask('SELECT', '3');
    await ask('SET', 'k'.repeat(1017), 'v');
    await ask('SET', 'gone', 'v');
    await ask('DEL', 'gone');
    await ask('SELECT', '0');

    const { Items: items = [] } = await aws.send(new ScanCommand({ TableName: 'goredis' }));
    const rows = sectionOf('`dynamodb`: what an item holds').matchAll(/^\| (`.*?) +\| (\w) +\|/gm);
    const types = new Map<string, string>();
    for (const [, names = '', type = ''] of rows) {
      for (const [, name = ''] of names.matchAll(/`([^`]+)`/g)) types.set(name, type);
    }
    types.set('w2', 'B').set('w3', 'B');
    const found: Record<string, unknown> = {};
    const siblings: string[][] = [];
    for (const item of items) {
      if (bytes(item, 'p')[0] === 0xff) {
        const name = bytes(item, 's').toString('latin1');
        if (name === 'format') expect(item['format']).toEqual({ N: '1' });
        else expect(name).toMatch(/^beacon/);
        continue;
      }
      for (const [name, value] of Object.entries(item)) {
        expect([name, Object.keys(value)[0]]).toEqual([name, types.get(name)]);
      }
      const { db, key } = placeOf(item);
      if (item['t']!.S !== '-') found[`${db} ${key}`] = valueOf(item);
      expect(Number(item['v']!.N)).toBeGreaterThan(1.6e15);
      expect(Math.abs(Number(item['c']!.N) - Date.now())).toBeLessThan(120_000);
      expect(bytes(item, 'w1')).toHaveLength(16);
      if (/^(one|two)$/.test(key)) siblings.push(siblingsOf(bytes(item, 'tx')));
      const hasDeadline = key === 'text';
      expect([key, item['x'] !== undefined]).toEqual([key, hasDeadline]);
      if (hasDeadline) {
        const inMs = Number(item['x']!.N) - Date.now();
        expect(Math.abs(inMs - 600_000)).toBeLessThan(120_000);
        expect(Number(item['ttl']!.N)).toBe(Math.ceil(Number(item['x']!.N) / 1000) + 3600);
        expect(Number(item['xb']!.N)).toBe(bytes(item, 's')[0]! & 15);
        expect(item['ev']!.S).toBe('$set gexpire');
      }
    }
    const written = items
      .filter((item) => /^(one|two)$/.test(bytes(item, 's').subarray(7).latin1Slice()))
      .map((item) => {
        const place = Buffer.concat([bytes(item, 'p'), bytes(item, 's').subarray(0, 7)]);
        return `${place.toString('hex')} ${item['v']!.N}`;
      });
    expect(siblings.map((names) => names.sort())).toEqual([written.sort(), written.sort()]);
    expect(found).toEqual({
      '0 text': text,
      '0 range': 'range',
      '0 number': -42,
      '0 digits': '-42',
      '0 one': '1',
      '0 two': '2',
      '0 {tag}hash': { field: 'value', other: text },
      [`0 ${long}`]: ['a', text],
      [`3 ${'k'.repeat(1017)}`]: 'v',
    });
  });
});

/** The items of the latest group in `tx`, each as `place v`, by the page's rules. */
function siblingsOf(tx: Buffer): string[] {
  expect(Math.abs(tx.readUIntBE(0, 6) - Date.now())).toBeLessThan(120_000);
  return Array.from({ length: tx[6]! }, (_, i) => {
    const at = 7 + i * 17;
    const version = tx[at + 10]! * 2 ** 48 + tx.readUIntBE(at + 11, 6);
    return `${tx.toString('hex', at, at + 10)} ${version}`;
  });
}

const bytes = (item: Item, name: string): Buffer => Buffer.from(item[name]!.B!);

/** Database and key of an item, by the page's rules for `p`, `s` and `k`. */
function placeOf(item: Item): { db: number; key: string } {
  const p = bytes(item, 'p');
  const s = bytes(item, 's');
  const key = item['k'] === undefined ? s.subarray(7) : bytes(item, 'k');
  const hash = createHash('sha256').update(key).digest();
  const rest = item['k'] === undefined ? key : Buffer.concat([Buffer.of(0xff), hash]);
  expect(s.equals(Buffer.concat([hash.subarray(0, 7), rest]))).toBe(true);
  expect(p.readUInt16BE(1)).toBe(hashSlot(key.latin1Slice()));
  return { db: p[0]!, key: key.latin1Slice() };
}

/** The value of an item, by the page's rules for `n` and `d`. */
function valueOf(item: Item): unknown {
  if (item['n'] !== undefined) return Number(item['n'].N);
  const d = bytes(item, 'd');
  let at = 1;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = d[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const text = (): string => {
    const length = varint();
    at += length;
    return d.latin1Slice(at - length, at);
  };
  const several = <T>(read: () => T): T[] => Array.from({ length: varint() }, read);
  switch (`${item['t']!.S} ${d[0]!.toString(16)}`) {
    case 's 10':
    case 's 11':
      return d.latin1Slice(1);
    case 'h 14':
    case 'h 15':
      return Object.fromEntries(several(() => [text(), text()]));
    case 'l 16':
      return several(text);
    default:
      throw new Error(`an unknown kind: ${d[0]}`);
  }
}
