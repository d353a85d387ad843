/**
 * What commands may know of their connection and of the server. `src/server/` implements these; a
 * command reaches them through `ctx.client` and `ctx.server`, so that it runs without a socket.
 */
import type { Hub } from '../events/hub';
import type { Subscriptions } from '../events/subscriptions';
import type { Reply, ReplyForm } from '../protocol/reply';
import type { ClientsPort } from './clients-port';
import type { Argv, Command } from './command';
import type { DebugPort } from './debug-port';
import type { Calls } from './calls';
import type { LatencyPort } from './latency-port';
import type { SlowlogPort } from './slowlog-port';
import type { WatchSet } from './transaction';

/**
 * CLIENT REPLY: `skip` mutes the next request, which is `muted` while it runs.
 */
export type ReplyMode = 'on' | 'off' | 'skip' | 'muted';

export type { SubscriptionKind } from '../events/hub';

/** The connection a command came from. */
export interface ClientPort {
  readonly id: number;
  /** The selected database. A command reads `ctx.db`, which is the one at its arrival. */
  db: number;
  /** RESP2 or RESP3. A command reads `ctx.form`. */
  form: ReplyForm;
  name: string;
  libName: string;
  libVersion: string;
  authenticated: boolean;
  /** CLIENT NO-EVICT: it may stay whatever memory the connections use. */
  noEvict: boolean;
  /** CLIENT NO-TOUCH: reading a key is no use of it. */
  noTouch: boolean;
  /** GOREDIS.CONSISTENCY: reads see every write that was acknowledged before; else they may be older, within a bound. */
  strongReads: boolean;
  replyMode: ReplyMode;
  /** `host:port`, or the path of the Unix socket followed by `:0`. */
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAtMs: number;
  /** Between MULTI and EXEC or DISCARD. */
  readonly inMulti: boolean;
  /** What WATCH has registered since the last EXEC, DISCARD or UNWATCH. */
  readonly watches: WatchSet;
  readonly subscriptions: Subscriptions<Reply>;
  /** It has subscriptions and speaks RESP2, where little else can then be sent. */
  readonly onlySubscribes: boolean;

  beginMulti(): void;
  /** Forgets the queued commands and all watches. */
  discardMulti(): void;
  /** UNWATCH. */
  resetWatches(): void;
  /** Its class for CLIENT LIST TYPE and CLIENT KILL TYPE. */
  readonly kind: 'normal' | 'pubsub';
  /**
   * Its line of CLIENT LIST, without a line break.
   * @param running the request that it is running now
   */
  describe(running?: Argv): string;
  /** It closes, or will when it has its replies. */
  readonly closing: boolean;
  /** Closes at once; replies that were not sent are lost. */
  destroy(): void;
  /** Sends what is ready, this reply included, then closes. */
  closeAfterReply(): void;
  /** MONITOR: tells it of every command that runs. @returns false if it does so already */
  monitor(): boolean;
  /** RESET: everything but the connection itself is as it was when it was accepted. */
  reset(): void;
  /** Takes the next place in the order of replies, for a reply that comes later. */
  defer(): ReplySlot;
  /** Requests that arrive wait until `release`: what follows a barrier must see what it did. */
  hold(): void;
  release(): void;
}

/** A place in a connection's order of replies. */
export interface ReplySlot {
  /** Once. After the connection is gone it does nothing. */
  fill(reply: Reply): void;
}

export interface ConfigPort {
  /** Options whose name matches one of the glob patterns: name and value as CONFIG GET prints them. */
  get(patterns: readonly string[]): readonly (readonly [name: string, value: string])[];
  /**
   * Changes options, all or none.
   * @throws ReplyError with Redis's text for the first one that cannot be set
   */
  set(pairs: readonly (readonly [name: string, value: string])[]): void;
  /**
   * Writes the values into the configuration file.
   * @throws ReplyError with Redis's text if there is none, or it cannot be written
   */
  rewrite(): void;
}

/** The registry of commands, by lower-case name. */
export interface CommandTable {
  get(name: string): Command | undefined;
  all(): readonly Command[];
}

/** All in bytes. */
export interface MemoryFigures {
  /** What `maxmemory` is compared with; without a limit what heap and Buffers hold. */
  readonly usedBytes: number;
  /** The most that was ever seen of that. */
  readonly peakBytes: number;
  /** The part of it that an empty server has. */
  readonly startupBytes: number;
  /** The rest: keys and values. */
  readonly datasetBytes: number;
  /** Requests that are not complete, and replies that were not taken. */
  readonly clientBytes: number;
  readonly residentBytes: number;
  /** Of V8's heap: what is in use or garbage, and all of it. */
  readonly heapBytes: number;
  readonly heapCapacityBytes: number;
  /** Buffers, outside the heap. */
  readonly externalBytes: number;
  readonly machineBytes: number;
}

export interface MemoryPort {
  figures(): MemoryFigures;
  /** Collects all garbage now, and gives the memory back to the system. */
  purge(): void;
  /** MEMORY MALLOC-STATS: lines about V8's heap. */
  allocatorReport(): string;
}

export interface ServerPort {
  readonly commands: CommandTable;
  readonly config: ConfigPort;
  readonly clients: ClientsPort;
  readonly hub: Hub<Reply>;
  readonly memory: MemoryPort;
  readonly slowlog: SlowlogPort;
  readonly latency: LatencyPort;
  /** What the commands have cost so far. */
  readonly calls: Pick<Calls, 'named'>;
  readonly debug: DebugPort;
  /** goredis's own version. */
  readonly version: string;
  /** How many databases SELECT knows. */
  readonly databases: number;
  /** `proto-max-bulk-len`, or what a Buffer holds: no value may grow beyond it. */
  readonly maxBulkBytes: number;
  /** Whether a password must be given. */
  readonly authRequired: boolean;
  /** SHA-256 of the password in hexadecimal, as ACL shows it. */
  readonly passwordHash: string;
  /** Unix seconds. */
  readonly startedAtS: number;
  /** Compares in constant time. */
  checkPassword(password: string): boolean;
  /** INFO's text for the sections asked for, in lower case; `default`, `all` and `everything` included. */
  info(sections: readonly string[], sizes: readonly DatabaseSize[]): string;
  /** Sets figures back that only count since the start: CONFIG RESETSTAT. */
  resetStats(): void;
  /** SHUTDOWN: ends the server as when its owner closes it. */
  shutdown(): void;
}

export interface DatabaseSize {
  readonly db: number;
  readonly keys: number;
  readonly expires: number;
  readonly averageTtlMs: number;
  /** The number is that of all databases, and not exact. */
  readonly approximate?: boolean;
}
