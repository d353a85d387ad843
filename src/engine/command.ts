import type { Bytes } from '../lib/bytes';
import type { Reply } from '../protocol/reply';
import type { KeyRef } from '../store/record';
import type { Context } from './context';
import type { DebugPort } from './debug-port';
import type { ClientPort } from './ports';

/**
 * A request: the name as the client wrote it, then its arguments. Arguments of LARGE_BYTES and more
 * are Buffers that nobody else will write to. Keys may be slices of the chunk read from the socket:
 * whoever keeps one keeps `ownText(key)`; all other strings may be kept as they are.
 */
export type Argv = readonly Bytes[];

/** Positions of keys in argv: `last` counts from the end when negative. */
export interface KeyPositions {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** Redis's command flags. Source: https://redis.io/docs/latest/commands/command/#flags */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'movablekeys'
  | 'allow_busy'
  | 'no_async_loading'
  | 'no_multi';

/** Flags of a key specification: one of RO RW OW RM, then any of the rest. */
export type KeyFlag =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

export type CommandGroup =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

/** What COMMAND INFO and COMMAND DOCS say of a command or subcommand. */
export interface CommandMetadata {
  /** Lower case. */
  readonly name: string;
  /** Number of arguments with the name; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly since: string;
  readonly summary: string;
  /** Absent where Redis's own description has none. */
  readonly complexity?: string;
  /** Where the keys are; absent for commands without keys. */
  readonly keys?: KeyPositions;
  /** What the command does to its keys, for COMMAND INFO: the flags of its key specification. */
  readonly keyFlags?: readonly KeyFlag[];
  /**
   * Where the last key is used in another way than the first (RENAME's new name): it is then a key
   * specification of its own with these flags, and `keyFlags` are those of the first key.
   */
  readonly lastKeyFlags?: readonly KeyFlag[];
  /** The note of the (first) key specification. */
  readonly keyNotes?: string;
  /** ACL categories beyond those that flags and group imply. */
  readonly categories?: readonly string[];
  /** Hints for clients and proxies. Source: https://redis.io/docs/latest/develop/reference/command-tips/ */
  readonly tips?: readonly string[];
  /** What later versions of Redis added: version and text. */
  readonly history?: readonly (readonly [since: string, change: string])[];
  /** COMMAND DOCS calls it a system command: not for applications. */
  readonly systemCommand?: boolean;
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** For docs/commands.md: where goredis answers otherwise than Redis. */
  readonly difference?: string;
}

/** A container's subcommand (CONFIG GET): metadata only; the container's `run` does its work. */
export type Subcommand = CommandMetadata;

/** One command, defined once for every store. */
export interface Command extends CommandMetadata {
  readonly group: CommandGroup;
  /** For keys that `keys` cannot describe: their positions in this request. */
  readonly findKeys?: (argv: Argv) => readonly number[];
  /**
   * Keys that the request names in other databases than the selected one (MOVE, COPY ... DB), so
   * that what follows on the connection waits for them. The engine leaves out databases that do
   * not exist.
   */
  readonly foreignKeys?: (argv: Argv) => readonly KeyRef[];
  /** For keys with the flag `variable_flags`: what this request does to them. */
  readonly findKeyFlags?: (argv: Argv) => readonly KeyFlag[];
  readonly subcommands?: readonly Subcommand[];
  /**
   * True when this request needs to know nothing of its keys before it writes (a plain SET): the
   * engine then loads nothing.
   */
  readonly blind?: (argv: Argv) => boolean;
  /**
   * What becomes of a request with more keys than the store takes at once. `parts`: several
   * requests over fewer keys, one after another; their integers are added up. `moments`: one
   * request, whose keys are read as of several moments. Absent: it is refused.
   */
  readonly overLimit?: 'parts' | 'moments';
  /**
   * The command is quick as long as the request has no more words than this: its own work is a
   * microsecond or two, whatever keys and values hold. Several of a chunk may then be timed as one
   * (docs/design/0005-call-times.md).
   */
  readonly quickArgs?: number;
  /**
   * Refuses connections that may not use the command, before it is queued in a transaction. Nothing
   * calls it outside of one: `run` does the same.
   * @throws ReplyError
   */
  readonly admit?: (client: ClientPort, debug: DebugPort) => void;
  /** Positions of passwords: SLOWLOG and MONITOR do not show them. */
  readonly secrets?: (argv: Argv) => readonly number[];
  /**
   * A barrier waits for all that came before it on its connection, and what follows waits for it:
   * all that touch the store as a whole, and WATCH, which must see the version that what came
   * before has committed. Without it a command without keys touches only its connection and runs
   * at once.
   */
  readonly barrier?: boolean;
  /** It reads its keys, and does nothing else. */
  readonly onlyReads: boolean;
  /**
   * Synchronous, over values in memory. May run more than once: it touches the outside only
   * through `ctx`. Checks everything before it changes anything, because on a store that edits in
   * place nothing is undone.
   * @throws ReplyError as the reply
   */
  readonly run: (ctx: Context, argv: Argv) => Reply;
}
