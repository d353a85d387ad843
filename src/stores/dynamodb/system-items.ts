/** Items of goredis itself, beside the format's (format.ts): beacons, and settings of all nodes. */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYSTEM } from './format';
import type { Item, ItemKey } from './item-key';
import type { Requests } from './requests';
import { describeTable } from './table';

/** Items of nodes that are gone are removed by DynamoDB. */
const BEACON_KEPT_S = 3600;
const SETTINGS = Buffer.of(SYSTEM, 0, 0);
const SETTING_HEAD = Buffer.from('setting ');

export class SystemItems {
  constructor(
    private readonly requests: Requests,
    private readonly table: string,
  ) {}

  /** The ARN of the table's stream; undefined while it has none. */
  async streamArn(): Promise<string | undefined> {
    const table = await describeTable(this.requests, this.table);
    return table?.StreamSpecification?.StreamEnabled === true ? table.LatestStreamArn : undefined;
  }

  /** One write unit. It does not wait for room behind what clients want. */
  async writeBeacon(key: { p: Buffer; s: Buffer }, number: number, nowMs: number): Promise<void> {
    await this.requests.urgent(
      new UpdateItemCommand({
        TableName: this.table,
        Key: { p: { B: key.p }, s: { B: key.s } },
        UpdateExpression: 'SET b = :number, #ttl = :ttl',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':number': { N: String(number) },
          ':ttl': { N: String(Math.ceil(nowMs / 1000) + BEACON_KEPT_S) },
        },
      }),
    );
  }

  /** A setting of all nodes; undefined: nobody has set it. Half a read unit, times two. */
  async setting(name: string): Promise<string | undefined> {
    const { Item: item } = await this.requests.repeated(
      () =>
        new GetItemCommand({ TableName: this.table, Key: settingKey(name), ConsistentRead: true }),
    );
    return item?.['value']?.S;
  }

  /** One write unit. The last who sets it wins. */
  async saveSetting(name: string, value: string): Promise<void> {
    await this.requests.repeated(
      () =>
        new UpdateItemCommand({
          TableName: this.table,
          Key: settingKey(name),
          UpdateExpression: 'SET #value = :value',
          ExpressionAttributeNames: { '#value': 'value' },
          ExpressionAttributeValues: { ':value': { S: value } },
        }),
    );
  }
}

/** Whether an item is one of goredis itself. */
export function isSystemItem(key: Item): boolean {
  return key['p']?.B?.[0] === SYSTEM;
}

/** Name and value of a setting; undefined for any other item. */
export function settingOf(
  item: Item,
): { readonly name: string; readonly value: string } | undefined {
  const s = Buffer.from(item['s']?.B ?? []);
  const value = item['value']?.S;
  if (!SETTINGS.equals(item['p']?.B ?? SETTING_HEAD) || value === undefined) return undefined;
  if (!SETTING_HEAD.equals(s.subarray(0, SETTING_HEAD.length))) return undefined;
  return { name: s.subarray(SETTING_HEAD.length).toString(), value };
}

function settingKey(name: string): ItemKey {
  return { p: { B: SETTINGS }, s: { B: Buffer.concat([SETTING_HEAD, Buffer.from(name)]) } };
}
