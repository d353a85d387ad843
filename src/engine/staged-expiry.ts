/**
 * Removes keys at their deadlines from a store that other nodes use too. Every node remembers the
 * nearest deadlines of what it has written and read:
 *
 * - The node that wrote a record last removes it on time, by a commit on its version: of all who
 *   try, one succeeds, and that one announces `expired`.
 * - A node that has only read it comes a little later, looks whether that has happened, and removes
 *   it if not: its writer may be gone.
 * - What nobody remembers is found by the store, at the start and once a minute.
 */
import { StoreError } from '../errors';
import type { Clock } from '../lib/clock';
import { KeyedHeap } from '../lib/keyed-heap';
import type { Logger } from '../lib/log';
import type { Random } from '../lib/random';
import type { Change } from '../store/change';
import { NO_EXPIRY, isExpired, refId, type Key, type KeyRef, type Rec } from '../store/record';
import type { Store } from '../store/store';
import type { EngineStats } from './engine';
import { EXPIRY_PAYER, ExpirySweep } from './expiry-sweep';
import type { ReportBug } from './failure';
import type { Lanes } from './lanes';
import type { Loader } from './loader';
import { pauseAfter, Trouble } from '../lib/trouble';

/** How many deadlines are remembered. */
const MAX_REMEMBERED = 100_000;
/** What is left of them when there are more: dropping some by some would sort each time. */
const KEPT = 75_000;
/** How many keys are on their way out at once. */
const PARALLEL = 64;
/** How much later than its deadline a node comes that did not write the record. */
const READER_DELAY_MS = 100;
const READER_JITTER_MS = 400;
/** Until the next look at a key that a command is busy with. */
const BUSY_DELAY_MS = 5;
/** So many removals in a row may fail before the rest waits for one to succeed. */
const PATIENCE = 10;

interface Deadline {
  readonly db: number;
  readonly key: Key;
  readonly expiresAtMs: number;
  readonly version: number;
  /** This node wrote the record; else it looks before it removes it. */
  readonly own: boolean;
  /** How often the removal has failed. */
  readonly failures: number;
  /** The count of flushes when it was remembered. */
  readonly flushes: number;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly loader: Loader;
  readonly lanes: Lanes;
  readonly stats: EngineStats;
  /** The key has expired, and this node was the one to remove it. */
  readonly announce: (db: number, key: Key) => void;
  readonly reportBug: ReportBug;
  readonly log: Logger;
}

export class StagedExpiry {
  /** By the time at which this node is to remove the key. */
  private readonly deadlines = new KeyedHeap<Deadline>();
  private running = false;
  private held = false;
  private underWay = 0;
  private armedForMs = Infinity;
  private cancelTimer: (() => void) | undefined;
  /** Nothing is removed before, because of failures; by the clock of deadlines. */
  private resumeMs = -Infinity;
  private flushes = 0;
  private removed = 0;
  private readonly whenDrained = new Set<() => void>();
  private readonly sweep: ExpirySweep;
  private readonly trouble: Trouble;

  constructor(private readonly parts: Parts) {
    const { store, clock, stats, log, reportBug } = parts;
    const take = (keys: readonly KeyRef[], nowMs: number): Promise<number> =>
      this.take(keys, nowMs);
    this.sweep = new ExpirySweep({ store, clock, costs: stats.costs, log, reportBug, take });
    this.trouble = new Trouble(
      log,
      {
        begins: 'Keys cannot be removed at their deadlines',
        ends: 'Keys are removed at their deadlines again',
      },
      PATIENCE,
    );
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.sweep.start();
    this.arm();
  }

  stop(): void {
    this.running = false;
    this.disarm();
    this.sweep.stop();
  }

  /** While held nothing is removed. */
  hold(held: boolean): void {
    this.held = held;
    if (held) this.disarm();
    else this.arm();
  }

  /** This node has committed the record. */
  wrote(db: number, rec: Rec): void {
    this.remember(db, rec, true);
  }

  /** This node has read it. */
  read(db: number, rec: Rec): void {
    this.remember(db, rec, false);
  }

  /** A flush begins. @returns what to call when all that was there is gone: no deadlines of it are left */
  flush(db: number | 'all'): () => void {
    const flushes = this.flushes++;
    return () => {
      // What was written meanwhile may be still there.
      this.deadlines.deleteAll(
        (deadline) => deadline.flushes <= flushes && (db === 'all' || deadline.db === db),
      );
    };
  }

  private remember(db: number, rec: Rec, own: boolean): void {
    // What is absent has no deadline. The value is not looked at: that may decode it.
    const { key, version, expiresAtMs } = rec;
    const volatile = expiresAtMs !== NO_EXPIRY;
    if (!volatile && this.deadlines.size === 0) return;
    const ref = refId(db, key);
    const known = this.deadlines.get(ref);
    // An answer that was long on its way, or what the node knows already.
    if (known !== undefined && !own && known.version >= version) return;
    if (!volatile) {
      this.deadlines.delete(ref);
      return;
    }
    const delayMs = own ? 0 : READER_DELAY_MS + this.parts.random.next() * READER_JITTER_MS;
    const { flushes } = this;
    this.enter({ db, key, expiresAtMs, version, own, failures: 0, flushes }, expiresAtMs + delayMs);
  }

  private enter(deadline: Deadline, atMs: number): void {
    this.deadlines.set(refId(deadline.db, deadline.key), atMs, deadline);
    if (this.deadlines.size > MAX_REMEMBERED) this.deadlines.truncate(KEPT);
    this.arm();
  }

  private arm(): void {
    const nextMs = Math.max(this.deadlines.leastOrder, this.resumeMs);
    if (!this.running || this.held || this.isFull || nextMs >= this.armedForMs) return;
    this.disarm();
    if (nextMs === Infinity) return;
    this.armedForMs = nextMs;
    const run = (): void => {
      this.disarm();
      this.removeDue();
    };
    const delayMs = Math.ceil(nextMs - this.parts.clock.nowMs());
    if (delayMs > 0) {
      this.cancelTimer = this.parts.clock.after(delayMs, run);
    } else {
      const immediate = setImmediate(run);
      this.cancelTimer = () => clearImmediate(immediate);
    }
  }

  private disarm(): void {
    this.armedForMs = Infinity;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private removeDue(): void {
    const nowMs = this.parts.clock.nowMs();
    while (!this.isFull && Math.max(this.deadlines.leastOrder, this.resumeMs) <= nowMs) {
      const deadline = this.deadlines.shift()!;
      this.underWay++;
      void this.remove(deadline).finally(() => {
        this.underWay--;
        this.arm();
        this.checkDrained();
      });
    }
    this.arm();
  }

  /** While nothing succeeds one is tried at a time. */
  private get isFull(): boolean {
    return this.underWay >= (this.trouble.isOn ? 1 : PARALLEL);
  }

  /** Keys that the store has found. @returns how many there were to remove, when there is room for more */
  private async take(keys: readonly KeyRef[], nowMs: number): Promise<number> {
    const { removed, flushes } = this;
    const unknown = { expiresAtMs: nowMs, version: 0, own: false, failures: 0, flushes };
    for (const { db, key } of keys) {
      if (this.deadlines.get(refId(db, key)) !== undefined) continue;
      this.enter({ db, key, ...unknown }, nowMs);
    }
    if (!this.isDrained) await new Promise<void>((resolve) => this.whenDrained.add(resolve));
    return this.removed - removed;
  }

  private get isDrained(): boolean {
    if (this.trouble.isOn) return false;
    const { leastOrder } = this.deadlines;
    return this.underWay <= PARALLEL / 2 && leastOrder > this.parts.clock.nowMs();
  }

  private checkDrained(): void {
    if (this.whenDrained.size === 0 || !this.isDrained) return;
    for (const resolve of this.whenDrained) resolve();
    this.whenDrained.clear();
  }

  private async remove(deadline: Deadline): Promise<void> {
    const { db, key } = deadline;
    const ref = refId(db, key);
    const { lanes, clock } = this.parts;
    if (!lanes.reserve(ref)) {
      this.enter(deadline, clock.nowMs() + BUSY_DELAY_MS);
      return;
    }
    try {
      await this.removeReserved(deadline);
      this.trouble.succeeded();
    } catch (error) {
      // It is absent for nobody, and says nothing of other keys. The sweep comes back to it.
      if (error instanceof StoreError && error.code === 'unreadable') return;
      this.failed(error);
      const failures = deadline.failures + 1;
      // It may have happened, so the next attempt looks first.
      const next = { ...deadline, own: false, failures };
      this.enter(next, clock.nowMs() + pauseAfter(failures));
    } finally {
      lanes.release(new Set([ref]));
    }
  }

  private async removeReserved({ db, key, expiresAtMs, version, own }: Deadline): Promise<void> {
    const { store, clock, stats, loader } = this.parts;
    let base = version;
    let deadlineMs = expiresAtMs;
    if (!own) {
      const rec = await loader.load({ db, key }, 'strong', EXPIRY_PAYER);
      if (rec.value === undefined) return;
      if (!isExpired(rec, clock.nowMs())) {
        this.read(db, rec);
        return;
      }
      base = rec.version;
      deadlineMs = rec.expiresAtMs;
    }
    const change: Change = {
      db,
      key,
      value: undefined,
      expiresAtMs: NO_EXPIRY,
      base,
      events: [{ class: 'x', name: 'expired', db, key }],
    };
    const result = await stats.costs.charge(
      () => [EXPIRY_PAYER],
      () => store.commit([change], []),
    );
    if (!result.ok) {
      for (const { rec } of result.recs) this.read(db, rec);
      return;
    }
    loader.forget(refId(db, key));
    stats.expiredKeys++;
    this.removed++;
    stats.expiryLag.add(Math.max(0, clock.nowMs() - deadlineMs));
    if (result.announce?.[0] !== false) this.parts.announce(db, key);
  }

  private failed(error: unknown): void {
    const { reportBug, clock } = this.parts;
    const isStores = error instanceof StoreError;
    if (!isStores || error.code === 'invalid') reportBug(error, 'expiry');
    const nowMs = clock.nowMs();
    // Begun before the others failed: no news.
    if (this.trouble.isOn && nowMs < this.resumeMs) return;
    const pauseMs = this.trouble.failed(error, isStores && error.code === 'failed');
    if (pauseMs > 0) this.resumeMs = nowMs + pauseMs;
  }
}
