/**
 * A connection of the staged engine: puts its requests in their places. What it has outstanding, and
 * on which keys, decides which way a request goes (staged-engine.ts).
 */
import { headOf, isError, type Reply } from '../protocol/reply';
import { refId, type KeyRef } from '../store/record';
import type { Argv, Command } from './command';
import type { EngineSession } from './engine';
import { failureReply } from './failure';
import type { Job } from './job';
import { keyAt, keyIndexes } from './keys';
import type { Lanes } from './lanes';
import type { ClientPort } from './ports';
import type { EngineDeps } from './runner';
import type { StagedEngine } from './staged-engine';
import type { Transaction } from './transaction';

export class StagedSession implements EngineSession {
  private outstanding = 0;
  /** How many jobs of this connection are under way on a key. */
  private readonly outstandingRefs = new Map<string, number>();
  /** Those of them that only load, by key: a write of the same connection must wait for them. */
  private readonly reads = new Map<string, Set<Job>>();
  private pendingBarrier: Job | undefined;

  constructor(
    private readonly engine: StagedEngine,
    private readonly client: ClientPort,
    private readonly deps: EngineDeps,
    private readonly lanes: Lanes,
  ) {}

  beginChunk(): number {
    return this.engine.atHand.times.beginChunk();
  }

  endChunk(): void {
    this.engine.atHand.times.endChunk();
  }

  execute(command: Command, argv: Argv): Reply | undefined {
    const { atHand } = this.engine;
    if (command.onlyReads && atHand.open && this.outstanding === 0 && !this.client.strongReads) {
      const reply = atHand.read(this.client, command, argv);
      if (reply !== undefined) return reply;
    }
    let keys: readonly KeyRef[];
    try {
      keys = keysOf(command, argv, this.client.db);
    } catch (error) {
      return this.failed(error, command, argv);
    }
    const job = this.newJob(command, argv, undefined, keys);
    const reply = this.start(job);
    if (reply !== undefined) this.count(job, reply);
    return reply;
  }

  transaction(exec: Command, argv: Argv, transaction: Transaction): Reply | undefined {
    let db = this.client.db;
    const keys: KeyRef[] = [];
    try {
      for (const call of transaction.calls) {
        if (call.command.name === 'select') {
          db = selectedDb(call.argv, db, this.deps.server.databases);
        } else {
          for (const key of keysOf(call.command, call.argv, db)) keys.push(key);
        }
      }
    } catch (error) {
      transaction.watches.release();
      return this.failed(error, exec, argv);
    }
    for (const watched of transaction.watches) keys.push(watched);
    return this.barrier(this.newJob(exec, argv, transaction, keys));
  }

  close(): void {
    this.client.watches.release();
  }

  /** The reply to a request that cannot become a job: one of its keys is too long. */
  private failed(error: unknown, command: Command, argv: Argv): Reply {
    const { calls } = this.engine.stats;
    const wire = failureReply(error, command.name, this.deps.reportBug);
    calls.failed(command, argv, wire);
    calls.record(this.client, command, argv, 1, 0);
    return wire;
  }

  private start(job: Job): Reply | undefined {
    if (job.barrier) return this.barrier(job);
    if (job.refs.length > 0) return this.keyed(job);
    return this.engine.runAtHand(job);
  }

  /** The time that counts is what the client has waited. */
  private count({ client, command, argv, db, refs, startedMs }: Job, reply: Reply): void {
    const { calls } = this.engine.stats;
    if (isError(reply)) calls.failed(command, argv, headOf(reply));
    const ms = this.deps.clock.monotonicMs() - startedMs;
    // A SELECT behind a command that waits for its keys does not wait.
    const dbAfter = refs.length > 0 && command.name !== 'exec' ? db : client.db;
    calls.record(client, command, argv, 1, ms, dbAfter);
  }

  private keyed(job: Job): Reply | undefined {
    const own = job.refs.some((ref) => this.outstandingRefs.has(ref));
    if (!job.write && !own) {
      const reply = this.engine.runAtHand(job);
      if (reply !== undefined) return reply;
      this.begin(job);
      for (const ref of job.refs) {
        const reads = this.reads.get(ref);
        if (reads !== undefined) reads.add(job);
        else this.reads.set(ref, new Set([job]));
      }
      void this.engine.runAlone(job);
      return undefined;
    }
    const before = new Set<Job>();
    for (const ref of job.refs) for (const read of this.reads.get(ref) ?? []) before.add(read);
    for (const read of before) read.followers.push(job);
    job.waits = before.size;
    this.begin(job);
    this.lanes.enqueue(job);
    return undefined;
  }

  private barrier(job: Job): Reply | undefined {
    if (this.outstanding === 0 && !job.inTransaction) {
      const reply = this.engine.runAtHand(job);
      if (reply !== undefined) return reply;
    }
    this.client.hold();
    if (this.outstanding > 0) {
      job.slot = this.client.defer();
      this.pendingBarrier = job;
    } else {
      this.startBarrier(job);
    }
    return undefined;
  }

  private startBarrier(job: Job): void {
    job.arrivedAt = this.deps.loader.count;
    this.begin(job);
    if (job.write && job.refs.length > 0) this.lanes.enqueue(job);
    else void this.engine.runAlone(job);
  }

  private begin(job: Job): void {
    job.slot ??= this.client.defer();
    this.engine.jobBegins();
    this.outstanding++;
    for (const ref of job.refs) {
      this.outstandingRefs.set(ref, (this.outstandingRefs.get(ref) ?? 0) + 1);
    }
  }

  private end(job: Job, reply: Reply): void {
    this.count(job, reply);
    this.outstanding--;
    for (const ref of job.refs) {
      const reads = this.reads.get(ref);
      if (reads?.delete(job) && reads.size === 0) this.reads.delete(ref);
      const left = this.outstandingRefs.get(ref)! - 1;
      if (left === 0) this.outstandingRefs.delete(ref);
      else this.outstandingRefs.set(ref, left);
    }
    for (const follower of job.followers) {
      follower.waits--;
      // Its client knows this reply by then.
      follower.arrivedAt = this.deps.loader.count;
      this.lanes.poke(follower);
    }
    job.transaction?.watches.release();
    job.slot!.fill(reply);
    if (job.barrier) this.client.release();
    else if (this.outstanding === 0 && this.pendingBarrier !== undefined) {
      const barrier = this.pendingBarrier;
      this.pendingBarrier = undefined;
      this.startBarrier(barrier);
    }
    this.engine.jobEnds();
  }

  private newJob(
    command: Command,
    argv: Argv,
    transaction: Transaction | undefined,
    keys: readonly KeyRef[],
  ): Job {
    const unique = new Map<string, KeyRef>();
    for (const key of keys) unique.set(refId(key.db, key.key), key);
    const calls = transaction === undefined ? [{ command, argv }] : transaction.calls;
    let bytes = 0;
    for (const call of calls) for (const arg of call.argv) bytes += arg.length;
    const job: Job = {
      client: this.client,
      command,
      argv,
      transaction,
      inTransaction: transaction !== undefined,
      barrier: transaction !== undefined || command.barrier === true,
      db: this.client.db,
      form: this.client.form,
      watches: this.client.watches,
      keys: [...unique.values()],
      refs: [...unique.keys()],
      write: calls.some((call) => call.command.flags.includes('write')),
      strong: transaction !== undefined || this.client.strongReads,
      blind: transaction === undefined && command.blind?.(argv) === true,
      bytes,
      arrivedAt: this.deps.loader.count,
      startedMs: this.engine.atHand.times.begin(),
      lastHeard: Infinity,
      waits: 0,
      failure: undefined,
      followers: [],
      slot: undefined,
      finish: (reply) => this.end(job, reply),
    };
    return job;
  }
}

function keysOf(command: Command, argv: Argv, db: number): readonly KeyRef[] {
  // Names of shard channels stand where keys stand.
  if (command.keyFlags?.includes('not_key') === true) return [];
  const keys = keyIndexes(command, argv).map((at) => ({ db, key: keyAt(argv, at) }));
  return command.foreignKeys === undefined ? keys : keys.concat(command.foreignKeys(argv));
}

/** Where a SELECT inside a transaction will lead, if it succeeds. */
function selectedDb(argv: Argv, db: number, databases: number): number {
  const selected = Number(argv[1]);
  return Number.isInteger(selected) && selected >= 0 && selected < databases ? selected : db;
}
