/**
 * The engine runs commands against a store. `MemoryEngine` is for a store whose records are edited
 * in place: every command runs to its end at once. `StagedEngine` is for all others: it loads,
 * runs on copies, commits, and runs again after a conflict.
 */
import type { Reply } from '../protocol/reply';
import type { Store } from '../store/store';
import type { EventClass } from '../store/change';
import type { Key } from '../store/record';
import type { Argv, Command } from './command';
import { Calls } from './calls';
import { Costs } from './costs';
import type { Eviction } from './eviction';
import { ExpiryLag } from './expiry-lag';
import type { ClientPort } from './ports';
import type { Transaction, WatchSet } from './transaction';

/** One connection, as the engine knows it. */
export interface EngineSession {
  /**
   * Bytes have arrived: what runs until `endChunk` may share readings of the clock.
   * @returns the time, in Unix milliseconds
   */
  beginChunk(): number;
  /** The requests of the chunk have run. */
  endChunk(): void;
  /**
   * Runs a command. Undefined: the reply comes later, in the place that the engine has taken with
   * `client.defer()`. Never throws.
   */
  execute(command: Command, argv: Argv): Reply | undefined;
  /** EXEC: runs the queued commands as one; a null array if a watched key has changed. */
  transaction(exec: Command, argv: Argv, transaction: Transaction): Reply | undefined;
  /** The connection is gone. What it has asked for still happens; nobody hears the replies. */
  close(): void;
}

export interface Engine {
  readonly store: Store;
  readonly stats: EngineStats;
  /** Absent where keys do not lie in this process's memory: there `maxmemory` has no effect. */
  readonly eviction?: Eviction;
  connect(client: ClientPort): EngineSession;
  newWatchSet(): WatchSet;
  /** Sends keyspace events there from now on; undefined: nobody wants them. */
  sendEvents(sink: EventSink | undefined): void;
  /**
   * While held, keys past their deadline read as absent, but are neither removed nor announced:
   * CLIENT PAUSE.
   */
  holdExpiry(held: boolean): void;
  /** Tells from now on how long expiry and eviction stop everything else; undefined: nobody asks. */
  timeCycles(told: CycleSink | undefined): void;
  /** Whether keys are removed at their deadlines, or only when somebody looks at them. */
  setActiveExpire(active: boolean): void;
  /** Begins what runs by itself (the removal of expired keys); the store is open. */
  start(): void;
  /** Ends that. Commands may still run. */
  stop(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Where keyspace events go. */
export type EventSink = (eventClass: EventClass, event: string, db: number, key: Key) => void;

/** Is told how long a slice of what runs by itself has taken. */
export type CycleSink = (cycle: 'expire-cycle' | 'eviction-cycle', ms: number) => void;

/** Figures for INFO. */
export interface EngineStats {
  keyspaceHits: number;
  keyspaceMisses: number;
  expiredKeys: number;
  /** Removed because memory was full. */
  evictedKeys: number;
  readonly expiryLag: ExpiryLag;
  commits: number;
  conflicts: number;
  /** Commands in commits that succeeded; EXEC is one. */
  committedCommands: number;
  readonly calls: Calls;
  /** At the store; empty where that is memory. */
  readonly costs: Costs;
}

export function newEngineStats(): EngineStats {
  return {
    keyspaceHits: 0,
    keyspaceMisses: 0,
    expiredKeys: 0,
    evictedKeys: 0,
    expiryLag: new ExpiryLag(),
    commits: 0,
    conflicts: 0,
    committedCommands: 0,
    calls: new Calls(),
    costs: new Costs(),
  };
}
