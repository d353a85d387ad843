/** What looks at many keys: SCAN, counting, drawing one, deadlines that have passed. */
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Random } from '../../lib/random';
import { isExpired, type Key, type KeyRef } from '../../store/record';
import type { Cursor, ScanPage } from '../../store/store';
import { SYSTEM } from './format';
import { isPosition, positionAt, positionOf, refOf, startBefore, type Item } from './item-key';
import { TOMBSTONE, typeOfItem } from './items';
import type { Requests } from './requests';
import { EXPIRY_INDEX } from './table';

/** Parts of the index on deadlines. */
const BUCKETS = 16;

/** Parts of the table that are scanned at once where all of it is. */
export const SEGMENTS = 4;

/** More than fit into a page of DynamoDB, 1 MB; its limit is a 32-bit integer. */
const MAX_COUNT = 1_000_000;

/** How many items are looked at for one to draw. */
const DRAW_LIMIT = 50;

interface Page {
  readonly items: readonly Item[];
  readonly last: Item | undefined;
}

export class Scans {
  constructor(
    private readonly requests: Requests,
    private readonly table: string,
    private readonly random: Random,
  ) {}

  /**
   * @throws RangeError
   */
  async page(db: number, cursor: Cursor, count: number, nowMs: number): Promise<ScanPage> {
    const position = Number(cursor);
    if (cursor !== '0' && !isPosition(position)) throw new RangeError(`no cursor: ${cursor}`);
    let start: Item | undefined = position === 0 ? undefined : startBefore(position);
    const limit = Math.min(count, MAX_COUNT) + 1;
    const found: Item[] = [];
    for (;;) {
      // One more than asked for: the last position is left to the next page, because other items
      // may stand at it.
      const { items, last } = await this.items(db, limit, start, '#p, #s, #k, #t, #x');
      found.push(...items);
      if (last === undefined) return { cursor: '0', keys: keysOf(found, db, nowMs) };
      const next = positionOf(last);
      const passed = found.filter((item) => positionOf(item) !== next);
      if (next !== position) return { cursor: String(next), keys: keysOf(passed, db, nowMs) };
      // All that was looked at stands at one position.
      start = last;
    }
  }

  /** Keys of one part of a database, all of them, page after page. Costs a read of that part of the table. */
  async *all(db: number | 'all', segment: number): AsyncGenerator<readonly Item[]> {
    let start: Item | undefined;
    do {
      const page = await this.items(db, undefined, start, '#p, #s, #k, #t, #x, #v', segment);
      yield page.items;
      start = page.last;
    } while (start !== undefined);
  }

  /** Costs a read of the whole table. Keys that have expired count until they are removed. */
  async size(db: number): Promise<number> {
    const sizes = Array.from({ length: SEGMENTS }, async (_, segment) => {
      let size = 0;
      for await (const items of this.all(db, segment)) size += items.length;
      return size;
    });
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  async randomKey(db: number, nowMs: number): Promise<Key | undefined> {
    const from = startBefore(positionAt(db, this.random.next()));
    for (const begin of [from, undefined]) {
      let start: Item | undefined = begin;
      do {
        const { items, last } = await this.items(db, DRAW_LIMIT, start, '#p, #s, #k, #t, #x');
        const keys = keysOf(items, db, nowMs);
        if (keys.length > 0) return keys[this.random.below(keys.length)]!.key;
        start = last;
      } while (start !== undefined);
    }
    return undefined;
  }

  /** From the index, which may be a moment behind the table. */
  async due(beforeMs: number, limit: number): Promise<readonly KeyRef[]> {
    const parts = await Promise.all(
      Array.from({ length: BUCKETS }, (_, bucket) =>
        this.requests.repeated(
          () =>
            new QueryCommand({
              TableName: this.table,
              IndexName: EXPIRY_INDEX,
              KeyConditionExpression: 'xb = :bucket AND x <= :before',
              ExpressionAttributeValues: {
                ':bucket': { N: String(bucket) },
                ':before': { N: String(beforeMs) },
              },
              Limit: limit,
            }),
        ),
      ),
    );
    return parts
      .flatMap(({ Items: items = [] }) => items)
      .sort((a, b) => Number(a['x']!.N) - Number(b['x']!.N))
      .slice(0, limit)
      .map(refOf);
  }

  private async items(
    db: number | 'all',
    limit: number | undefined,
    start: Item | undefined,
    projection: string,
    segment?: number,
  ): Promise<Page> {
    const names = ['p', 's', 'k', 't', 'x', 'v'].filter((name) => projection.includes(`#${name}`));
    const { Items: items = [], LastEvaluatedKey: last } = await this.requests.repeated(
      () =>
        new ScanCommand({
          TableName: this.table,
          ConsistentRead: true,
          ProjectionExpression: projection,
          FilterExpression: `${db === 'all' ? '#p < :db' : 'begins_with(#p, :db)'} AND #t <> :none`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ':none': { S: TOMBSTONE },
            // All databases lie before what is the system's.
            ':db': { B: Buffer.of(db === 'all' ? SYSTEM : db) },
          },
          Limit: limit,
          ExclusiveStartKey: start,
          ...(segment !== undefined && { Segment: segment, TotalSegments: SEGMENTS }),
        }),
    );
    return { items, last };
  }
}

function keysOf(items: readonly Item[], db: number, nowMs: number): ScanPage['keys'] {
  return items.flatMap((item) => {
    const type = typeOfItem(item);
    const expiresAtMs = Number(item['x']?.N ?? 0);
    if (type === undefined || isExpired({ expiresAtMs }, nowMs)) return [];
    const ref = refOf(item);
    return ref.db === db ? [{ key: ref.key, type }] : [];
  });
}
