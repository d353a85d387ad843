/**
 * The table's own item: the number of the format that its other items have. Items of the system are
 * in partitions that begin with 0xFF, where no database can be.
 */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ItemKey } from './item-key';
import type { Requests } from './requests';

/** Rises when an older goredis would misread what a newer one writes. */
export const FORMAT = 1;

/** The first byte of the partitions of the system; those below are databases. */
export const SYSTEM = 0xff;

/** Where a scan may end: it has the bytes that `positionOf` takes. */
export const FORMAT_KEY: ItemKey = {
  p: { B: Buffer.of(SYSTEM, 0, 0) },
  s: { B: Buffer.from('format') },
};

/** The format of the table's items. A table that does not say gets the one of this goredis. */
export async function formatOf(requests: Requests, table: string): Promise<number> {
  const { Item: item } = await requests.once(
    () => new GetItemCommand({ TableName: table, Key: FORMAT_KEY, ConsistentRead: true }),
  );
  if (item?.['format'] !== undefined) return Number(item['format'].N);
  const { Attributes: made } = await requests.once(
    () =>
      new UpdateItemCommand({
        TableName: table,
        Key: FORMAT_KEY,
        // Another node may have come first.
        UpdateExpression: 'SET #format = if_not_exists(#format, :format)',
        ExpressionAttributeNames: { '#format': 'format' },
        ExpressionAttributeValues: { ':format': { N: String(FORMAT) } },
        ReturnValues: 'ALL_NEW',
      }),
  );
  return Number(made?.['format']?.N);
}
