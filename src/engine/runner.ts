/**
 * Runs jobs in a StagedContext, over records that are loaded as the run asks for them. What the
 * read path and the batches of lanes share.
 */
import { array, headOf, isError, type Reply } from '../protocol/reply';
import { ReplyError, StoreError } from '../errors';
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import { refId, type Key, type KeyRef, type Rec } from '../store/record';
import type { Store } from '../store/store';
import { failureReply, type ReportBug } from './failure';
import { FAULT } from './fault';
import type { Job } from './job';
import type { Loader } from './loader';
import type { ServerPort } from './ports';
import { StagedContext } from './staged-context';
import type { StagedExpiry } from './staged-expiry';
import type { RecordSource } from './staged-entry';
import type { StoreAnswers } from './store-request';
import type { EngineStats, EventSink } from './engine';

export interface EngineDeps {
  readonly store: Store;
  readonly server: ServerPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly reportBug: ReportBug;
  readonly stats: EngineStats;
  readonly loader: Loader;
  readonly expiry: StagedExpiry;
  /** Where keyspace events go. */
  sink: EventSink | undefined;
}

interface Loaded {
  readonly rec: Rec;
  /** The loader's count when the record's load was sent; -1: it was at hand, and may be stale. */
  readonly loadedAt: number;
}

/** The records of one batch or read: those loaded for it, else what the store has at hand. */
export class Records implements RecordSource {
  private readonly byRef = new Map<string, Loaded>();

  constructor(
    private readonly store: Store,
    /** Whether records at hand, which may be stale within the store's bound, will do. */
    private readonly peeking: boolean,
    private readonly clock: Clock,
  ) {}

  get size(): number {
    return this.byRef.size;
  }

  find(ref: string, db: number, key: Key): Rec | undefined {
    const loaded = this.byRef.get(ref);
    if (loaded !== undefined) return loaded.rec;
    if (!this.peeking) return undefined;
    const rec = this.store.peek(db, key, this.clock.nowMs());
    // Kept, so that every run of the batch sees the same record until it is replaced.
    if (rec !== undefined) this.byRef.set(ref, { rec, loadedAt: -1 });
    return rec;
  }

  has({ db, key }: KeyRef): boolean {
    return this.find(refId(db, key), db, key) !== undefined;
  }

  put({ db, key }: KeyRef, rec: Rec, loadedAt: number): void {
    this.byRef.set(refId(db, key), { rec, loadedAt });
  }

  loadedAt({ db, key }: KeyRef): number {
    return this.byRef.get(refId(db, key))?.loadedAt ?? -1;
  }

  loadedKeys(): KeyRef[] {
    return [...this.byRef].map(([ref, { rec }]) => ({ db: ref.charCodeAt(0), key: rec.key }));
  }

  drop({ db, key }: KeyRef): void {
    this.byRef.delete(refId(db, key));
  }

  clear(): void {
    this.byRef.clear();
  }

  newContext(deps: EngineDeps, answers: StoreAnswers): StagedContext {
    const { server, random, sink, reportBug } = deps;
    const nowMs = this.clock.nowMs();
    return new StagedContext(server, random, this, answers, nowMs, reportBug, sink);
  }
}

/**
 * Runs one job. Undefined: all are to run again, on a new context. It faulted, and `context` says
 * what is missing; or it has failed, and will say so then.
 */
export function runJob(
  { clock, reportBug }: Pick<EngineDeps, 'clock' | 'reportBug'>,
  context: StagedContext,
  job: Job,
): Reply | undefined {
  if (job.failure !== undefined) return job.failure;
  try {
    context.begin(job);
    const { transaction } = job;
    if (transaction === undefined) return job.command.run(context, job.argv);
    // SELECT and HELLO inside the transaction move the client; a rerun starts where the first did.
    undoClient(job);
    if (context.watchesBroken(transaction.watches)) return job.form.nilArray;
    const replies: Reply[] = [];
    for (const [at, { command, argv }] of transaction.calls.entries()) {
      const { client } = job;
      const { closing } = client;
      const startMs = clock.monotonicMs();
      const reply = context.call(command, argv);
      const ms = clock.monotonicMs() - startMs;
      context.calls.push({ client, command, argv, ms, db: client.db, reply });
      // A run that is repeated finds it closing already.
      if (client.closing && !closing) job.lastHeard = at;
      replies.push(at > job.lastHeard ? '' : reply);
    }
    return array(replies);
  } catch (error) {
    if (error === FAULT) return undefined;
    if (error instanceof ReplyError && context.touched) {
      reportBug(new Error('failed after it had changed something'), job.command.name);
    }
    const reply = failureReply(error, job.command.name, reportBug);
    if (!(error instanceof StoreError) || !context.touched) return reply;
    // The stage holds half of it: the others run again without.
    undoClient(job);
    job.failure = reply;
    return undefined;
  }
}

/** Takes back what SELECT and HELLO inside a transaction did to the client in a run that does not count. */
export function undoClient(job: Job): void {
  if (!job.inTransaction) return;
  job.client.db = job.db;
  job.client.form = job.form;
}

/** Counts what a run did, and sends what it had to say, once its replies are final. */
export function countRun(stats: EngineStats, context: StagedContext): void {
  stats.keyspaceHits += context.hits;
  stats.keyspaceMisses += context.misses;
  for (const { client, command, argv, ms, db, reply } of context.calls) {
    if (isError(reply)) stats.calls.failed(command, argv, headOf(reply));
    stats.calls.record(client, command, argv, 1, ms, db);
  }
  context.outbox.send(context.later);
}
