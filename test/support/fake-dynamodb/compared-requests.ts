/** Requests that go to DynamoDB Local and to the fake, in this order, on one table. */
import {
  TABLE,
  NOW_MS,
  NOW_US,
  type ComparedRequest,
  differing,
  text,
  units,
  TOO_MANY,
  reasonsWithoutPeriod,
  cancelledForSize,
  at,
  operations,
  change,
  update,
  fence,
  FENCE,
  member,
  check,
  get,
  TOTAL,
  type Row,
  tooLarge,
} from './compared';
import { mistakes } from './compared-mistakes';

const rows: readonly Row[] = [
  ['an absent item', 'GetItem', get('none')],
  ['an absent item, with its cost', 'GetItem', { ...get('none'), ...TOTAL, ConsistentRead: true }],
  ['a blind write of a new item', 'UpdateItem', update(change('a', '1'), 'a1', TOTAL)],
  ['a blind write over an item', 'UpdateItem', update(change('a', 'text'), 'a2', TOTAL)],
  [
    'a write with deadline',
    'UpdateItem',
    update(change('x', 1, { expiresAtMs: NOW_MS }), 'x1', TOTAL),
  ],
  [
    'a moved deadline',
    'UpdateItem',
    update(change('x', 1, { expiresAtMs: NOW_MS + 1 }), 'x2', TOTAL),
  ],
  [
    'the same deadline again',
    'UpdateItem',
    update(change('x', 2, { expiresAtMs: NOW_MS + 1 }), 'x3', TOTAL),
  ],
  ['a deadline taken away', 'UpdateItem', update(change('x', 1), 'x4', TOTAL)],
  ['a write on its base', 'UpdateItem', update(change('a', '3', { base: NOW_US + 2 }), 'a3')],
  [
    'a write on a base that has passed',
    'UpdateItem',
    update(change('a', '4', { base: NOW_US + 2 }), 'a4'),
  ],
  ['a write on absence, of an item', 'UpdateItem', update(change('a', '4', { base: 0 }), 'a5')],
  ['a write on absence', 'UpdateItem', update(change('b', '1', { base: 0 }), 'b1')],
  [
    'a write on the base of an absent item',
    'UpdateItem',
    update(change('c', '1', { base: 7 }), 'c1'),
  ],
  ['a tombstone', 'UpdateItem', update(change('b', undefined, { base: NOW_US + 1 }), 'b2')],
  ['a fence on an item', 'UpdateItem', fence('a', 'f1')],
  ['a fence on an item that is not there', 'UpdateItem', fence('fenced', 'f2')],
  ['a fence on an absent item', 'UpdateItem', fence('fenced', 'f3', { item: undefined })],
  ['a fence on an absent item that is there', 'UpdateItem', fence('a', 'f4', { item: undefined })],
  [
    'a fence on an item that may be collected soon',
    'UpdateItem',
    fence('fenced', 'f5', { item: { ttl: { N: '1' } } }, NOW_MS + 3_000_000),
  ],
  [
    'a fence on an item that may be collected no more',
    'UpdateItem',
    fence('fenced', 'f6', { item: { ttl: { N: '1' } } }),
  ],
  [
    'a write that would take a fence away that was set anew',
    'UpdateItem',
    update(change('fenced', '1'), 'w1', {}, [{ name: FENCE, sentUs: '1' }]),
  ],
  [
    'a write that takes an outdated fence away',
    'UpdateItem',
    update(change('fenced', '1'), 'w2', {}, [
      { name: FENCE, sentUs: String(operations.get('f5')!.sentAtUs) },
    ]),
  ],
  [
    'a write behind its fence',
    'UpdateItem',
    { ...update(change('a', '5'), 'a6'), ...fencedValues() },
  ],
  ['a consistent read', 'GetItem', { ...get('a'), ...TOTAL, ConsistentRead: true }],
  ['an inconsistent read', 'GetItem', { ...get('a'), ...TOTAL }],
  [
    'a value of 8 KB, its write',
    'UpdateItem',
    update(change('large', 'v'.repeat(8192)), 'l1', { ...TOTAL, ReturnValues: 'NONE' }),
  ],
  [
    'a small value over 8 KB',
    'UpdateItem',
    update(change('large', 'v'), 'l2', { ...TOTAL, ReturnValues: 'NONE' }),
  ],
  [
    'a value of 20 KB',
    'UpdateItem',
    update(change('large', 'v'.repeat(20_000)), 'l3', { ...TOTAL, ReturnValues: 'NONE' }),
  ],
  ['its read', 'GetItem', { ...get('large'), ...TOTAL, ConsistentRead: true }],
  [
    'a batch of reads',
    'BatchGetItem',
    { RequestItems: { [TABLE]: { Keys: [at('b')], ConsistentRead: true } }, ...TOTAL },
  ],
  [
    'a batch of reads of absent items',
    'BatchGetItem',
    { RequestItems: { [TABLE]: { Keys: [at('no'), at('none')] } }, ...TOTAL },
    units([{ TableName: TABLE, CapacityUnits: 1 }]),
  ],
  [
    'a batch with a key twice',
    'BatchGetItem',
    { RequestItems: { [TABLE]: { Keys: [at('a'), at('a')] } } },
  ],
  [
    'a batch of 101 keys',
    'BatchGetItem',
    { RequestItems: { [TABLE]: { Keys: Array.from({ length: 101 }, (_, i) => at(`k${i}`)) } } },
  ],
  [
    'a snapshot',
    'TransactGetItems',
    { TransactItems: ['b', 'none', 'a'].map((key) => ({ Get: get(key) })), ...TOTAL },
    units([{ TableName: TABLE, CapacityUnits: 6, ReadCapacityUnits: 6 }]),
  ],
  [
    'a snapshot with a key twice',
    'TransactGetItems',
    { TransactItems: ['a', 'a'].map((key) => ({ Get: get(key) })) },
  ],
  [
    'a snapshot of 101 keys',
    'TransactGetItems',
    { TransactItems: Array.from({ length: 101 }, (_, i) => ({ Get: get(`k${i}`) })) },
    text(TOO_MANY),
  ],
  ...transactions(),
  ['what transactions left', 'GetItem', { ...get('t1'), ConsistentRead: true }],
  ...pages(),
  ...mistakes(),
];

/** Of an operation that was sent before the fence on `a`. */
function fencedValues(): object {
  const request = update(change('a', '5'), 'a7') as { ExpressionAttributeValues: object };
  return {
    ExpressionAttributeValues: {
      ...request.ExpressionAttributeValues,
      ':sent': { N: String(operations.get('a1')!.sentAtUs) },
    },
  };
}

function transactions(): readonly Row[] {
  const both = {
    ClientRequestToken: 'token-1',
    TransactItems: [member(change('t1', '1', { base: 0 }), 't1'), check('none', 0)],
    ...TOTAL,
  };
  const other = { ...both, TransactItems: [member(change('t1', 'other'), 't2')] };
  return [
    [
      'a transaction',
      'TransactWriteItems',
      both,
      units([{ TableName: TABLE, CapacityUnits: 4, WriteCapacityUnits: 4 }]),
    ],
    [
      'the same transaction again',
      'TransactWriteItems',
      both,
      units([{ TableName: TABLE, CapacityUnits: 4, ReadCapacityUnits: 4 }]),
    ],
    [
      'another transaction with its token',
      'TransactWriteItems',
      other,
      differing(() => ({ message: undefined })),
    ],
    [
      'a transaction of which one condition does not hold',
      'TransactWriteItems',
      {
        TransactItems: [
          member(change('t3', '1', { base: 0 }), 't3'),
          member(change('t1', '1', { base: 0 }), 't4'),
          check('a', 5),
          check('none', 5),
        ],
      },
      reasonsWithoutPeriod,
    ],
    [
      'a transaction with a key twice',
      'TransactWriteItems',
      { TransactItems: [member(change('t5', '1'), 't5'), member(change('t5', '1'), 't5')] },
    ],
    [
      'a transaction of 101 items',
      'TransactWriteItems',
      { TransactItems: Array.from({ length: 101 }, (_, i) => check(`k${i}`, 0)) },
      text(TOO_MANY),
    ],
    [
      'a transaction with an item that is too large',
      'TransactWriteItems',
      {
        TransactItems: [check('none', 0), { Update: { ...get('big'), ...tooLarge() } }],
      },
      cancelledForSize,
    ],
    [
      'a transaction above 4 MB',
      'TransactWriteItems',
      {
        TransactItems: Array.from({ length: 11 }, (_, i) =>
          member(change(`m${i}`, 'v'.repeat(390 * 1024)), 'm'),
        ),
      },
      text('Transaction payload size cannot exceed 4MB'),
    ],
    ['a check of presence', 'TransactWriteItems', { TransactItems: [check('b', NOW_US + 2)] }],
  ];
}

function pages(): readonly Row[] {
  const scan = {
    TableName: TABLE,
    ConsistentRead: true,
    ProjectionExpression: '#p, #s, #k, #t, #x',
    FilterExpression: 'begins_with(#p, :db) AND #t <> :none',
    ExpressionAttributeNames: { '#p': 'p', '#s': 's', '#k': 'k', '#t': 't', '#x': 'x' },
    ExpressionAttributeValues: { ':none': { S: '-' }, ':db': { B: Buffer.of(0) } },
    ...TOTAL,
  };
  const due = {
    TableName: TABLE,
    IndexName: 'exp',
    KeyConditionExpression: 'xb = :bucket AND x <= :before',
    ExpressionAttributeValues: { ':bucket': { N: '0' }, ':before': { N: String(NOW_MS + 10) } },
    ...TOTAL,
  };
  const withDeadline = (key: string, ms: number): Row => [
    `a deadline ${ms} ms later`,
    'UpdateItem',
    update(change(key, 1, { expiresAtMs: NOW_MS + ms }), key, { ReturnValues: 'NONE' }),
  ];
  return [
    ['a scan', 'Scan', scan],
    ['a page of it', 'Scan', { ...scan, Limit: 2 }],
    [
      'a page from a place where nothing is',
      'Scan',
      { ...scan, Limit: 2, ExclusiveStartKey: at('aa') },
    ],
    ['a page that ends at the end', 'Scan', { ...scan, ExclusiveStartKey: at('t1'), Limit: 1 }],
    [
      'a page behind the end',
      'Scan',
      { ...scan, ExclusiveStartKey: at('zz') },
      units({ TableName: TABLE, CapacityUnits: 1 }),
    ],
    [
      'a page of nothing',
      'Scan',
      { ...scan, Limit: 0 },
      text(
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
      ),
    ],
    ['no deadlines', 'Query', due, units({ TableName: TABLE, CapacityUnits: 0.5 })],
    withDeadline('d3', 3),
    withDeadline('d1', 1),
    withDeadline('d2', 2),
    withDeadline('d20', 20),
    ['what is due', 'Query', due],
    ['the first that is due', 'Query', { ...due, Limit: 1 }],
    [
      'what is due behind the first',
      'Query',
      {
        ...due,
        Limit: 5,
        ExclusiveStartKey: { ...at('d1'), xb: { N: '0' }, x: { N: String(NOW_MS + 1) } },
      },
    ],
    ['an index that is not there', 'Query', { ...due, IndexName: 'none' }],
    ['a consistent read of an index', 'Query', { ...due, ConsistentRead: true }],
  ];
}

export const REQUESTS: readonly ComparedRequest[] = rows.map(([title, call, body, differs]) => ({
  title,
  operation: call,
  body: wire(body) as Record<string, unknown>,
  ...(differs !== undefined && { differs }),
}));

/** Bytes as the SDK sends them. */
function wire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, wire(of)]));
}
