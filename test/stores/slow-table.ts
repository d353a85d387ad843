import { createHash } from 'node:crypto';
import type { Random } from '../../src/lib/random';
import { BLIND, type CommittedChange, type KeyEvent, type ReadCheck } from '../../src/store/change';
import {
  NO_EXPIRY,
  isExpired,
  refId,
  type Key,
  type KeyRef,
  type Rec,
} from '../../src/store/record';
import type { Cursor, ScanPage } from '../../src/store/store';
import { decodeValue } from '../../src/values/codec';
import { typeOf, type TypeName } from '../../src/values/value';

/** What the medium holds of a key, for ever: a tombstone keeps its version. */
interface Row {
  readonly db: number;
  readonly key: Key;
  readonly hash: number;
  bytes: Buffer | undefined;
  version: number;
  expiresAtMs: number;
}

/** A change as it is sent: its value is bytes already. */
export interface SentChange {
  readonly db: number;
  readonly key: Key;
  readonly bytes: Buffer | undefined;
  readonly expiresAtMs: number;
  readonly base: number;
  readonly events: readonly KeyEvent[];
}

/** The data of a slow store as its medium has it: encoded, and at once. */
export class SlowTable {
  private readonly rows = new Map<string, Row>();
  /** Rows of each database by hash, for SCAN. */
  private readonly ordered = new Map<number, Row[]>();

  read(db: number, key: Key): Rec {
    const row = this.rows.get(refId(db, key));
    if (row === undefined) return { key, value: undefined, version: 0, expiresAtMs: NO_EXPIRY };
    return toRec(row);
  }

  versionOf(db: number, key: Key): number {
    return this.rows.get(refId(db, key))?.version ?? 0;
  }

  /** The keys whose version does not hold. */
  conflicts(changes: readonly SentChange[], reads: readonly ReadCheck[]): KeyRef[] {
    return [
      ...changes.filter(({ db, key, base }) => base !== BLIND && this.versionOf(db, key) !== base),
      ...reads.filter(({ db, key, version }) => this.versionOf(db, key) !== version),
    ];
  }

  /** A new state of a key, one version up. */
  write(change: Omit<SentChange, 'base'>): CommittedChange {
    const { db, key, bytes, expiresAtMs, events } = change;
    const row = this.rowOf(db, key);
    row.bytes = bytes;
    row.expiresAtMs = bytes === undefined ? NO_EXPIRY : expiresAtMs;
    row.version++;
    return { db, rec: toRec(row), events };
  }

  flush(db: number | 'all'): CommittedChange[] {
    const present = [...this.rows.values()].filter(
      (row) => (db === 'all' || row.db === db) && row.bytes !== undefined,
    );
    return present.map((row) => this.write({ ...row, bytes: undefined, events: [] }));
  }

  swap(a: number, b: number): CommittedChange[] {
    if (a === b) return [];
    const keys = new Set([...this.inDatabase(a), ...this.inDatabase(b)].map(({ key }) => key));
    return [...keys].flatMap((key) => {
      const first = this.rowOf(a, key);
      const second = this.rowOf(b, key);
      if (first.bytes === undefined && second.bytes === undefined) return [];
      const { bytes, expiresAtMs } = first;
      return [
        this.write({ ...second, db: a, events: [] }),
        this.write({ db: b, key, bytes, expiresAtMs, events: [] }),
      ];
    });
  }

  /** Rows in the order of a hash; the cursor is the hash to go on with. */
  scan(db: number, cursor: Cursor, count: number, nowMs: number): ScanPage {
    const from = Number(cursor);
    if (!Number.isSafeInteger(from) || from < 0) throw new RangeError(`not a cursor: ${cursor}`);
    const rows = this.inDatabase(db);
    const keys: { key: Key; type: TypeName }[] = [];
    let at = firstFrom(rows, from);
    let last = -1;
    for (let looked = 0; at < rows.length; at++, looked++) {
      const row = rows[at]!;
      // Equal hashes come in one page, since the cursor cannot tell them apart.
      if (looked >= count && row.hash !== last) return { cursor: String(row.hash), keys };
      last = row.hash;
      if (row.bytes === undefined || isExpired(row, nowMs)) continue;
      keys.push({ key: row.key, type: typeOf(decodeValue(row.bytes)) });
    }
    return { cursor: '0', keys };
  }

  due(untilMs: number, limit: number): KeyRef[] {
    return [...this.rows.values()]
      .filter((row) => isExpired(row, untilMs))
      .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
      .slice(0, limit)
      .map(({ db, key }) => ({ db, key }));
  }

  size(db: number): number {
    return this.inDatabase(db).filter(({ bytes }) => bytes !== undefined).length;
  }

  randomKey(db: number, nowMs: number, random: Random): Key | undefined {
    const live = this.inDatabase(db).filter(
      (row) => row.bytes !== undefined && !isExpired(row, nowMs),
    );
    return live[random.below(live.length)]?.key;
  }

  private inDatabase(db: number): Row[] {
    let rows = this.ordered.get(db);
    if (rows === undefined) this.ordered.set(db, (rows = []));
    return rows;
  }

  private rowOf(db: number, key: Key): Row {
    const ref = refId(db, key);
    let row = this.rows.get(ref);
    if (row === undefined) {
      const hash = createHash('md5').update(key, 'latin1').digest().readUIntBE(0, 6);
      row = { db, key, hash, bytes: undefined, version: 0, expiresAtMs: NO_EXPIRY };
      this.rows.set(ref, row);
      const rows = this.inDatabase(db);
      rows.splice(firstFrom(rows, hash), 0, row);
    }
    return row;
  }
}

function toRec({ key, bytes, version, expiresAtMs }: Row): Rec {
  const value = bytes === undefined ? undefined : decodeValue(bytes);
  return { key, value, version, expiresAtMs };
}

function firstFrom(rows: readonly Row[], hash: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.hash < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
