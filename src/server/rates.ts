/**
 * How many commands and bytes a second, for INFO: between the last two times that somebody asked.
 * Redis takes a sample every 100 ms; a timer for that would keep an idle server awake.
 * Source: trackInstantaneousMetric in server.c of Redis 7.0
 */
import type { Clock } from '../lib/clock';

/** What is counted since the start, or since CONFIG RESETSTAT. */
export interface Totals {
  readonly commands: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** Who asks again before this gets the same answer: of so little time a rate says nothing. */
const SHORTEST_MS = 100;

const ZERO: Totals = { commands: 0, inputBytes: 0, outputBytes: 0 };

export class Rates {
  private atMs: number;
  private totals = ZERO;
  private latest = ZERO;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {
    this.atMs = clock.monotonicMs();
  }

  /** The totals begin again at zero. */
  reset(): void {
    this.atMs = this.clock.monotonicMs();
    this.totals = this.latest = ZERO;
  }

  /** @returns each of them by the second */
  perSecond(now: Totals): Totals {
    const nowMs = this.clock.monotonicMs();
    const passedMs = nowMs - this.atMs;
    if (passedMs < SHORTEST_MS) return this.latest;
    const before = this.totals;
    const rate = (name: keyof Totals): number => ((now[name] - before[name]) * 1000) / passedMs;
    this.latest = {
      commands: rate('commands'),
      inputBytes: rate('inputBytes'),
      outputBytes: rate('outputBytes'),
    };
    this.atMs = nowMs;
    this.totals = now;
    return this.latest;
  }
}
