/** The requests that write items: conditions, the ring of operations, fences. */
import type { Update, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { BLIND } from '../../store/change';
import type { Key } from '../../store/record';
import { isLongKey, type Item, type ItemKey } from './item-key';
import { keptUntil, TOMBSTONE, type Content } from './items';
import { RING, type Fence, type Operation } from './operations';

/** An item that a fence is set on must stay for so long: what it is to stop does not come later. */
const STAYS_S = 1800;

export type UpdateRequest = Update & Pick<UpdateItemCommandInput, 'Key' | 'UpdateExpression'>;

/**
 * Sets the content of an item, if the base version holds and no fence stands before the operation.
 * @param outdated fences to take away; if one of them has been set anew the write is refused
 */
export function updateOf(
  table: string,
  key: ItemKey,
  content: Content,
  base: number,
  operation: Operation,
  nowMs: number,
  outdated: readonly Fence[] = [],
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
  let stillOutdated = '';
  for (const [i, { name, sentUs }] of outdated.entries()) {
    names[`#f${i}`] = name;
    values[`:f${i}`] = { N: sentUs };
    stillOutdated += ` AND (attribute_not_exists(#f${i}) OR #f${i} = :f${i})`;
    remove.push(`#f${i}`);
  }
  const removal = remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : '';
  return {
    TableName: table,
    Key: key,
    UpdateExpression: `SET ${set.join(', ')}${removal}`,
    ConditionExpression: `${versionIs(base)}(attribute_not_exists(#f) OR #f < :sent)${stillOutdated}`,
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

/** What an attempt to set a fence has met: no item, or one that may be collected soon, with the fence. */
export interface FenceObstacle {
  readonly item: Item | undefined;
}

/**
 * Refuses from now on what its writer sent up to this operation, and answers the item as it was.
 * @param obstacle what an attempt before has met
 */
export function fenceOf(
  table: string,
  at: ItemKey,
  key: Key,
  { fence, sentAtUs }: Operation,
  nowMs: number,
  obstacle?: FenceObstacle,
): UpdateItemCommandInput {
  const set = ['#f = :sent'];
  const names: Record<string, string> = { '#f': fence, '#v': 'v' };
  const values: Item = { ':sent': { N: String(sentAtUs) } };
  const add = (name: string, value: Item[string]): void => {
    names[`#${name}`] = name;
    values[`:${name}`] = value;
    set.push(`#${name} = :${name}`);
  };
  let condition: string;
  if (obstacle !== undefined && obstacle.item === undefined) {
    add('v', { N: String(nowMs * 1000) });
    add('t', { S: TOMBSTONE });
    add('ttl', keptUntil(nowMs));
    if (isLongKey(key)) add('k', { B: Buffer.from(key, 'latin1') });
    condition = 'attribute_not_exists(#v)';
  } else {
    const soonS = Math.ceil(nowMs / 1000) + STAYS_S;
    const mayGo = Number(obstacle?.item?.['ttl']?.N ?? Infinity) <= soonS;
    names['#ttl'] = 'ttl';
    values[':soon'] = { N: String(soonS) };
    if (mayGo) add('ttl', keptUntil(nowMs));
    const ttl = mayGo ? '#ttl <= :soon' : '(attribute_not_exists(#ttl) OR #ttl > :soon)';
    condition = `attribute_exists(#v) AND ${ttl}`;
  }
  return {
    TableName: table,
    Key: at,
    UpdateExpression: `SET ${set.join(', ')}`,
    ConditionExpression: condition,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

function versionIs(base: number): string {
  if (base === BLIND) return '';
  return base === 0 ? 'attribute_not_exists(v) AND ' : 'v = :base AND ';
}
