import { StoreError } from '../errors';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/log';
import type { KeyRef } from '../store/record';
import type { Store } from '../store/store';
import type { Costs } from './costs';
import type { ReportBug } from './failure';
import { Trouble } from '../lib/trouble';

const INTERVAL_MS = 60_000;
/** What has passed so recently is still its writer's. */
const GRACE_MS = 1000;
/** How many keys the store is asked for at once. */
const PAGE_KEYS = 1000;
/** Until the next page after one of which nothing was left: the store's index is behind. */
const BEHIND_MS = 1000;
/** Stands in INFO commandcost for what expiry does by itself. */
export const EXPIRY_PAYER = 'expiry';

export interface SweepParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly costs: Costs;
  readonly log: Logger;
  readonly reportBug: ReportBug;
  /** Removes them. @returns how many there were to remove, when there is room for more */
  readonly take: (keys: readonly KeyRef[], nowMs: number) => Promise<number>;
}

/**
 * Asks the store for the keys whose deadlines have passed and that nobody has removed: at the start,
 * once a minute, and page after page while there are more than it tells at a time.
 */
export class ExpirySweep {
  private cancel: (() => void) | undefined;
  /** Counts starts: a page that is under way belongs to one of them, and goes on for no other. */
  private starts = 0;
  private readonly trouble: Trouble;

  constructor(private readonly parts: SweepParts) {
    this.trouble = new Trouble(parts.log, {
      begins: 'Keys whose deadlines have passed are not found',
      ends: 'Keys whose deadlines have passed are found again',
    });
  }

  start(): void {
    void this.run(++this.starts);
  }

  stop(): void {
    this.starts++;
    this.cancel?.();
  }

  private async run(start: number): Promise<void> {
    for (let graceMs = 0; start === this.starts; graceMs = GRACE_MS) {
      const pauseMs = await this.page(graceMs);
      if (start !== this.starts) return;
      if (pauseMs > 0) await this.pause(pauseMs);
    }
  }

  /** @returns when the next is due, in milliseconds from now */
  private async page(graceMs: number): Promise<number> {
    const { store, clock, costs, take, reportBug } = this.parts;
    const nowMs = clock.nowMs();
    let due: readonly KeyRef[];
    try {
      due = await costs.charge(
        () => [EXPIRY_PAYER],
        () => store.due(nowMs - graceMs, PAGE_KEYS),
      );
    } catch (error) {
      if (!(error instanceof StoreError)) reportBug(error, 'expiry');
      return this.trouble.failed(error);
    }
    this.trouble.succeeded();
    const taken = await take(due, nowMs);
    if (due.length < PAGE_KEYS) return INTERVAL_MS;
    return taken === 0 ? BEHIND_MS : 0;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(ms, resolve);
      this.cancel = () => {
        cancel();
        resolve();
      };
    });
  }
}
