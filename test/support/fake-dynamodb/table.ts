/** One table: its items in the order of a scan, its sparse indexes, and what was changed in it. */
import { createHash } from 'node:crypto';
import { compare, sizeOf, type Attribute, type Item, type TypeLetter } from './attributes';
import { invalid } from './errors';
import type { FakeStream } from './streams/stream';

export interface KeyAttribute {
  readonly name: string;
  readonly type: TypeLetter;
}

export interface IndexDefinition {
  readonly name: string;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
}

export interface TableDefinition {
  readonly name: string;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
  readonly indexes: readonly IndexDefinition[];
}

/** A write that changed something, as a stream of the table would tell it. */
export interface LoggedChange {
  /** Counts up over all changes of the table. */
  readonly sequence: number;
  readonly atMs: number;
  readonly key: Item;
  readonly oldImage: Item | undefined;
  readonly newImage: Item | undefined;
  /** Of a removal that nobody asked for, its deadline had passed: who tells of it in what form. */
  readonly collected: 'by DynamoDB' | 'by DynamoDB Local' | undefined;
}

interface Row {
  readonly order: string;
  item: Item;
}

export class Table {
  /** Every change in the order in which they took effect. */
  readonly changes: LoggedChange[] = [];
  ttlAttribute: string | undefined;
  /** The newest one, also when it is disabled. */
  stream: FakeStream | undefined;

  private readonly rows: Row[] = [];
  private readonly byOrder = new Map<string, Row>();
  private readonly indexed = new Map<string, Map<string, Map<string, Row>>>();

  constructor(
    readonly definition: TableDefinition,
    /** The parts of CreateTable's request that DescribeTable answers as they came. */
    readonly description: Readonly<Record<string, unknown>>,
    private readonly nowMs: () => number,
  ) {
    for (const { name } of definition.indexes) this.indexed.set(name, new Map());
  }

  get size(): number {
    return this.rows.length;
  }

  get items(): Item[] {
    return this.rows.map(({ item }) => item);
  }

  /** The key attributes of an item. */
  keyOf(item: Item): Item {
    const { hash, range } = this.definition;
    return pick(item, range === undefined ? [hash.name] : [hash.name, range.name]);
  }

  /**
   * Where a key is among all: partitions by a hash, within one by the range key.
   * @throws WireError unless it is a key of this table
   */
  orderOf(key: Item): string {
    const { hash, range } = this.definition;
    const wanted = range === undefined ? [hash] : [hash, range];
    const fits = wanted.every(({ name, type }) => key[name] !== undefined && type in key[name]);
    if (!fits || Object.keys(key).length !== wanted.length) {
      throw invalid('The provided key element does not match the schema');
    }
    this.checkKeySizes(key);
    const partition = bytesOf(key[hash.name]!);
    const digest = createHash('md5').update(partition, 'latin1').digest('hex');
    return digest + partition + (range === undefined ? '' : bytesOf(key[range.name]!));
  }

  get(order: string): Item | undefined {
    return this.byOrder.get(order)?.item;
  }

  /** Puts an item in its place, or removes it; logs that, unless it was the same before. */
  set(
    order: string,
    key: Item,
    item: Item | undefined,
    collected?: LoggedChange['collected'],
  ): void {
    const row = this.byOrder.get(order);
    const oldImage = row?.item;
    if (sameItem(oldImage, item)) return;
    if (row !== undefined) this.unindex(row);
    if (item === undefined) {
      this.byOrder.delete(order);
      this.rows.splice(this.firstFrom(order), 1);
    } else if (row !== undefined) {
      row.item = item;
      this.index(row);
    } else {
      const added = { order, item };
      this.byOrder.set(order, added);
      this.rows.splice(this.firstFrom(order), 0, added);
      this.index(added);
    }
    const sequence = this.changes.length + 1;
    const change = { sequence, atMs: this.nowMs(), key, oldImage, newImage: item, collected };
    this.changes.push(change);
    if (this.stream?.status === 'ENABLED') this.stream.append(change, partitionHash(order));
  }

  /** Items behind a place, or all, in order. */
  *after(order: string | undefined): Generator<Item> {
    let at = order === undefined ? 0 : this.firstFrom(order);
    if (order !== undefined && this.rows[at]?.order === order) at++;
    for (; at < this.rows.length; at++) yield this.rows[at]!.item;
  }

  /** Items of one part of an index, by its range key. */
  inIndex({ name, range }: IndexDefinition, hash: Attribute): Item[] {
    const rows = [...(this.indexed.get(name)?.get(bytesOf(hash))?.values() ?? [])];
    const by = range?.name;
    rows.sort((a, b) => {
      const distance = by === undefined ? 0 : compare(a.item[by]!, b.item[by]!);
      return distance || (a.order < b.order ? -1 : 1);
    });
    return rows.map(({ item }) => item);
  }

  private index(row: Row): void {
    for (const { name, hash } of this.indexesOf(row.item)) {
      const parts = this.indexed.get(name)!;
      const part = bytesOf(row.item[hash.name]!);
      const rows = parts.get(part) ?? new Map<string, Row>();
      parts.set(part, rows.set(row.order, row));
    }
  }

  private unindex(row: Row): void {
    for (const { name, hash } of this.indexesOf(row.item)) {
      this.indexed.get(name)!.get(bytesOf(row.item[hash.name]!))!.delete(row.order);
    }
  }

  /** The indexes that an item is in: those whose key attributes it has. */
  private indexesOf(item: Item): IndexDefinition[] {
    return this.definition.indexes.filter(
      ({ hash, range }) =>
        item[hash.name] !== undefined && (range === undefined || item[range.name] !== undefined),
    );
  }

  private firstFrom(order: string): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle]!.order < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private checkKeySizes(key: Item): void {
    const { hash, range } = this.definition;
    for (const [part, limit, what] of [
      [hash, 2048, 'hashkey'],
      [range, 1024, 'rangekey'],
    ] as const) {
      if (part === undefined) continue;
      const size = sizeOf(key[part.name]!);
      if (size === 0) {
        const type = part.type === 'S' ? 'string' : 'binary';
        throw invalid(
          'One or more parameter values are not valid. The AttributeValue for a key attribute ' +
            `cannot contain an empty ${type} value. Key: ${part.name}`,
        );
      }
      if (size > limit) {
        throw invalid(
          `One or more parameter values were invalid: Size of ${what} has exceeded the maximum ` +
            `size limit of${limit} bytes`,
        );
      }
    }
  }
}

/** A number below 2^32 that the partition key of an item decides on. */
function partitionHash(order: string): number {
  return parseInt(order.slice(0, 8), 16);
}

export function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]!]));
}

export function sameItem(a: Item | undefined, b: Item | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => b[name] !== undefined && compare(a[name]!, b[name]) === 0);
}

/** The content of a key attribute as text of one byte a character. */
function bytesOf(value: Attribute): string {
  if ('B' in value) return Buffer.from(value.B, 'base64').latin1Slice();
  return Buffer.from('S' in value ? value.S : value.N).latin1Slice();
}
