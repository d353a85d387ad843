/**
 * A batch: the jobs that hold a set of lanes together and go out as one commit.
 *
 *     load what they name -> run them in order on copies -> commit -> reply
 *
 * A conflict drops the copies, takes the newer records and runs all again: at once three times,
 * then after a random part of two round trips with the records read anew, and so on (exponential
 * back-off starves callers). After a bounded time the clients get TRYAGAIN.
 *
 * A batch that decides to write nothing is not free either: if what it decided on may have been
 * stale, it is read again and compared before anybody is answered.
 */
import { StoreError, storeFailure } from '../errors';
import { headOf, integer, isError, type Reply } from '../protocol/reply';
import type { Change, CommitResult, ReadCheck } from '../store/change';
import { refId, type KeyRef } from '../store/record';
import { failureReply } from './failure';
import { mayReadInMoments, partOf, type Job } from './job';
import type { Lanes } from './lanes';
import { Records, countRun, runJob, undoClient, type EngineDeps } from './runner';
import type { StagedContext } from './staged-context';
import { askStore, storeRequestId, type StoreAnswers } from './store-request';

const MAX_JOBS = 4096;
const MAX_BATCH_BYTES = 4 << 20;
const IMMEDIATE_RETRIES = 3;
/** How long a batch is tried again after conflicts. */
const RETRY_BUDGET_MS = 5000;

export class Batch {
  readonly refs: ReadonlySet<string>;
  private readonly jobs: Job[];
  private bytes: number;
  /** A job has come when records were here already: they may be older than what its client knows. */
  private joinedLate = false;
  private readonly records: Records;
  private readonly answers: StoreAnswers = new Map();
  private readonly startedMs: number;

  constructor(
    private readonly deps: EngineDeps,
    private readonly lanes: Lanes | undefined,
    first: Job,
    private readonly roundTrip: RoundTrip,
  ) {
    this.refs = new Set(first.refs);
    this.jobs = [first];
    this.bytes = first.bytes;
    // Records at hand will do: the commit, or `validate`, checks what was decided on them.
    this.records = new Records(deps.store, true, deps.clock);
    this.startedMs = deps.clock.monotonicMs();
  }

  /** The commands, one for each job. */
  payers(): readonly string[] {
    return this.jobs.map(({ command }) => command.name);
  }

  /** Runs until every job is answered. Never rejects. */
  async run(): Promise<void> {
    const { maxKeys = Infinity } = this.deps.store;
    const [first] = this.jobs as [Job];
    if (first.keys.length > maxKeys && hasParts(first)) return this.runParts(first, maxKeys);
    let replies: readonly Reply[];
    try {
      replies = await this.attempts();
    } catch (error) {
      const { code } = error instanceof StoreError ? error : { code: undefined };
      // One of them is too large or wrong, or all together are too large: each alone.
      if ((code === 'limit' || code === 'invalid') && this.jobs.length > 1) return this.runEach();
      if (code === 'limit' && hasParts(first)) {
        return this.runParts(first, Math.ceil(first.keys.length / 2));
      }
      for (const job of this.jobs) job.finish(this.failure(error, job));
      return;
    }
    this.jobs.forEach((job, i) => job.finish(replies[i]!));
  }

  private async runEach(): Promise<void> {
    for (const job of this.jobs) await this.runInside(job);
  }

  /** One part after another; each is atomic by itself. */
  private async runParts(job: Job, partKeys: number): Promise<void> {
    let sum = 0;
    for (let at = 0; at < job.keys.length; at += partKeys) {
      let reply: Reply = '';
      await this.runInside(partOf(job, at, at + partKeys, (its) => (reply = its)));
      if (isError(reply)) {
        const done = `${sum} keys are done, what came behind them failed`;
        return job.finish(sum === 0 ? reply : storeFailure(new StoreError('unknown', done)).wire);
      }
      sum += Number(headOf(reply).slice(1));
    }
    job.finish(integer(sum));
  }

  /** Runs a job on lanes that this batch holds. */
  private runInside(job: Job): Promise<void> {
    return new Batch(this.deps, undefined, job, this.roundTrip).run();
  }

  private async attempts(): Promise<readonly Reply[]> {
    for (let attempt = 0; ; attempt++) {
      if (attempt > 0) await this.pause(attempt);
      const { context, replies } = await this.runAll();
      if (await this.settle(context)) {
        countRun(this.deps.stats, context);
        return replies;
      }
      this.deps.stats.conflicts++;
    }
  }

  /** Runs all jobs on one stage; again from the start after whatever a fault asked for was loaded. */
  private async runAll(): Promise<{ context: StagedContext; replies: readonly Reply[] }> {
    for (;;) {
      await this.loadKnownKeys();
      const context = this.records.newContext(this.deps, this.answers);
      const replies: Reply[] = [];
      for (const job of this.jobs) {
        const reply = runJob(this.deps, context, job);
        if (reply === undefined) break;
        replies.push(reply);
      }
      this.deps.store.atHand?.used();
      if (replies.length === this.jobs.length) return { context, replies };
      await this.resolveFault(context);
    }
  }

  private async loadKnownKeys(): Promise<void> {
    for (;;) {
      this.takeJoiners();
      const missing = new Map<string, KeyRef>();
      for (const job of this.jobs) {
        if (job.blind) continue;
        for (const key of job.keys) {
          if (!this.records.has(key)) missing.set(refId(key.db, key.key), key);
        }
      }
      // A blind job answers for its keys by itself: nothing need be known before it has run.
      if (this.jobs[0]!.blind) missing.clear();
      if (missing.size === 0) return;
      await this.load([...missing.values()]);
    }
  }

  /**
   * What is to be written need not be of one moment: the commit checks each record, and `validate`
   * a decision to write nothing.
   */
  private load(keys: readonly KeyRef[]): Promise<void> {
    if (this.jobs.some((job) => job.write)) return this.loadEach(keys);
    return this.trustsRecordsAtHand() ? this.loadBounded(keys) : this.loadSnapshot(keys);
  }

  /** What comes now may have overtaken what was there before: the store looks at all together. */
  private async loadBounded(keys: readonly KeyRef[]): Promise<void> {
    const { loader, store } = this.deps;
    if (store.reads === 'strong') return this.loadSnapshot(keys);
    const all = [...this.records.loadedKeys(), ...keys];
    const loading = loader.loadTogether(all, 'each', 'bounded');
    const loadedAt = loader.count;
    const recs = await loading;
    all.forEach((key, i) => this.records.put(key, recs[i]!, loadedAt));
  }

  private async loadEach(keys: readonly KeyRef[]): Promise<void> {
    const { loader } = this.deps;
    // Each has a number of its own: they are no one moment.
    const loadedAt = keys.map(() => loader.tick());
    // Together with what other batches, and reads, of this turn need.
    const [payer] = this.payers() as [string];
    const recs = await Promise.all(keys.map((key) => loader.load(key, 'strong', payer)));
    keys.forEach((key, i) => this.records.put(key, recs[i]!, loadedAt[i]!));
  }

  private async loadSnapshot(keys: readonly KeyRef[]): Promise<void> {
    const { loader } = this.deps;
    const loading =
      keys.length > 1 && this.jobs.every(mayReadInMoments)
        ? loader.loadInMoments(keys, 'strong')
        : loader.loadTogether(keys, keys.length > 1 ? 'snapshot' : 'each', 'strong');
    const loadedAt = loader.count;
    const recs = await loading;
    keys.forEach((key, i) => this.records.put(key, recs[i]!, loadedAt));
  }

  private async resolveFault(context: StagedContext): Promise<void> {
    const request = context.missingRequest;
    if (request !== undefined) {
      this.answers.set(storeRequestId(request), await askStore(this.deps.store, request));
    }
    if (context.missingKeys.length > 0) await this.load(context.missingKeys);
  }

  private takeJoiners(): void {
    while (this.lanes && this.jobs.length < MAX_JOBS && this.bytes < MAX_BATCH_BYTES) {
      const job = this.lanes.takeJoiner(this.refs);
      if (job === undefined) return;
      this.jobs.push(job);
      this.bytes += job.bytes;
      // What the store was asked before this job came may be older than what its client knows.
      this.answers.clear();
      if (this.records.size > 0) this.joinedLate = true;
    }
  }

  /** Commits, or validates a decision not to write. @returns false after a conflict */
  private async settle(context: StagedContext): Promise<boolean> {
    if (context.flushes.length > 0) return this.flushAndCommit(context);
    const changes = context.changes();
    const checks = context.readChecks();
    if (changes.length === 0) return this.validate(checks);

    // Should it fail it answers newer records: each by itself, as of no earlier moment than now.
    const sentAt = [...changes, ...checks].map(() => this.deps.loader.tick());
    const result = await this.commit(changes, checks);
    if (result.ok) {
      context.committed(result);
      return true;
    }
    for (const change of changes) this.records.drop(change);
    for (const check of checks) this.records.drop(check);
    for (const [i, { db, rec }] of result.recs.entries()) {
      this.deps.expiry.read(db, rec);
      this.records.put({ db, key: rec.key }, rec, sentAt[i]!);
    }
    return false;
  }

  private async commit(
    changes: readonly Change[],
    checks: readonly ReadCheck[],
  ): Promise<CommitResult> {
    const sentMs = this.deps.clock.monotonicMs();
    const result = await this.deps.store.commit(changes, checks);
    this.roundTrip.observe(this.deps.clock.monotonicMs() - sentMs);
    if (result.ok) {
      this.deps.stats.commits++;
      this.deps.stats.committedCommands += this.jobs.length;
      changes.forEach(({ db, key }, i) => {
        this.deps.loader.forget(refId(db, key));
        this.deps.expiry.wrote(db, result.recs[i]!);
      });
    }
    return result;
  }

  /**
   * A flush is part of no commit: what was read is checked before it, and the changes are then
   * written over whatever is there until that succeeds, since a second run would find the flush
   * done already.
   */
  private async flushAndCommit(context: StagedContext): Promise<boolean> {
    if (!(await this.validate(context.basesRead()))) return false;
    await flushAll(this.deps, context.flushes);
    const changes = context.changes();
    if (changes.length === 0) return true;
    try {
      for (let attempt = 1; !(await this.commit(changes, [])).ok; attempt++) {
        this.deps.stats.conflicts++;
        await this.pause(attempt);
      }
    } catch (cause) {
      throw new StoreError('unknown', 'the flush is done, what follows it may not be', { cause });
    }
    return true;
  }

  private async validate(
    checks: readonly (KeyRef & { readonly version: number })[],
  ): Promise<boolean> {
    if (checks.length === 0) return true;
    if (!this.joinedLate && this.trustsRecordsAtHand()) return true;
    const neededAt = this.jobs.reduce((latest, job) => Math.max(latest, job.arrivedAt), 0) + 1;
    const first = this.records.loadedAt(checks[0]!);
    const oneMoment = checks.every((check) => this.records.loadedAt(check) === first);
    if (oneMoment && first >= neededAt) return true;
    const before = checks.map((check) => check.version);
    await this.loadSnapshot(checks);
    return checks.every(
      (check, i) =>
        this.records.find(refId(check.db, check.key), check.db, check.key)!.version === before[i],
    );
  }

  /** Whether nothing is decided on what is read. */
  private trustsRecordsAtHand(): boolean {
    // Where the store has nothing at hand every read is strong.
    const isStrong = (job: Job): boolean => job.strong && this.deps.store.reads === 'bounded';
    return this.jobs.every((job) => !job.write && !job.inTransaction && !isStrong(job));
  }

  private async pause(attempt: number): Promise<void> {
    if (this.deps.clock.monotonicMs() - this.startedMs > RETRY_BUDGET_MS) {
      throw new StoreError('unavailable', 'too many conflicting writes to the same key');
    }
    if (attempt % (IMMEDIATE_RETRIES + 1) !== 0) return;
    const delayMs = this.deps.random.next() * 2 * this.roundTrip.ms;
    await new Promise<void>((resolve) => void this.deps.clock.after(delayMs, resolve));
    // What the conflict brought is old by now: somebody who came later and reads now would win, and
    // this batch lose for ever.
    this.records.clear();
  }

  private failure(error: unknown, job: Job): string {
    undoClient(job);
    // A read in the batch saw what may not have been written; nothing of its own is in doubt.
    if (error instanceof StoreError && error.code === 'unknown' && !job.write) {
      return storeFailure(new StoreError('unavailable', error.message, { cause: error })).wire;
    }
    return failureReply(error, job.command.name, this.deps.reportBug);
  }
}

function hasParts({ command, inTransaction, keys }: Job): boolean {
  return command.overLimit === 'parts' && !inTransaction && keys.length > 1;
}

/** Several flushes are not one: once the first is done, a failure of another leaves half. */
export async function flushAll(
  { store, loader, expiry }: EngineDeps,
  flushes: readonly (number | 'all')[],
): Promise<void> {
  let done = 0;
  try {
    for (; done < flushes.length; done++) {
      const flushed = expiry.flush(flushes[done]!);
      await store.flush(flushes[done]!);
      flushed();
    }
  } catch (cause) {
    if (done === 0) throw cause;
    throw new StoreError('unknown', 'one flush is done, another failed', { cause });
  } finally {
    loader.forgetAll();
  }
}

/** A running mean of how long a commit takes. */
export class RoundTrip {
  ms = 1;

  observe(ms: number): void {
    this.ms += (ms - this.ms) / 8;
  }
}
