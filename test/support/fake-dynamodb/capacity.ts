/**
 * What requests cost.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
import { itemSize, type Item } from './attributes';
import { pick, sameItem, type IndexDefinition, type Table } from './table';

const READ_BYTES = 4096;
const WRITE_BYTES = 1024;

export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / READ_BYTES)) * (consistent ? 1 : 0.5);
}

/** Of the larger image, whatever part of it changes. */
export function writeUnits(old: Item | undefined, now: Item | undefined): number {
  return Math.max(1, Math.ceil(Math.max(itemSize(old), itemSize(now)) / WRITE_BYTES));
}

/** Entries that come, go or move. Every index is taken for one of keys only. */
export function indexUnits(table: Table, old: Item | undefined, now: Item | undefined): number {
  let units = 0;
  for (const index of table.definition.indexes) {
    const before = entryOf(table, index, old);
    const after = entryOf(table, index, now);
    if (sameItem(before, after)) continue;
    if (before !== undefined) units += writeUnits(before, undefined);
    if (after !== undefined) units += writeUnits(after, undefined);
  }
  return units;
}

function entryOf(
  table: Table,
  { hash, range }: IndexDefinition,
  item: Item | undefined,
): Item | undefined {
  const names = [hash.name, ...(range === undefined ? [] : [range.name])];
  if (item === undefined || names.some((name) => item[name] === undefined)) return undefined;
  return { ...table.keyOf(item), ...pick(item, names) };
}

/** What one request used of each table. */
export class Consumption {
  private readonly tables = new Map<string, { table: number; indexes: number }>();

  /** @param split whether the answer is to say which units were of reads and which of writes */
  constructor(
    private readonly wanted: unknown,
    private readonly split: 'ReadCapacityUnits' | 'WriteCapacityUnits' | undefined = undefined,
  ) {}

  add({ definition }: Table, units: number, indexes = 0): void {
    const used = this.tables.get(definition.name) ?? { table: 0, indexes: 0 };
    this.tables.set(definition.name, {
      table: used.table + units,
      indexes: used.indexes + indexes,
    });
  }

  /** For answers about one table. */
  get one(): Record<string, unknown> {
    const [first] = this.entries();
    return first === undefined ? {} : { ConsumedCapacity: first };
  }

  get many(): Record<string, unknown> {
    const entries = this.entries();
    return entries.length === 0 ? {} : { ConsumedCapacity: entries };
  }

  private entries(): Record<string, unknown>[] {
    if (this.wanted !== 'TOTAL') return [];
    return [...this.tables].map(([TableName, { table, indexes }]) => {
      const units = table + indexes;
      return {
        TableName,
        CapacityUnits: units,
        ...(this.split !== undefined && { [this.split]: units }),
      };
    });
  }
}
