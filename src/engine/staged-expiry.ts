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
import type { Random } from '../lib/random';
import type { Change } from '../store/change';
import { NO_EXPIRY, isExpired, refId, type Key, type Rec } from '../store/record';
import type { Store } from '../store/store';
import type { EngineStats } from './engine';
import type { ReportBug } from './failure';
import type { Lanes } from './lanes';
import type { Loader } from './loader';

/** How many deadlines are remembered. */
const MAX_REMEMBERED = 100_000;
/** What is left of them when there are more: dropping some by some would sort each time. */
const KEPT = 75_000;
/** How many keys are on their way out at once. */
const PARALLEL = 64;
/** How much later than its deadline a node comes that did not write the record. */
const READER_DELAY_MS = 100;
const READER_JITTER_MS = 400;
const SWEEP_INTERVAL_MS = 60_000;
/** What has passed so recently is still its writer's. */
const SWEEP_GRACE_MS = 1000;
/** How many keys the store is asked for at once. */
const SWEEP_KEYS = 1000;
/** Until the next look at a key that a command is busy with. */
const BUSY_DELAY_MS = 5;
const FAILURE_DELAY_MS = 1000;
/** Stands in INFO commandcost for what is done here. */
const PAYER = 'expiry';

interface Deadline {
  readonly db: number;
  readonly key: Key;
  readonly expiresAtMs: number;
  readonly version: number;
  /** This node wrote the record; else it looks before it removes it. */
  readonly own: boolean;
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
}

export class StagedExpiry {
  /** By the time at which this node is to remove the key. */
  private readonly deadlines = new KeyedHeap<Deadline>();
  private running = false;
  private held = false;
  private underWay = 0;
  private armedForMs = Infinity;
  private cancelTimer: (() => void) | undefined;
  private cancelSweep: (() => void) | undefined;
  /** Counts starts: a sweep that is under way belongs to one of them, and goes on for no other. */
  private starts = 0;

  constructor(private readonly parts: Parts) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.starts++;
    this.sweep(0);
    this.arm();
  }

  stop(): void {
    this.running = false;
    this.disarm();
    this.cancelSweep?.();
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

  private remember(db: number, { key, value, version, expiresAtMs }: Rec, own: boolean): void {
    const volatile = value !== undefined && expiresAtMs !== NO_EXPIRY;
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
    this.enter({ db, key, expiresAtMs, version, own }, expiresAtMs + delayMs);
  }

  private enter(deadline: Deadline, atMs: number): void {
    this.deadlines.set(refId(deadline.db, deadline.key), atMs, deadline);
    if (this.deadlines.size > MAX_REMEMBERED) this.deadlines.truncate(KEPT);
    this.arm();
  }

  private arm(): void {
    const nextMs = this.deadlines.leastOrder;
    if (!this.running || this.held || this.underWay >= PARALLEL || nextMs >= this.armedForMs)
      return;
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
    while (this.underWay < PARALLEL && this.deadlines.leastOrder <= nowMs) {
      const deadline = this.deadlines.shift()!;
      this.underWay++;
      void this.remove(deadline).finally(() => {
        this.underWay--;
        this.arm();
      });
    }
    this.arm();
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
    } catch (error) {
      this.report(error);
      // It may have happened, so the next attempt looks first.
      this.enter({ ...deadline, own: false }, clock.nowMs() + FAILURE_DELAY_MS);
    } finally {
      lanes.release(new Set([ref]));
    }
  }

  private async removeReserved({ db, key, expiresAtMs, version, own }: Deadline): Promise<void> {
    const { store, clock, stats, loader } = this.parts;
    let base = version;
    let deadlineMs = expiresAtMs;
    if (!own) {
      const rec = await loader.load({ db, key }, 'strong', PAYER);
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
      () => [PAYER],
      () => store.commit([change], []),
    );
    if (!result.ok) {
      for (const { rec } of result.recs) this.read(db, rec);
      return;
    }
    loader.forget(refId(db, key));
    stats.expiredKeys++;
    stats.expiryLag.add(Math.max(0, clock.nowMs() - deadlineMs));
    if (result.announce?.[0] !== false) this.parts.announce(db, key);
  }

  private sweep(graceMs: number): void {
    const { starts } = this;
    void this.takeDue(graceMs).then((more) => {
      if (!this.running || starts !== this.starts) return;
      const delayMs = more ? FAILURE_DELAY_MS : SWEEP_INTERVAL_MS;
      this.cancelSweep = this.parts.clock.after(delayMs, () => this.sweep(SWEEP_GRACE_MS));
    });
  }

  /** @returns whether there may be more */
  private async takeDue(graceMs: number): Promise<boolean> {
    const { store, clock, stats } = this.parts;
    try {
      const nowMs = clock.nowMs();
      const due = await stats.costs.charge(
        () => [PAYER],
        () => store.due(nowMs - graceMs, SWEEP_KEYS),
      );
      for (const { db, key } of due) {
        const known = this.deadlines.get(refId(db, key));
        if (known !== undefined) continue;
        this.enter({ db, key, expiresAtMs: nowMs, version: 0, own: false }, nowMs);
      }
      return due.length === SWEEP_KEYS;
    } catch (error) {
      // What will not succeed, for want of a permission say, is told once a minute.
      if (error instanceof StoreError && error.code === 'unavailable') return true;
      this.parts.reportBug(error, 'expiry');
      return false;
    }
  }

  /** What the store cannot do now is tried again; everything else is a mistake. */
  private report(error: unknown): void {
    if (!(error instanceof StoreError) || error.code === 'invalid') {
      this.parts.reportBug(error, 'expiry');
    }
  }
}
