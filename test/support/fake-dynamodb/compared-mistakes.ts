/** Requests that are refused, and what else expressions can say. */
import {
  TABLE,
  type Fields,
  differing,
  text,
  NO_KEY,
  KEY,
  plainUpdate,
  type Row,
  tooLarge,
} from './compared';

export function mistakes(): readonly Row[] {
  const one = { ':one': { N: '1' } };
  return [
    [
      'a table that is not there',
      'GetItem',
      { TableName: 'absent-table', Key: KEY },
      text('Requested resource not found'),
    ],
    [
      'an operation that is not there',
      'GetNothing',
      {},
      differing(() => ({
        __type: 'com.amazon.coral.service#UnknownOperationException',
        message: undefined,
      })),
    ],
    ['a key without its range', 'GetItem', { TableName: TABLE, Key: { p: KEY.p } }, text(NO_KEY)],
    [
      'a key of another type',
      'GetItem',
      { TableName: TABLE, Key: { ...KEY, s: { S: 'x' } } },
      text(NO_KEY),
    ],
    ['an empty range key', 'GetItem', { TableName: TABLE, Key: { ...KEY, s: { B: '' } } }],
    [
      'a range key of 1,025 bytes',
      'GetItem',
      { TableName: TABLE, Key: { ...KEY, s: { B: Buffer.alloc(1025, 1) } } },
      text(
        'One or more parameter values were invalid: Size of rangekey has exceeded the maximum size limit of1024 bytes',
      ),
    ],
    ['a value without a type', 'UpdateItem', plainUpdate('SET a = :one', { ':one': {} })],
    ['a number that is none', 'UpdateItem', plainUpdate('SET a = :one', { ':one': { N: 'x' } })],
    [
      'a placeholder that is not used',
      'UpdateItem',
      plainUpdate('SET a = :one', { ...one, ':two': one[':one'] }),
    ],
    ['a name that is not used', 'UpdateItem', plainUpdate('SET a = :one', one, { '#a': 'a' })],
    ['a value that is not given', 'UpdateItem', plainUpdate('SET a = :two + :one', one)],
    ['a name that is not given', 'UpdateItem', plainUpdate('SET #a = :one', one, { '#b': 'a' })],
    ['a reserved word', 'UpdateItem', plainUpdate('SET ttl = :one', one)],
    ['a syntax error', 'UpdateItem', plainUpdate('SET a = = :one', one)],
    ['an attribute set twice', 'UpdateItem', plainUpdate('SET a = :one, a = :one', one)],
    ['a sum with an absent attribute', 'UpdateItem', plainUpdate('SET a = b + :one', one)],
    [
      'a sum of text',
      'UpdateItem',
      plainUpdate('SET a = :one + :text', { ...one, ':text': { S: 'x' } }),
      text('An operand in the update expression has an incorrect data type'),
    ],
    ['a change of the key', 'UpdateItem', plainUpdate('SET p = :one', one)],
    [
      'an index key of another type',
      'UpdateItem',
      plainUpdate('SET x = :text', { ':text': { S: 'x' } }),
      text(
        'One or more parameter values were invalid: Type mismatch for Index Key x Expected: N Actual: S IndexName: exp',
      ),
    ],
    ['an item above 400 KB', 'UpdateItem', { TableName: TABLE, Key: KEY, ...tooLarge() }],
    [
      'numbers in their normal form',
      'UpdateItem',
      plainUpdate('SET a = :a, b = :b', { ':a': { N: '-0012.50' }, ':b': { N: '1.0' } }),
    ],
    [
      'the item after these',
      'GetItem',
      { TableName: TABLE, Key: KEY },
      differing(({ Item }) => ({
        Item: { ...(Item as Fields), a: { N: '-12.5' }, b: { N: '1' } },
      })),
    ],
    ['plain numbers over these', 'UpdateItem', plainUpdate('SET a = :one, b = :one', one)],
    [
      'every kind of condition',
      'UpdateItem',
      {
        ...plainUpdate('SET c = if_not_exists(c, b) - :one REMOVE a', one, { '#b': 'b' }),
        ConditionExpression:
          'NOT (#b < :one OR b > :one) and b >= :one AND b <= :one AND b = :one AND zz <> :one ' +
          'AND attribute_exists(a) AND (attribute_not_exists(zz) OR zz = :one)',
        ReturnValues: 'ALL_NEW',
      },
    ],
    [
      'a put',
      'PutItem',
      { TableName: TABLE, Item: { ...KEY, z: { S: '' } }, ReturnValues: 'ALL_OLD' },
    ],
    ['a removal', 'DeleteItem', { TableName: TABLE, Key: KEY, ReturnValues: 'ALL_OLD' }],
    [
      'a removal of nothing',
      'DeleteItem',
      { TableName: TABLE, Key: KEY, ReturnValues: 'ALL_OLD' },
      differing(() => ({ ConsumedCapacity: undefined })),
    ],
    ['whether deadlines are collected', 'DescribeTimeToLive', { TableName: TABLE }],
    [
      'the attribute of deadlines',
      'UpdateTimeToLive',
      { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
    ],
    ['that deadlines are collected', 'DescribeTimeToLive', { TableName: TABLE }],
  ];
}
