/** Reads of records: one key by itself, many by themselves, many as of one moment. */
import {
  BatchGetItemCommand,
  GetItemCommand,
  TransactGetItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../errors';
import { refId, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Attempts } from './attempts';
import type { Fences } from './fences';
import { itemKey, type Item } from './item-key';
import { recOrUnreadable } from './items';
import type { Requests } from './requests';
import type { Siblings } from './siblings';

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const MAX_KEYS = 100;

export type OnRec = (rec: Rec, index: number) => void;

export class Reads {
  constructor(
    private readonly requests: Requests,
    private readonly table: string,
    private readonly siblings: Siblings,
    private readonly fences: Fences,
  ) {}

  /** A consistent GetItem: half a read unit for each started 4 KB, times two. */
  async one({ db, key }: KeyRef, attempts = this.requests.attempts()): Promise<Rec> {
    const { Item: item } = await attempts.repeated(
      () =>
        new GetItemCommand({
          TableName: this.table,
          Key: itemKey({ db, key }),
          ConsistentRead: true,
        }),
    );
    return this.recOf(key, item);
  }

  /**
   * Every key by itself: a BatchGetItem for each hundred.
   * @param onRec told of each record as soon as it is here, which for a throttled key may be late
   */
  async each(
    refs: readonly KeyRef[],
    onRec?: OnRec,
    attempts = this.requests.attempts(),
  ): Promise<readonly Rec[]> {
    if (refs.length === 1) return [await this.one(refs[0]!, attempts)];
    const recs: Rec[] = [];
    const places = new Map<string, number[]>();
    refs.forEach(({ db, key }, i) => {
      const id = refId(db, key);
      const others = places.get(id);
      if (others === undefined) places.set(id, [i]);
      else others.push(i);
    });
    const distinct = [...places.values()].map(([i]) => refs[i!]!);
    const pages = [];
    for (let rest = distinct; rest.length > 0; rest = rest.slice(MAX_KEYS)) {
      const page = this.batch(rest.slice(0, MAX_KEYS), attempts, ({ db, key }, item) => {
        const rec = this.recOf(key, item);
        for (const i of places.get(refId(db, key))!) {
          recs[i] = rec;
          onRec?.(rec, i);
        }
      });
      pages.push(page);
    }
    await Promise.all(pages);
    return recs;
  }

  /**
   * All as of one moment: a TransactGetItems, twice the price.
   * @throws StoreError `limit` above 100 keys
   */
  async snapshot(
    refs: readonly KeyRef[],
    attempts = this.requests.attempts(),
  ): Promise<readonly Rec[]> {
    if (refs.length === 1) return [await this.one(refs[0]!, attempts)];
    const distinct = [...new Map(refs.map((ref) => [refId(ref.db, ref.key), ref])).values()];
    if (distinct.length > MAX_KEYS) {
      throw new StoreError('limit', `at most ${MAX_KEYS} keys can be read as of one moment`);
    }
    const { Responses: responses = [] } = await attempts.repeated(
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
    this.fences.learn(item);
    return recOrUnreadable(key, item);
  }

  private async batch(
    refs: readonly KeyRef[],
    attempts: Attempts,
    onItem: (ref: KeyRef, item: Item | undefined) => void,
  ): Promise<void> {
    const rest = new Map(refs.map((ref) => [placeOf(itemKey(ref)), ref]));
    while (rest.size > 0) {
      const { Responses: responses, UnprocessedKeys: unprocessed } = await attempts.repeated(
        () =>
          new BatchGetItemCommand({
            RequestItems: {
              [this.table]: { Keys: [...rest.values()].map(itemKey), ConsistentRead: true },
            },
          }),
      );
      const left = new Set((unprocessed?.[this.table]?.Keys ?? []).map(placeOf));
      const items = new Map(
        (responses?.[this.table] ?? []).map((item) => [placeOf(item), item] as const),
      );
      for (const [place, ref] of rest) {
        if (left.has(place)) continue;
        rest.delete(place);
        onItem(ref, items.get(place));
      }
      if (rest.size > 0 && !(await attempts.pause())) {
        throw new StoreError('unavailable', 'DynamoDB: keys were left over again and again');
      }
    }
  }
}

/** `p`, which is three bytes, and `s` as text. */
function placeOf({ p, s }: Item): string {
  return Buffer.concat([p!.B!, s!.B!]).latin1Slice();
}
