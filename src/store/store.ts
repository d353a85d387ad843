/**
 * The contract between the engine and whatever keeps the data. `test/conformance` is its
 * specification in code: a new store is one folder, one call of that suite, and one row in
 * `src/assemble.ts`.
 */
import type { TypeName } from '../values/value';
import type { RecordsAtHand } from './at-hand';
import type { Change, CommitResult, CommittedChange, ReadCheck } from './change';
import type { Key, KeyRef, Rec } from './record';

/** An answer that is there at once, or later. */
export type Maybe<T> = T | Promise<T>;

/** 'strong': not older than any commit acknowledged before the call. 'bounded': may be staler, within the store's bound. */
export type Consistency = 'strong' | 'bounded';

/** A position of SCAN: '0' begins and, in an answer, ends. Decimal, below 2^53, valid on every node. */
export type Cursor = string;

export interface ScanPage {
  readonly cursor: Cursor;
  /** Live and not yet expired at the time of the page; a key may come twice over a whole scan. */
  readonly keys: readonly { readonly key: Key; readonly type: TypeName }[];
}

/** Sections of INFO, each with its fields. */
export type StoreStats = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Settings of all nodes that use the same data. */
export interface SharedSettings {
  /** Undefined: nobody has saved it. @throws StoreError */
  get(name: string): Promise<string | undefined>;
  /** The last who saves wins. The promise ends when it is kept. @throws StoreError */
  save(name: string, value: string): Promise<void>;
  /** Tells what any node saves from now on, sooner or later; perhaps more than once. */
  onSaved(listener: (name: string, value: string) => void): void;
}

export interface Store {
  readonly name: string;
  /** What the reads of a connection get that asks for nothing else: a store without a cache gives 'strong'. */
  readonly reads: Consistency;
  /** How many keys one commit, or one load as of a moment, may have; more reject as `limit`. Absent: any number. */
  readonly maxKeys?: number;

  open(): Promise<void>;
  close(): Promise<void>;

  /** The record when it is at hand (in memory, or cached and fresh); undefined when only `load` can tell. Synchronous and cheap. */
  peek(db: number, key: Key, nowMs: number): Rec | undefined;

  /** What `peek` tells, without a record for each key; absent where nothing is at hand. */
  readonly atHand?: RecordsAtHand | undefined;

  /**
   * Records in the order of `keys`, absent ones as tombstones, and as an UnreadableRec what nobody
   * can read.
   * @param need 'snapshot': all as of one moment. 'each': every key by itself.
   * @throws StoreError `unavailable`, `failed`
   * @param onRec with `each`, may be told of a record before the others are here
   */
  load(
    keys: readonly KeyRef[],
    need: 'snapshot' | 'each',
    consistency: Consistency,
    onRec?: (rec: Rec, index: number) => void,
  ): Promise<readonly Rec[]>;

  /**
   * Applies all changes or none: all if every base version and every read still holds. At most one
   * change a key. A conflict is a result, not an exception. Settling an unknown outcome is inside:
   * it resolves, or rejects.
   * @throws StoreError `unavailable`, `limit`, `failed` (nothing happened), `unknown` (cannot be found out)
   */
  commit(changes: readonly Change[], reads: readonly ReadCheck[]): Promise<CommitResult>;

  /**
   * A page of keys. Every key that is present from the first page to the last is in one of them.
   * @param count how many records to look at, at least 1; a page may hold fewer or none
   * @throws StoreError; RangeError for a cursor that the store never gave
   */
  scan(db: number, cursor: Cursor, count: number): Maybe<ScanPage>;

  /** Keys whose deadline has passed, oldest first. */
  due(beforeMs: number, limit: number): Maybe<readonly KeyRef[]>;

  /** How many keys the database holds; expired ones may count until they are removed. */
  size(db: number): Maybe<number>;

  /** A live key, drawn at random, or undefined if the database is empty. */
  randomKey(db: number): Maybe<Key | undefined>;

  /** Removes every key of the database, or of all. */
  flush(db: number | 'all'): Maybe<void>;

  /**
   * Exchanges two databases.
   * @throws StoreError `unsupported` where no other node could know in time
   */
  swap(a: number, b: number): Maybe<void>;

  /** Changes made by anyone, in order per key: blocked clients, watches and notifications are served from here. */
  onChange(listener: (change: CommittedChange) => void): void;

  /** Whether somebody wants the events of `onChange`; by default nobody. */
  wantEvents?(wanted: boolean): void;

  /** Settings that all nodes share; absent where there are no others. */
  readonly settings?: SharedSettings;

  /**
   * What keeps the store from being used right now, in one line; undefined if nothing does. A store
   * without it can always be used.
   */
  health?(): Promise<string | undefined>;

  /**
   * For INFO, where counting would mean reading everything: how many keys there are, more or less,
   * in all databases together.
   */
  approximateSize?(): Promise<number>;

  /**
   * What to add to this node's clock, in ms, for deadlines to mean the same on every node; absent: 0.
   * Cheap.
   */
  clockOffsetMs?(): number;

  /** Figures for INFO and for Prometheus, by section and field: always the same fields. */
  stats(): StoreStats;
}
