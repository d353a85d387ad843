/**
 * What a command sees of the world. Two implementations: `MemoryContext` edits the records of an
 * in-place store, `StagedContext` works on copies that a commit makes visible, all or none. A
 * command cannot tell them apart.
 *
 * Rules for commands:
 * - `get` and the typed readers give shared values: look, do not touch. `edit*` gives a value that
 *   may be changed; say so with `changed` afterwards.
 * - Check first, change last (see Command.run).
 * - Call `notify` where Redis does, after the change it tells of.
 */
import { wrongType } from '../errors';
import type { Bytes } from '../lib/bytes';
import type { Random } from '../lib/random';
import type { ReplyForm } from '../protocol/reply';
import type { EventClass } from '../store/change';
import type { Key } from '../store/record';
import type { Cursor, ScanPage } from '../store/store';
import { HashValue } from '../values/hash';
import { ListValue } from '../values/list';
import { RawString } from '../values/raw-string';
import type { StringValue, Value } from '../values/value';
import type { Argv, Command } from './command';
import type { ClientPort, ServerPort } from './ports';
import type { Reply } from '../protocol/reply';
import type { WatchSet } from './transaction';

export abstract class Context {
  /** Unix milliseconds; stands still while a command or transaction runs. */
  nowMs = 0;
  /** The database selected when the command arrived. */
  db = 0;
  form!: ReplyForm;
  client!: ClientPort;
  /** Whether EXEC runs the command. */
  inTransaction = false;

  constructor(
    readonly server: ServerPort,
    readonly random: Random,
  ) {}

  /** The key's live value. Counts as a use of the key and as a hit or miss. */
  abstract get(key: Key, db?: number): Value | undefined;
  /** The same, leaving no trace: TTL, TYPE, OBJECT, and writers that only look. */
  abstract peek(key: Key, db?: number): Value | undefined;
  /** The deadline of a live key in Unix milliseconds, NO_EXPIRY if it has none or is absent. */
  abstract expiresAtMs(key: Key, db?: number): number;
  /** Seconds since the live key was last used. Undefined under an LFU policy, which does not keep that. */
  abstract idleSeconds(key: Key): number | undefined;

  /** The live value to be changed in place, followed by `changed`. Not for immutable values. */
  abstract edit(key: Key): Value | undefined;
  /**
   * Says that the value `edit` gave was changed. A collection that has become empty goes away with
   * its key (and the event `del`).
   */
  abstract changed(key: Key): void;
  /**
   * Creates or overwrites the key with a value that nobody else holds, or an immutable one.
   * @param expiresAtMs Unix milliseconds or NO_EXPIRY
   */
  abstract set(key: Key, value: Value, expiresAtMs: number, db?: number): void;
  /** Replaces the value of a key and leaves its deadline; creates the key without one. */
  abstract replace(key: Key, value: Value): void;
  /** Changes the deadline of a live key. NO_EXPIRY takes it away. A deadline in the past is the caller's to handle. */
  abstract setExpiry(key: Key, expiresAtMs: number): void;
  /** @returns whether the key was there, and not expired */
  abstract remove(key: Key, db?: number): boolean;
  /** Announces a keyspace event. https://redis.io/docs/latest/develop/use/keyspace-notifications/ */
  abstract notify(eventClass: EventClass, event: string, key: Key, db?: number): void;

  /**
   * Here Redis gives the reply: events that follow reach the command's own connection behind it.
   * Most commands give it last, and need not say so.
   */
  replied(): void {}

  /** Sends a message to the subscribers of a channel. @returns to how many subscriptions */
  abstract publish(kind: 'channel' | 'shard', channel: string, payload: Bytes): number;

  // The store as a whole. On a store that answers later these fault, and the command runs again.
  abstract scan(cursor: Cursor, count: number): ScanPage;
  /** Calls `visit` with every live key of the database, once with each, in no order. */
  abstract eachKey(visit: (key: Key) => void): void;
  abstract size(db: number): number;
  /** How many keys of the database have a deadline, and their average time to live in ms; 0 and 0 where the store cannot tell. */
  abstract expires(db: number): { keys: number; averageTtlMs: number };
  /** For INFO: how many keys all databases have together, more or less; undefined where `size` is cheap. */
  abstract approximateSize(): number | undefined;
  abstract randomKey(): Key | undefined;
  abstract flush(db: number | 'all'): void;
  abstract swap(a: number, b: number): void;

  /**
   * Makes a setting one of all nodes that use the same data, and returns when it is kept. Nothing
   * where there are no others.
   */
  saveSetting(_name: string, _value: string): void {}

  /** Registers a key of the current database with the connection's watches. */
  abstract watch(key: Key): void;
  /** Whether EXEC must be refused because a watched key has changed or has expired since. */
  abstract watchesBroken(watches: WatchSet): boolean;

  /** Runs one queued command of a transaction. A ReplyError becomes its reply. */
  abstract call(command: Command, argv: Argv): Reply;

  /** As `peek`, for commands that only ask about a key: not finding it is an event. */
  ask(key: Key): Value | undefined {
    const value = this.peek(key);
    if (value === undefined) this.notify('m', 'keymiss', key);
    return value;
  }

  /**
   * The counter of uses of the live key, 0 to 255. Undefined without an LFU policy, and where keys
   * are not evicted.
   */
  useFrequency(_key: Key): number | undefined {
    return undefined;
  }

  /** @throws ReplyError WRONGTYPE */
  string(key: Key): StringValue | undefined {
    const value = this.get(key);
    if (typeof value !== 'object' || value instanceof RawString) return value;
    throw wrongType;
  }

  /** @throws ReplyError WRONGTYPE */
  hash(key: Key): HashValue | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof HashValue) return value;
    throw wrongType;
  }

  /** A hash to be changed. @throws ReplyError WRONGTYPE */
  editHash(key: Key): HashValue | undefined {
    const value = this.edit(key);
    if (value === undefined || value instanceof HashValue) return value;
    throw wrongType;
  }

  /** @throws ReplyError WRONGTYPE */
  list(key: Key): ListValue | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof ListValue) return value;
    throw wrongType;
  }

  /** A list to be changed. @throws ReplyError WRONGTYPE */
  editList(key: Key): ListValue | undefined {
    const value = this.edit(key);
    if (value === undefined || value instanceof ListValue) return value;
    throw wrongType;
  }
}
