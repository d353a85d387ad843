/** The requests that write items: conditions, the ring of operations, fences. */
import type { Update, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { BLIND } from '../../store/change';
import type { Item, ItemKey } from './item-key';
import { TOMBSTONE, type Content } from './items';
import { RING, type Operation } from './operations';

export type UpdateRequest = Update & Pick<UpdateItemCommandInput, 'Key' | 'UpdateExpression'>;

/** Sets the content of an item, if the base version holds and no fence stands before the operation. */
export function updateOf(
  table: string,
  key: ItemKey,
  content: Content,
  base: number,
  operation: Operation,
  nowMs: number,
): UpdateRequest {
  const set = ['v = if_not_exists(v, :nowUs) + :one', 'w1 = :operation'];
  // Right-hand sides see the item as it was, so that each takes what the one before held.
  for (const [i, name] of RING.entries()) {
    if (i > 0) set.push(`${name} = if_not_exists(${RING[i - 1]}, :none)`);
  }
  const remove = [];
  const names: Record<string, string> = { '#f': operation.fence };
  const values: Item = {
    ':nowUs': { N: String(nowMs * 1000) },
    ':one': { N: '1' },
    ':operation': { B: operation.id },
    ':none': { B: Buffer.alloc(0) },
    ':sent': { N: String(operation.sentAtUs) },
  };
  for (const [name, value] of Object.entries(content)) {
    names[`#${name}_`] = name;
    if (value === undefined) remove.push(`#${name}_`);
    else {
      set.push(`#${name}_ = :${name}_`);
      values[`:${name}_`] = value;
    }
  }
  if (base > 0) values[':base'] = { N: String(base) };
  const removal = remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : '';
  return {
    TableName: table,
    Key: key,
    UpdateExpression: `SET ${set.join(', ')}${removal}`,
    ConditionExpression: `${versionIs(base)}(attribute_not_exists(#f) OR #f < :sent)`,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** That an item which was only read has still its version. */
export function checkOf(table: string, key: ItemKey, version: number) {
  return {
    TableName: table,
    Key: key,
    ConditionExpression: version === 0 ? 'attribute_not_exists(v)' : 'v = :base',
    ...(version > 0 && { ExpressionAttributeValues: { ':base': { N: String(version) } } }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

/** Refuses from now on what its writer sent up to this operation, and answers the item as it was. */
export function fenceOf(
  table: string,
  key: ItemKey,
  { fence, sentAtUs }: Operation,
  nowMs: number,
): UpdateItemCommandInput {
  return {
    TableName: table,
    Key: key,
    UpdateExpression:
      'SET #f = :sent, #v = if_not_exists(#v, :nowUs), #t = if_not_exists(#t, :tombstone)',
    ExpressionAttributeNames: { '#f': fence, '#v': 'v', '#t': 't' },
    ExpressionAttributeValues: {
      ':sent': { N: String(sentAtUs) },
      ':nowUs': { N: String(nowMs * 1000) },
      ':tombstone': { S: TOMBSTONE },
    },
    ReturnValues: 'ALL_OLD',
  };
}

function versionIs(base: number): string {
  if (base === BLIND) return '';
  return base === 0 ? 'attribute_not_exists(v) AND ' : 'v = :base AND ';
}
