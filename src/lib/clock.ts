import { durationMs, type Duration } from './duration';

/** Where time comes from. Everything that needs the time is handed a Clock, so that tests can move it. */
export interface Clock {
  /** Wall-clock time in Unix milliseconds. */
  nowMs(): number;
  /** Monotonic time in milliseconds; only differences mean something. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void;
  /**
   * As `after`, but at a time of day: also if that is set meanwhile, within ten seconds. A clock that
   * is never set needs none.
   */
  at?(unixMs: number, run: () => void): () => void;
}

/** Node turns longer delays into 1 ms. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long it may take to see that the time of day was set: timers go by the monotonic time. */
const LOOK_MS = 10_000;

/** `Clock.at` of a clock whose time of day may be set. */
export function atTimeOfDay(clock: Clock, unixMs: number, run: () => void): () => void {
  let cancel: () => void;
  const wait = (): void => {
    const leftMs = Math.max(0, unixMs - clock.nowMs());
    cancel = clock.after(Math.min(leftMs, LOOK_MS), look);
  };
  const look = (): void => {
    if (clock.nowMs() >= unixMs) run();
    else wait();
  };
  wait();
  return () => cancel();
}

export const systemClock: Clock = {
  nowMs: Date.now,
  monotonicMs() {
    // Not `performance`, which Node would load for this: 1 ms of a start.
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    let leftMs = delayMs;
    const arm = (): void => {
      const stepMs = Math.min(leftMs, MAX_TIMER_MS);
      leftMs -= stepMs;
      timer = setTimeout(leftMs > 0 ? arm : run, stepMs);
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
  at: (unixMs, run) => atTimeOfDay(systemClock, unixMs, run),
};

/** A clock that goes back by more was wrong before. */
const LONGEST_STAND_MS = 1000;

/**
 * A clock that is set right by an offset, which may change. Rather than step back a little it stands
 * still for as long; a larger step is followed at once: better that a deadline comes twice than that
 * the clock stands for hours.
 */
export class CorrectedClock implements Clock {
  private latestMs = -Infinity;

  /** @param offsetMs what to add to the time of day now */
  constructor(
    private readonly clock: Clock,
    private readonly offsetMs: () => number,
  ) {}

  nowMs(): number {
    const nowMs = this.clock.nowMs() + this.offsetMs();
    if (nowMs > this.latestMs || nowMs < this.latestMs - LONGEST_STAND_MS) this.latestMs = nowMs;
    return this.latestMs;
  }

  monotonicMs(): number {
    return this.clock.monotonicMs();
  }

  after(delayMs: number, run: () => void): () => void {
    return this.clock.after(delayMs, run);
  }
}

/** A clock that stands still until `advance` moves it; timers run in order of their time. */
export class ManualClock implements Clock {
  private timers: { atMs: number; run: () => void }[] = [];

  constructor(private timeMs = 1_700_000_000_000) {}

  nowMs(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return this.timeMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.timeMs + Math.max(0, delayMs), run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /**
   * Moves time forward and runs what falls due on the way, each at its own time.
   * @param by milliseconds, or text such as `'20s'`
   * @throws TypeError
   */
  advance(by: number | Duration): void {
    const endMs = this.timeMs + durationMs(by);
    for (;;) {
      let next: (typeof this.timers)[number] | undefined;
      for (const timer of this.timers) {
        if (timer.atMs <= endMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
      }
      if (next === undefined) break;
      const due = next;
      this.timers = this.timers.filter((other) => other !== due);
      this.timeMs = Math.max(this.timeMs, due.atMs);
      due.run();
    }
    // What ran may have advanced the clock further.
    this.timeMs = Math.max(this.timeMs, endMs);
  }
}

/**
 * A clock that a test moves.
 * @param startMs Unix milliseconds
 * @throws TypeError
 */
export function manualClock(startMs?: number): ManualClock {
  if (startMs !== undefined && !(Number.isSafeInteger(startMs) && startMs >= 0)) {
    throw new TypeError(`a clock starts at whole Unix milliseconds: ${String(startMs)}`);
  }
  return new ManualClock(startMs);
}
