/**
 * Times the commands that run at once, with as few readings of the clock as will do: equal quick
 * commands of one chunk are timed as one (docs/design/0005-call-times.md).
 */
import type { Clock } from '../lib/clock';
import type { Calls } from './calls';
import type { Argv, Command } from './command';
import type { ClientPort } from './ports';

/**
 * The time of day is read again when it is so old: it has whole milliseconds, and reading it costs
 * a twentieth of a GET.
 */
const TIME_OF_DAY_MS = 0.25;

export class CallTimes {
  /** Unix milliseconds, read a moment ago. */
  nowMs = 0;
  private timeReadAtMs = -Infinity;
  /** When the chunk came whose first command has not run yet; 0: it has. */
  private chunkAtMs = 0;
  // The run of equal quick commands that is timed as one.
  private client: ClientPort | undefined;
  private command: Command | undefined;
  private argv: Argv = [];
  private startedMs = 0;
  private length = 0;
  /** How many more it may have. */
  private left = 0;

  constructor(
    private readonly clock: Clock,
    private readonly calls: Calls,
    /** Told of each new time of day. */
    private readonly setTime: (nowMs: number) => void,
  ) {}

  /** Bytes have arrived. @returns the time, in Unix milliseconds */
  beginChunk(): number {
    this.chunkAtMs = this.readClock();
    return this.nowMs;
  }

  endChunk(): void {
    this.chunkAtMs = 0;
    if (this.command !== undefined) this.endRun(this.clock.monotonicMs());
  }

  /** A quick command is about to run. @param maxRun how many like it may be timed as one */
  beginQuick(command: Command, maxRun: number): void {
    if (command !== this.command || this.left === 0) {
      this.startedMs = this.begin();
      this.command = command;
      this.length = this.left = maxRun - 1;
    } else {
      this.left--;
    }
  }

  /** The quick command that has begun: who wants it, and what. */
  isOf(client: ClientPort, argv: Argv): void {
    this.client = client;
    this.argv = argv;
  }

  /** The quick command that has just begun has not run after all. */
  takeBack(): void {
    if (this.left === this.length) this.command = undefined;
    else this.left++;
  }

  /** Whatever runs next is timed by itself. @returns when it begins, on the monotonic clock */
  begin(): number {
    const nowMs = this.chunkAtMs > 0 ? this.chunkAtMs : this.readClock();
    this.chunkAtMs = 0;
    if (this.command !== undefined) this.endRun(nowMs);
    return nowMs;
  }

  /** How long it is since a moment of the monotonic clock. */
  sinceMs(startMs: number): number {
    return this.clock.monotonicMs() - startMs;
  }

  private endRun(nowMs: number): void {
    const command = this.command!;
    const count = this.length - this.left + 1;
    this.command = undefined;
    this.calls.record(this.client!, command, this.argv, count, nowMs - this.startedMs);
  }

  /** The monotonic time. Commands see a new time of day if the last is not quite fresh. */
  private readClock(): number {
    const monotonicMs = this.clock.monotonicMs();
    if (monotonicMs - this.timeReadAtMs >= TIME_OF_DAY_MS) {
      this.timeReadAtMs = monotonicMs;
      this.setTime((this.nowMs = this.clock.nowMs()));
    }
    return monotonicMs;
  }
}
