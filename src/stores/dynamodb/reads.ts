/** Reads of records: one key by itself, many by themselves, many as of one moment. */
import {
  BatchGetItemCommand,
  GetItemCommand,
  TransactGetItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import { refId, type Key, type KeyRef, type Rec } from '../../store/record';
import { itemKey, refOf, type Item } from './item-key';
import { recOf } from './items';
import type { Requests } from './requests';
import type { Siblings } from './siblings';

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const MAX_KEYS = 100;

export class Reads {
  constructor(
    private readonly requests: Requests,
    private readonly table: string,
    private readonly siblings: Siblings,
  ) {}

  /** A consistent GetItem: half a read unit for each started 4 KB, times two. */
  async one({ db, key }: KeyRef): Promise<Rec> {
    const { Item: item } = await this.requests.repeated(
      () =>
        new GetItemCommand({
          TableName: this.table,
          Key: itemKey({ db, key }),
          ConsistentRead: true,
        }),
    );
    return this.recOf(key, item);
  }

  /** Every key by itself: a BatchGetItem for each hundred. */
  async each(refs: readonly KeyRef[]): Promise<readonly Rec[]> {
    if (refs.length === 1) return [await this.one(refs[0]!)];
    const missing = new Map(refs.map((ref) => [refId(ref.db, ref.key), ref]));
    const found = new Map<string, Item>();
    const pages = [];
    for (let rest = [...missing.values()]; rest.length > 0; rest = rest.slice(MAX_KEYS)) {
      pages.push(this.batch(rest.slice(0, MAX_KEYS).map(itemKey), found));
    }
    await Promise.all(pages);
    return refs.map(({ db, key }) => this.recOf(key, found.get(refId(db, key))));
  }

  /**
   * All as of one moment: a TransactGetItems, twice the price.
   * @throws StoreError `limit` above 100 keys
   */
  async snapshot(refs: readonly KeyRef[]): Promise<readonly Rec[]> {
    if (refs.length === 1) return [await this.one(refs[0]!)];
    const distinct = [...new Map(refs.map((ref) => [refId(ref.db, ref.key), ref])).values()];
    if (distinct.length > MAX_KEYS) {
      throw new StoreError('limit', `at most ${MAX_KEYS} keys can be read as of one moment`);
    }
    const { Responses: responses = [] } = await this.requests.repeated(
      () =>
        new TransactGetItemsCommand({
          TransactItems: distinct.map((ref) => ({
            Get: { TableName: this.table, Key: itemKey(ref) },
          })),
        }),
    );
    const found = new Map(distinct.map(({ db, key }, i) => [refId(db, key), responses[i]?.Item]));
    return refs.map(({ db, key }) => this.recOf(key, found.get(refId(db, key))));
  }

  private recOf(key: Key, item: Item | undefined): Rec {
    this.siblings.learn(item);
    return recOf(key, item);
  }

  private async batch(keys: Item[], found: Map<string, Item>): Promise<void> {
    const attempts = this.requests.attempts();
    for (let rest = keys; rest.length > 0;) {
      const sent = rest;
      const { Responses: responses, UnprocessedKeys: unprocessed } = await this.requests.repeated(
        () =>
          new BatchGetItemCommand({
            RequestItems: { [this.table]: { Keys: sent, ConsistentRead: true } },
          }),
      );
      for (const item of responses?.[this.table] ?? []) {
        const { db, key } = refOf(item);
        found.set(refId(db, key), item);
      }
      rest = unprocessed?.[this.table]?.Keys ?? [];
      if (rest.length > 0 && !(await attempts.pause())) {
        throw new StoreError('unavailable', 'DynamoDB: keys were left over again and again');
      }
    }
  }
}
