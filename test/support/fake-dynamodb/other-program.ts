/** What others do to a table: writes and removals that come with no request. */
import { typeOf, type Attribute, type Item } from './attributes';
import { pick, type LoggedChange, type Table } from './table';

/** An attribute of any type, B as bytes or in base64. */
type AnyAttribute = object;
type AnyItem = Readonly<Record<string, AnyAttribute>>;
type Collected = NonNullable<LoggedChange['collected']>;

/** DynamoDB takes what is longer ago for a mistake. */
const MAX_OVERDUE_S = 5 * 365 * 24 * 3600;

export class OtherProgram {
  constructor(private readonly table: Table) {}

  /** Puts an item, whatever is in it besides the table's key. */
  putItem(item: AnyItem): void {
    const wire = onWire(item);
    const key = this.table.keyOf(wire);
    this.table.set(this.table.orderOf(key), key, wire);
  }

  deleteItem(key: AnyItem): void {
    this.remove(onWire(key));
  }

  /** Deletes an item as if its deadline had passed. */
  collect(key: AnyItem, by: Collected = 'by DynamoDB'): void {
    this.remove(onWire(key), by);
  }

  /** Deletes what is due by the table's time to live. */
  collectDue(nowMs: number, by: Collected = 'by DynamoDB'): void {
    const { ttlAttribute } = this.table;
    const nowS = Math.floor(nowMs / 1000);
    for (const item of this.table.items) {
      const due = ttlAttribute === undefined ? undefined : item[ttlAttribute];
      if (due === undefined || !('N' in due)) continue;
      const isDue = Number(due.N) <= nowS && Number(due.N) > nowS - MAX_OVERDUE_S;
      if (isDue) this.remove(this.table.keyOf(item), by);
    }
  }

  private remove(key: Item, by?: Collected): void {
    const order = this.table.orderOf(key);
    const item = this.table.get(order);
    const isLocal = by === 'by DynamoDB Local' && item !== undefined;
    this.table.set(order, isLocal ? this.withIndexKeys(item) : key, undefined, by);
  }

  /** DynamoDB Local takes the keys of indexes for keys of the table when it collects. */
  private withIndexKeys(item: Item): Item {
    const { indexes } = this.table.definition;
    const names = indexes.flatMap(({ hash, range }) => [hash.name, ...(range ? [range.name] : [])]);
    const ofIndexes = names.filter((name) => item[name] !== undefined);
    return { ...this.table.keyOf(item), ...pick(item, ofIndexes) };
  }
}

function onWire(item: AnyItem): Item {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const type = typeOf(value as Attribute);
      const content = (value as Readonly<Record<string, unknown>>)[type];
      const isBytes = content instanceof Uint8Array;
      return [name, isBytes ? { B: Buffer.from(content).toString('base64') } : value];
    }),
  ) as Item;
}
