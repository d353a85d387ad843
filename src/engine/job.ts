import type { ReplyForm } from '../protocol/reply';
import type { KeyRef } from '../store/record';
import type { Argv, Command } from './command';
import type { ClientPort, ReplySlot } from './ports';
import type { Reply } from '../protocol/reply';
import type { Transaction, WatchSet } from './transaction';

/** What the context of a run needs of its job. */
export interface JobView {
  readonly client: ClientPort;
  readonly db: number;
  readonly form: ReplyForm;
  readonly watches: WatchSet;
  readonly blind: boolean;
  readonly inTransaction: boolean;
}

/** A command, or EXEC with all that it runs, on its way through the staged engine. */
export interface Job {
  readonly client: ClientPort;
  readonly command: Command;
  readonly argv: Argv;
  readonly transaction: Transaction | undefined;
  readonly inTransaction: boolean;
  /** It waits for all that came before it on its connection, and what follows waits for it. */
  readonly barrier: boolean;
  /** As they were when the command arrived. */
  readonly db: number;
  readonly form: ReplyForm;
  readonly watches: WatchSet;
  /** The keys it names, each once, and their ids. */
  readonly keys: readonly KeyRef[];
  readonly refs: readonly string[];
  readonly write: boolean;
  /** What it reads must not be older than its arrival. */
  readonly strong: boolean;
  readonly blind: boolean;
  /** Bytes of its arguments: what bounds a batch. */
  readonly bytes: number;
  /**
   * The engine's count of loads sent when it arrived, or when the last of what it waits for on its
   * connection had ended: a later load shows all that was acknowledged before.
   */
  arrivedAt: number;
  /** Monotonic, in milliseconds. */
  readonly startedMs: number;
  /** The call of the transaction that has closed the connection itself: the last whose reply it hears. */
  lastHeard: number;
  /** Reads of its own connection that must end first. */
  waits: number;
  /** It has met what cannot be read when it had changed something already: it runs no more. */
  failure: Reply | undefined;
  /** Jobs that wait for this one. */
  readonly followers: Job[];
  slot: ReplySlot | undefined;
  /** Hands the reply over and tells the connection. */
  readonly finish: (reply: Reply) => void;
}

/** Whether the keys need not be read as of one moment if they are too many for that. */
export function mayReadInMoments({ command, inTransaction }: Job): boolean {
  return command.overLimit !== undefined && !inTransaction;
}

/** The same command over some of its keys. @param finish takes its reply */
export function partOf(job: Job, from: number, to: number, finish: (reply: Reply) => void): Job {
  const keys = job.keys.slice(from, to);
  return {
    ...job,
    argv: [job.argv[0]!, ...keys.map(({ key }) => key)],
    keys,
    refs: job.refs.slice(from, to),
    finish,
  };
}

/** A command that has run inside EXEC, for the figures. */
export interface DoneCall {
  readonly client: ClientPort;
  readonly command: Command;
  readonly argv: Argv;
  readonly ms: number;
  /** The one that it has left selected. */
  readonly db: number;
  readonly reply: Reply;
}
