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
import type { Logger } from '../lib/log';
import type { Random } from '../lib/random';
import type { Reply } from '../protocol/reply';
import type { CommittedChange } from '../store/change';
import type { KeyRef, Rec } from '../store/record';
import type { Store } from '../store/store';
import { AtHand } from './at-hand';
import { Batch, RoundTrip, flushAll } from './batch';
import { newEngineStats, type Engine, type EngineSession, type EventSink } from './engine';
import { failureReply, type ReportBug } from './failure';
import { mayReadInMoments, type Job } from './job';
import { Lanes } from './lanes';
import { Loader } from './loader';
import type { ClientPort, ServerPort } from './ports';
import { Records, countRun, runJob, undoClient, type EngineDeps } from './runner';
import { StagedExpiry } from './staged-expiry';
import { StagedSession } from './staged-session';
import { askStore, storeRequestId, type StoreAnswers } from './store-request';
import { WatchSet } from './transaction';

export class StagedEngine implements Engine {
  readonly stats = newEngineStats();
  readonly atHand: AtHand;
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
    log: Logger,
  ) {
    const { stats } = this;
    this.atHand = new AtHand(store.atHand, server, clock, random, stats, reportBug);
    const loader = new Loader(store, stats.costs, clock);
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
      log,
    });
    loader.onLoaded = (db, rec) => this.expiry.read(db, rec);
    store.onChange((change) => this.heard(change));
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
    this.atHand.sendEvents(sink !== undefined);
    this.store.wantEvents?.(sink !== undefined);
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
      job.finish(
        await this.stats.costs.charge(
          () => [job.command.name],
          () => this.readUntilDone(job),
        ),
      );
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
    if (reply === undefined || context.flushes.length > 0) {
      deps.store.atHand?.unused();
      return undefined;
    }
    deps.store.atHand?.used();
    countRun(this.stats, context);
    return reply;
  }

  /** Whether records at hand will do for a read. What EXEC reads is one moment, so for that not. */
  private mayPeek(job: Job): boolean {
    return this.store.reads === 'bounded' && !job.strong;
  }

  /** Somebody has changed a key. */
  private heard({ db, rec, events, unannounced }: CommittedChange): void {
    if (unannounced !== true) return;
    this.expiry.read(db, rec);
    for (const event of events) this.deps.sink?.(event.class, event.name, event.db, event.key);
  }

  private async runBatch(job: Job): Promise<void> {
    const batch = new Batch(this.deps, this.lanes, job, this.roundTrip);
    await this.stats.costs.charge(
      () => batch.payers(),
      () => batch.run(),
    );
    this.lanes.release(batch.refs);
  }

  private async readUntilDone(job: Job): Promise<Reply> {
    const { deps } = this;
    const mayPeek = this.mayPeek(job);
    const records = new Records(deps.store, mayPeek, deps.clock);
    const answers: StoreAnswers = new Map();
    let missing = job.keys.filter((key) => !records.has(key));
    // Records at hand may have been overtaken by what comes now: the store looks at all together.
    if (missing.length > 0 && mayPeek) {
      missing = [...job.keys];
      deps.store.atHand?.unused();
    }
    for (;;) {
      await this.loadInto(records, missing, job);
      const context = records.newContext(deps, answers);
      const reply = runJob(deps, context, job);
      deps.store.atHand?.used();
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

  private async loadInto(records: Records, keys: readonly KeyRef[], job: Job): Promise<void> {
    const { loader } = this.deps;
    if (keys.length === 0) return;
    const consistency = this.mayPeek(job) ? 'bounded' : 'strong';
    let recs: readonly Rec[];
    if (keys.length === 1) recs = [await loader.load(keys[0]!, consistency, job.command.name)];
    else if (consistency === 'bounded') recs = await loader.loadTogether(keys, 'each', consistency);
    else if (mayReadInMoments(job)) recs = await loader.loadInMoments(keys, consistency);
    else recs = await loader.loadTogether(keys, 'snapshot', consistency);
    keys.forEach((key, i) => records.put(key, recs[i]!, 0));
  }
}
