/**
 * The engine of stores that load and commit. It answers at once where the store has the records at
 * hand; else it loads, runs on copies, commits and only then replies.
 *
 * - A read of keys on which its connection has nothing outstanding takes records at hand, or a
 *   load (`read`), never what a batch is about to commit.
 * - Everything else with keys goes through the lanes of its keys (`Lanes`, `Batch`): writes, and
 *   reads behind something of their own connection, so that they run in their place.
 * - A barrier (a command over the whole store, EXEC) waits until its connection has nothing
 *   outstanding; meanwhile and until it is done the connection takes no further request.
 */
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import { headOf, isError, type Reply } from '../protocol/reply';
import { refId, type KeyRef } from '../store/record';
import type { Store } from '../store/store';
import { Batch, RoundTrip, flushAll } from './batch';
import type { Argv, Command } from './command';
import { newEngineStats, type Engine, type EngineSession, type EventSink } from './engine';
import { failureReply, type ReportBug } from './failure';
import type { Job } from './job';
import { keyAt, keyIndexes } from './keys';
import { Lanes } from './lanes';
import { Loader } from './loader';
import type { ClientPort, ServerPort } from './ports';
import { Records, countRun, runJob, undoClient, type EngineDeps } from './runner';
import { StagedExpiry } from './staged-expiry';
import { askStore, storeRequestId, type StoreAnswers } from './store-request';
import { WatchSet, type Transaction } from './transaction';

export class StagedEngine implements Engine {
  readonly stats = newEngineStats();
  private readonly deps: EngineDeps;
  private readonly lanes: Lanes;
  private readonly expiry: StagedExpiry;
  private readonly roundTrip = new RoundTrip();
  private active = 0;
  private whenIdle: (() => void)[] = [];

  constructor(
    readonly store: Store,
    server: ServerPort,
    clock: Clock,
    random: Random,
    reportBug: ReportBug,
  ) {
    const { stats } = this;
    const loader = new Loader(store);
    this.lanes = new Lanes((job) => void this.runBatch(job));
    this.expiry = new StagedExpiry({
      store,
      clock,
      random,
      loader,
      lanes: this.lanes,
      stats,
      announce: (db, key) => this.deps.sink?.('x', 'expired', db, key),
      reportBug,
    });
    loader.onLoaded = (db, rec) => this.expiry.read(db, rec);
    this.deps = {
      sink: undefined,
      store,
      server,
      clock,
      random,
      reportBug,
      stats,
      loader,
      expiry: this.expiry,
    };
  }

  connect(client: ClientPort): EngineSession {
    return new StagedSession(this, client, this.deps, this.lanes);
  }

  newWatchSet(): WatchSet {
    return new WatchSet();
  }

  sendEvents(sink: EventSink | undefined): void {
    this.deps.sink = sink;
  }

  holdExpiry(held: boolean): void {
    this.expiry.hold(held);
  }

  /** What runs by itself waits for the store and stops nobody. */
  timeCycles(): void {}

  setActiveExpire(active: boolean): void {
    if (active) this.expiry.start();
    else this.expiry.stop();
  }

  start(): void {
    this.expiry.start();
  }

  stop(): void {
    this.expiry.stop();
  }

  idle(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  jobBegins(): void {
    this.active++;
  }

  jobEnds(): void {
    if (--this.active > 0) return;
    const waiting = this.whenIdle;
    this.whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  /** Runs a job that needs no commit, or flushes and nothing else. */
  async runAlone(job: Job): Promise<void> {
    try {
      job.finish(await this.readUntilDone(job));
    } catch (error) {
      undoClient(job);
      job.finish(failureReply(error, job.command.name, this.deps.reportBug));
    }
  }

  /** The reply if all the job needs is at hand. */
  runAtHand(job: Job): Reply | undefined {
    const { deps } = this;
    const records = new Records(deps.store, this.mayPeek(job), deps.clock);
    const context = records.newContext(deps, new Map());
    const reply = runJob(deps, context, job);
    if (reply === undefined || context.flushes.length > 0) return undefined;
    countRun(this.stats, context);
    return reply;
  }

  /** Whether records at hand will do for a read. What EXEC reads is one moment, so for that not. */
  private mayPeek(job: Job): boolean {
    return this.store.reads === 'bounded' && !job.inTransaction;
  }

  private async runBatch(job: Job): Promise<void> {
    const batch = new Batch(this.deps, this.lanes, job, this.roundTrip);
    await batch.run();
    this.lanes.release(batch.refs);
  }

  private async readUntilDone(job: Job): Promise<Reply> {
    const { deps } = this;
    const records = new Records(deps.store, this.mayPeek(job), deps.clock);
    const answers: StoreAnswers = new Map();
    let missing = job.keys.filter((key) => !records.has(key));
    for (;;) {
      await this.loadInto(records, missing);
      const context = records.newContext(deps, answers);
      const reply = runJob(deps, context, job);
      if (reply !== undefined) {
        await flushAll(deps, context.flushes);
        countRun(this.stats, context);
        return reply;
      }
      const request = context.missingRequest;
      if (request !== undefined) {
        answers.set(storeRequestId(request), await askStore(deps.store, request));
        if (request.kind === 'swap') deps.loader.forgetAll();
      }
      // Keys that turn up on the way are read as one moment together with those read before.
      missing =
        context.missingKeys.length === 0 ? [] : records.loadedKeys().concat(context.missingKeys);
    }
  }

  private async loadInto(records: Records, keys: readonly KeyRef[]): Promise<void> {
    const { loader, store } = this.deps;
    if (keys.length === 0) return;
    const recs =
      keys.length === 1
        ? [await loader.load(keys[0]!, store.reads)]
        : await loader.loadTogether(keys, 'snapshot', store.reads);
    keys.forEach((key, i) => records.put(key, recs[i]!, 0));
  }
}

class StagedSession implements EngineSession {
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

  /** Every run reads the clock itself. */
  beginChunk(): number {
    return this.deps.clock.nowMs();
  }

  endChunk(): void {}

  execute(command: Command, argv: Argv): Reply | undefined {
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
      blind: transaction === undefined && command.blind?.(argv) === true,
      bytes,
      arrivedAt: this.deps.loader.count,
      startedMs: this.deps.clock.monotonicMs(),
      waits: 0,
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
