/** The start of `store dynamodb`: the table, what it must be, and patience. */
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { LineLogger } from '../../src/lib/log';
import { systemClock } from '../../src/lib/clock';
import { BLIND } from '../../src/store/change';
import type { DynamoStore } from '../../src/stores/dynamodb/dynamodb-store';
import { type DynamoStoreOptions } from '../../src/stores/dynamodb/dynamodb-store';
import { FORMAT, FORMAT_KEY } from '../../src/stores/dynamodb/format';
import { tableDefinition } from '../../src/stores/dynamodb/table';
import { startDynamoLocal, type DynamoLocal } from '../support/dynamodb-local';
import { startGoredis } from '../support/goredis';
import { clientOn, storeOn } from '../support/on-dynamodb';
import { connectRaw } from '../support/raw-client';
import { freePort } from '../support/redis-server';

let local: DynamoLocal;
let client: DynamoDBClient;
let tables = 0;
const newTable = (): string => `table-${tables++}`;

beforeAll(async () => {
  local = await startDynamoLocal();
  client = clientOn(local.endpoint);
}, 60_000);
afterAll(async () => {
  client.destroy();
  await local.stop();
});

function newStore(table: string, options: Partial<DynamoStoreOptions> = {}) {
  const lines: string[] = [];
  const store = storeOn(local.endpoint, table, {
    log: new LineLogger(
      'notice',
      (line) => lines.push(line.replace(/^.*? ([*#] )/, '$1')),
      systemClock,
    ),
    ...options,
  });
  return { store, lines };
}

/** The message that `open` fails with. */
async function refusal(store: DynamoStore): Promise<string> {
  const message = await store.open().then(
    () => 'it opened',
    (error: Error) => error.message,
  );
  await store.close();
  return message;
}

const create = (table: string, changes: Partial<CreateTableCommandInput> = {}) =>
  client.send(new CreateTableCommand({ ...tableDefinition(table), ...changes }));

const enableTtl = (TableName: string, AttributeName = 'ttl') =>
  client.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName, Enabled: true },
    }),
  );

const at = (endpoint = local.endpoint): string => `DynamoDB at ${endpoint}`;

describe('a table that is absent', () => {
  it('is made, with stream, index, time to live and the number of its format', async () => {
    const table = newTable();
    const { store, lines } = newStore(table);
    await store.open();
    await store.close();
    expect(lines).toEqual([`* ${at()}: making the table ${table}\n`]);

    const { Table: made } = await client.send(new DescribeTableCommand({ TableName: table }));
    const definition = tableDefinition(table);
    expect(made).toMatchObject({
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: definition.KeySchema,
      GlobalSecondaryIndexes: definition.GlobalSecondaryIndexes,
      StreamSpecification: definition.StreamSpecification,
    });
    expect(made!.LocalSecondaryIndexes).toBeUndefined();
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
    expect(ttl.TimeToLiveDescription).toEqual({
      AttributeName: 'ttl',
      TimeToLiveStatus: 'ENABLED',
    });
    const { Items: items } = await client.send(new ScanCommand({ TableName: table }));
    expect(items).toEqual([
      {
        p: { B: new Uint8Array([0xff, 0, 0]) },
        s: { B: new Uint8Array(Buffer.from('format')) },
        format: { N: '1' },
      },
    ]);
  });

  it('may be made by several nodes at once', async () => {
    const table = newTable();
    const stores = Array.from({ length: 4 }, () => newStore(table).store);
    await Promise.all(stores.map((store) => store.open()));
    await stores[0]!.commit(
      [{ db: 0, key: 'k', value: 'v', expiresAtMs: 0, base: BLIND, events: [] }],
      [],
    );
    const [rec] = await stores[3]!.load([{ db: 0, key: 'k' }], 'each', 'strong');
    expect(rec!.value).toBe('v');
    await Promise.all(stores.map((store) => store.close()));
  });

  it('is else an error with the commands that make it, which work', async () => {
    const table = newTable();
    const { store } = newStore(table, { createTable: false });
    const message = await refusal(store);
    const options = `--region us-east-1 --endpoint-url ${local.endpoint}`;
    const [first, , ...commands] = message.split('\n');
    expect(first).toBe(
      `${at()}: there is no table ${table}; --dynamodb-create-table yes makes it, or the AWS CLI:`,
    );
    const [createTable = '', wait, updateTimeToLive = '', end] = commands;
    expect(createTable).toMatch(
      new RegExp(`^aws dynamodb create-table ${options} --cli-input-json '[^']+' &&$`),
    );
    expect(wait).toBe(`aws dynamodb wait table-exists ${options} --table-name ${table} &&`);
    expect(updateTimeToLive).toMatch(
      new RegExp(`^aws dynamodb update-time-to-live ${options} --cli-input-json '[^']+'$`),
    );
    expect(end).toBe('');

    const inputOf = (command: string) => JSON.parse(/'(.+)'/.exec(command)![1]!) as never;
    await client.send(new CreateTableCommand(inputOf(createTable)));
    await client.send(new UpdateTimeToLiveCommand(inputOf(updateTimeToLive)));
    const again = newStore(table, { createTable: false });
    await again.store.open();
    await again.store.close();
    expect(again.lines).toEqual([]);
  });
});

describe('a table that is there', () => {
  it('with other keys is refused, with all that is wrong in one line, and not touched', async () => {
    const table = newTable();
    await create(table, {
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'x', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'x', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: undefined,
      LocalSecondaryIndexes: [
        {
          IndexName: 'near',
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'x', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: undefined,
    });
    expect(await refusal(newStore(table).store)).toBe(
      `DynamoDB: the table ${table} is not one of goredis: ` +
        'keys are id (S, hash), x (S, range), must be p (B, hash), s (B, range); ' +
        'index exp is missing, must be xb (N, hash), x (N, range); ' +
        'stream is off, must be NEW_AND_OLD_IMAGES; ' +
        'local indexes are near, must be none; ' +
        'time to live is off, must be on for the attribute ttl',
    );
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
    expect(ttl.TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
    const { Count: count } = await client.send(new ScanCommand({ TableName: table }));
    expect(count).toBe(0);
  });

  it('with another stream, index or time to live is refused', async () => {
    const table = newTable();
    const [index] = tableDefinition(table).GlobalSecondaryIndexes!;
    await create(table, {
      GlobalSecondaryIndexes: [
        {
          ...index!,
          KeySchema: [
            { AttributeName: 'x', KeyType: 'HASH' },
            { AttributeName: 'xb', KeyType: 'RANGE' },
          ],
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    });
    await enableTtl(table, 'expires');
    expect(await refusal(newStore(table).store)).toBe(
      `DynamoDB: the table ${table} is not one of goredis: ` +
        'index exp is x (N, hash), xb (N, range), must be xb (N, hash), x (N, range); ' +
        'stream is KEYS_ONLY, must be NEW_AND_OLD_IMAGES; ' +
        'time to live is on for the attribute expires, must be for ttl',
    );
  });

  it('needs no index when the index is not used', async () => {
    const table = newTable();
    const { AttributeDefinitions: types } = tableDefinition(table);
    await create(table, {
      AttributeDefinitions: types!.filter(({ AttributeName }) => !/^x/.test(AttributeName!)),
      GlobalSecondaryIndexes: undefined,
    });
    await enableTtl(table);
    const { store } = newStore(table, { expiryIndex: false });
    await store.open();
    await store.close();
    expect(await refusal(newStore(table).store)).toContain('index exp is missing');
  });

  it('without time to live gets it, if goredis may make tables', async () => {
    const table = newTable();
    await create(table);
    const fault = 'time to live is off, must be on for the attribute ttl';
    expect(await refusal(newStore(table, { createTable: false }).store)).toBe(
      `DynamoDB: the table ${table} is not one of goredis: ${fault}`,
    );
    const { store } = newStore(table);
    await store.open();
    await store.close();
    expect(await refusal(newStore(table, { createTable: false }).store)).toBe('it opened');
  });

  it('with provisioned capacity is used, with a warning', async () => {
    const table = newTable();
    const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
    const [index] = tableDefinition(table).GlobalSecondaryIndexes!;
    await create(table, {
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: throughput,
      GlobalSecondaryIndexes: [{ ...index!, ProvisionedThroughput: throughput }],
    });
    const { store, lines } = newStore(table);
    await store.open();
    await store.close();
    expect(lines).toEqual([
      `# DynamoDB: the table ${table} has provisioned capacity: what is above it is throttled\n`,
    ]);
  });

  it('of a newer format is refused', async () => {
    const table = newTable();
    expect(await refusal(newStore(table).store)).toBe('it opened');
    await client.send(
      new PutItemCommand({ TableName: table, Item: { ...FORMAT_KEY, format: { N: '2' } } }),
    );
    expect(await refusal(newStore(table).store)).toBe(
      `DynamoDB: the table ${table} has format 2, this goredis knows format 1: start a newer one`,
    );
  });

  it('gets the number of its format when it is missing', async () => {
    const table = newTable();
    expect(await refusal(newStore(table).store)).toBe('it opened');
    const key = { TableName: table, Key: FORMAT_KEY };
    await client.send(new DeleteItemCommand(key));
    expect(await refusal(newStore(table).store)).toBe('it opened');
    const { Item: item } = await client.send(new GetItemCommand(key));
    expect(item?.['format']).toEqual({ N: String(FORMAT) });
  });
});

it('has at most 255 databases, below the partitions of the system', async () => {
  expect(await refusal(newStore(newTable(), { databases: 256 }).store)).toBe(
    'store dynamodb: databases is 256, may be at most 255',
  );
});

it('items of the system are seen by no command, and FLUSHALL leaves them', async () => {
  const table = newTable();
  const { store } = newStore(table, { databases: 255 });
  const { port, stop } = await startGoredis({ store, databases: 255 });
  const redis = await connectRaw(port);
  const ask = async (...words: string[]) => (await redis.command(...words)).toString();
  for (const db of ['0', '254']) {
    await ask('SELECT', db);
    expect(await ask('DBSIZE')).toBe(':0\r\n');
    expect(await ask('RANDOMKEY')).toBe('$-1\r\n');
    expect(await ask('KEYS', '*')).toBe('*0\r\n');
    expect(await ask('SCAN', '0', 'COUNT', '1')).toMatch(/\r\n\*0\r\n$/);
    expect(await ask('SET', 'key', db)).toBe('+OK\r\n');
    expect(await ask('KEYS', '*')).toBe('*1\r\n$3\r\nkey\r\n');
  }
  let cursor = '0';
  const pages: string[] = [];
  do {
    const reply = await ask('SCAN', cursor, 'COUNT', '1');
    cursor = /^\*2\r\n\$\d+\r\n(\d+)/.exec(reply)![1]!;
    pages.push(...reply.split('\r\n').slice(4));
  } while (cursor !== '0');
  expect(pages.filter((line) => /^k/.test(line))).toEqual(['key']);
  expect(await ask('FLUSHALL')).toBe('+OK\r\n');
  expect(await ask('DBSIZE')).toBe(':0\r\n');
  redis.destroy();
  await stop();
  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: table, Key: FORMAT_KEY }),
  );
  expect(item).toEqual({
    p: { B: new Uint8Array([0xff, 0, 0]) },
    s: { B: new Uint8Array(Buffer.from('format')) },
    format: { N: '1' },
  });
});

it('without the index writes nothing for it, and finds nothing there', async () => {
  const table = newTable();
  const { store } = newStore(table, { expiryIndex: false });
  const indexed = newStore(table).store;
  await store.open();
  await indexed.open();
  const change = { db: 0, value: 'v', expiresAtMs: 1000, base: BLIND, events: [] } as const;
  await store.commit([{ ...change, key: 'hidden' }], []);
  await indexed.commit([{ ...change, key: 'found' }], []);
  expect(await indexed.due(2000, 10)).toEqual([{ db: 0, key: 'found' }]);
  expect(await store.due(2000, 10)).toEqual([]);
  // A write takes the key out of the index.
  await store.commit([{ ...change, key: 'found' }], []);
  expect(await indexed.due(2000, 10)).toEqual([]);
  await store.close();
  await indexed.close();
});

describe('while DynamoDB cannot be reached', () => {
  it('the start tries again, and goes on when it can', async () => {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const table = newTable();
    const { store, lines } = newStore(table, {
      client: clientOn(endpoint),
      startupTimeoutMs: 60_000,
    });
    const opened = store.open();
    const later = await startDynamoLocal({ port });
    await opened;
    await store.close();
    await later.stop();
    expect(lines).toEqual([
      // Jest's errors are none to the SDK, which then puts words before the text.
      expect.stringMatching(
        `^# ${at(endpoint)} cannot be reached: .*connect ECONNREFUSED 127.0.0.1:${port}; trying for 60 s\n$`,
      ),
      `* ${at(endpoint)}: making the table ${table}\n`,
    ]);
  }, 60_000);
});
