/** What clients see when DynamoDB fails in one of its many ways, and that the server lives. */
import { LineLogger } from '../../src/lib/log';
import { ManualClock } from '../../src/lib/clock';
import { commit, setting } from '../conformance/support';
import { cancelled, invalid } from '../support/fake-dynamodb/errors';
import type { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import {
  openFakeStore,
  TABLE,
  type FakeStore,
  type FakeStoreOptions,
} from '../support/fake-dynamodb/fake-store';
import {
  onWrite,
  cancelledBy,
  conflict,
  expiredCredentials,
  expiredSignature,
  onFence,
  onKey,
  onOperation,
  serverError,
  throttled,
  type Fault,
} from '../support/fake-dynamodb/faults';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';

let opened: FakeStore;
let fake: FakeDynamo;
let goredis: Goredis;
let client: RawClient;
let warnings: string[];

async function open(options: FakeStoreOptions = {}): Promise<void> {
  opened = await openFakeStore({ retryBudgetMs: 5000, ...options });
  ({ fake } = opened);
  warnings = [];
  const log = new LineLogger('warning', (line) => warnings.push(line), new ManualClock());
  goredis = await startGoredis({ store: opened.store, log });
  client = await connectRaw(goredis.port);
}
afterEach(async () => {
  fake.faults.clear();
  await goredis.stop();
  await opened.close();
});

async function ask(...args: string[]): Promise<string> {
  return String(await client.command(...args));
}

const onUpdate = onOperation('UpdateItem');

describe('a failure that passes is not seen', () => {
  beforeEach(() => open());

  const single: readonly (readonly [string, Fault])[] = [
    ['throttled by its partition', throttled()],
    ['throttled by the account', throttled('AccountLimitExceeded')],
    ['signed at another time', expiredSignature()],
    ['failed by the service', serverError(500)],
    ['failed by the service when it was applied', serverError(500, true)],
    ['refused by a service that is away', serverError(503)],
    ['cut before it was applied', { kind: 'reset', after: false }],
    ['cut when it was applied', { kind: 'reset', after: true }],
    ['late', { kind: 'hold' }],
    ['slow', { kind: 'delay', ms: 50 }],
  ];

  it.each([...single, ['in conflict with a transaction', conflict()] as const])(
    'of a write that is %s',
    async (_title, fault) => {
      await ask('SET', 'n', '1');
      fake.faults.once(fault, onUpdate);
      expect(await ask('INCR', 'n')).toBe(':2\r\n');
      fake.faults.once(fault, onUpdate);
      expect(await ask('SET', 'n', '5')).toBe('+OK\r\n');
      fake.deliverHeld();
      expect(await ask('GET', 'n')).toBe('$1\r\n5\r\n');
    },
  );

  it.each([
    ...single,
    ['in conflict', cancelledBy('TransactionConflict', 'None')] as const,
    ['throttled in part', cancelledBy('None', 'ThrottlingError')] as const,
    ['in conflict and throttled', cancelledBy('TransactionConflict', 'ThrottlingError')] as const,
  ])('of a transaction that is %s', async (_title, fault) => {
    await ask('MSET', 'a', '1', 'b', '1');
    fake.faults.once(fault, onOperation('TransactWriteItems'));
    client.send('MULTI\r\nINCR a\r\nINCR b\r\nEXEC\r\n');
    expect(String((await client.readReplies(4)).at(-1))).toBe('*2\r\n:2\r\n:2\r\n');
    fake.deliverHeld();
    expect(await ask('MGET', 'a', 'b')).toBe('*2\r\n$1\r\n2\r\n$1\r\n2\r\n');
  });

  it('of a transaction of which one item has changed and another is in conflict', async () => {
    await ask('SET', 'a', '1');
    const other = await openFakeStore({ fake });
    const happens = async (): Promise<void> => {
      await commit(other.store, setting('a', 2));
      const [item] = fake.tables.named(TABLE).items;
      const error = cancelled([
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: item! },
        { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
      ]);
      fake.faults.once({ kind: 'error', error }, onOperation('TransactWriteItems'));
    };
    fake.faults.once({ kind: 'meanwhile', happens, after: true }, onOperation('BatchGetItem'));
    fake.takeRequests();
    expect(await ask('RENAME', 'a', 'b')).toBe('+OK\r\n');
    expect(await ask('GET', 'b')).toBe('$1\r\n2\r\n');
    // What has changed was known from the answer: the same transaction is not sent again.
    expect(fake.takeRequests().filter(onOperation('TransactWriteItems'))).toHaveLength(2);
    await other.close();
  });

  it.each([
    ['throttled', throttled()],
    ['failed by the service', serverError(500)],
    ['cut', { kind: 'reset', after: false }],
  ] as const)('of a read that is %s', async (_title, fault) => {
    await ask('MSET', 'a', '1', 'b', '2');
    for (const operation of ['GetItem', 'TransactGetItems', 'Scan']) {
      fake.faults.once(fault, onOperation(operation));
    }
    expect(await ask('GET', 'a')).toBe('$1\r\n1\r\n');
    expect(await ask('MGET', 'a', 'b')).toBe('*2\r\n$1\r\n1\r\n$1\r\n2\r\n');
    expect(await ask('DBSIZE')).toBe(':2\r\n');
  });

  it('of a snapshot in conflict with a transaction', async () => {
    await ask('MSET', 'a', '1', 'b', '2');
    fake.faults.once(cancelledBy('TransactionConflict', 'None'), onOperation('TransactGetItems'));
    expect(await ask('MGET', 'a', 'b')).toBe('*2\r\n$1\r\n1\r\n$1\r\n2\r\n');
  });

  it('of keys that a batch of reads left over', async () => {
    for (let i = 0; i < 10; i++) await ask('SET', `k${i}`, `${i}`);
    fake.faults.once({ kind: 'unprocessed', keys: 7 }, onOperation('BatchGetItem'), 2);
    client.send(Array.from({ length: 10 }, (_, i) => `GET k${i}\r\n`).join(''));
    const replies = (await client.readReplies(10)).map(String);
    expect(replies).toEqual(Array.from({ length: 10 }, (_, i) => `$1\r\n${i}\r\n`));
  });
});

describe('a failure that stays', () => {
  beforeEach(() => open({ retryBudgetMs: 150 }));

  it('is TRYAGAIN when nothing happened', async () => {
    const end = fake.faults.always(throttled(), onWrite);
    expect(await ask('SET', 'k', '1')).toMatch(/^-TRYAGAIN store: DynamoDB: ThrottlingException: /);
    expect(await ask('MSET', 'k', '1', 'l', '1')).toMatch(/^-TRYAGAIN /);
    end();
    expect(await ask('GET', 'k')).toBe('$-1\r\n');
  });

  it('is TRYAGAIN for a read', async () => {
    fake.faults.always({ kind: 'reset', after: false });
    expect(await ask('GET', 'k')).toMatch(/^-TRYAGAIN store: DynamoDB: /);
    expect(await ask('MGET', 'k', 'l')).toMatch(/^-TRYAGAIN store: DynamoDB: /);
    expect(await ask('PING')).toBe('+PONG\r\n');
  });

  it('is UNKNOWNOUTCOME when a write may have happened', async () => {
    fake.faults.once({ kind: 'reset', after: true }, onUpdate);
    const end = fake.faults.always({ kind: 'reset', after: false }, onFence);
    expect(await ask('SET', 'k', '1')).toMatch(/^-UNKNOWNOUTCOME store: /);
    end();
    expect(await ask('GET', 'k')).toBe('$1\r\n1\r\n');
  });

  it('is an error until the credentials are renewed', async () => {
    const end = fake.faults.always(expiredCredentials());
    expect(await ask('GET', 'k')).toMatch(/^-\w+ store: DynamoDB: ExpiredTokenException: /);
    expect(await ask('SET', 'k', '1')).toMatch(/^-\w+ store: DynamoDB: ExpiredTokenException: /);
    end();
    expect(await ask('SET', 'k', '1')).toBe('+OK\r\n');
  });

  it('is an error when the table has gone', async () => {
    fake.tables.drop(TABLE);
    expect(await ask('GET', 'k')).toMatch(/^-\w+ store: DynamoDB: ResourceNotFoundException: /);
    expect(await ask('SET', 'k', '1')).toMatch(
      /^-\w+ store: DynamoDB: ResourceNotFoundException: /,
    );
    expect(await ask('PING')).toBe('+PONG\r\n');
  });
});

describe('a request that DynamoDB finds wrong', () => {
  beforeEach(() => open());
  const wrong: Fault = { kind: 'error', error: invalid('Invalid UpdateExpression: ...') };

  it('is logged as a bug and answered with an error, and the connection lives', async () => {
    fake.faults.once(wrong, onUpdate);
    expect(await ask('SET', 'k', '1')).toBe(
      '-ERR store: DynamoDB: ValidationException: Invalid UpdateExpression: ...\r\n',
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('ValidationException');
    expect(await ask('SET', 'k', '1')).toBe('+OK\r\n');
  });

  it('fails the one command of a batch that it is about', async () => {
    await ask('SET', 'n', '1');
    fake.faults.once(wrong, onUpdate);
    client.send('INCR n\r\nINCR n\r\nINCR n\r\n');
    // As one commit they are refused; each alone is not.
    expect((await client.readReplies(3)).map(String)).toEqual([':2\r\n', ':3\r\n', ':4\r\n']);
    expect(warnings).toEqual([]);
  });

  it('is no bug when it is too large', async () => {
    const error = invalid('Item size to update has exceeded the maximum allowed size');
    fake.faults.once({ kind: 'error', error }, onUpdate);
    expect(await ask('SET', 'k', '1')).toMatch(/^-ERR store: DynamoDB: ValidationException: Item /);
    expect(warnings).toEqual([]);
  });
});

describe('a key that is throttled', () => {
  beforeEach(() => open());

  it('keeps no other waiting', async () => {
    const end = fake.faults.always({ kind: 'throttled key', key: 'hot' }, onKey('hot'));
    const other = await connectRaw(goredis.port);
    let isAnswered = false;
    const hot = Promise.all([
      client.command('INCR', 'hot'),
      ...Array.from({ length: 20 }, () => client.command('INCR', 'hot')),
    ]).finally(() => (isAnswered = true));
    for (let i = 0; i < 20; i++) {
      expect(String(await other.command('INCR', 'cold'))).toBe(`:${i + 1}\r\n`);
    }
    expect(isAnswered).toBe(false);
    end();
    expect(String((await hot).at(-1))).toBe(':21\r\n');
  });

  it('keeps no other read of its batch waiting', async () => {
    await ask('MSET', 'hot', '1', 'cold', '2');
    const end = fake.faults.always({ kind: 'throttled key', key: 'hot' }, onKey('hot'));
    const other = await connectRaw(goredis.port);
    const hot = client.command('GET', 'hot');
    expect(String(await other.command('GET', 'cold'))).toBe('$1\r\n2\r\n');
    // In one request with the key that is throttled.
    client.send('GET hot\r\n');
    other.send('GET cold\r\nGET none\r\n');
    expect((await other.readReplies(2)).map(String)).toEqual(['$1\r\n2\r\n', '$-1\r\n']);
    end();
    expect(String(await hot)).toBe('$1\r\n1\r\n');
  });
});

it('more requests than sockets are not taken for a network that has gone', async () => {
  await open({ requestTimeoutMs: 5000 });
  fake.faults.always({ kind: 'delay', ms: 400 }, onWrite);
  // Eight at a time: the last wait for longer than a connection may take.
  client.send(Array.from({ length: 32 }, (_, i) => `SET k${i} v\r\n`).join(''));
  const replies = await client.readReplies(32);
  expect(new Set(replies.map(String))).toEqual(new Set(['+OK\r\n']));
  expect(fake.requests.filter(onUpdate)).toHaveLength(32);
});

it('an answer that does not come is given up, and what was asked is settled', async () => {
  await open({ requestTimeoutMs: 100 });
  fake.faults.once({ kind: 'hold', silent: true }, onUpdate);
  expect(await ask('SET', 'k', '1')).toBe('+OK\r\n');
  // One that finds no item, and one that makes it a tombstone.
  expect(fake.requests.filter(onFence)).toHaveLength(2);
  fake.deliverHeld();
  expect(await ask('INCR', 'k')).toBe(':2\r\n');
});
