/**
 * The attempts at one undertaking: a read, or a commit with all that settling it takes. They share
 * one budget of time, so that its answer comes no later than that, and the time-outs of the last
 * attempt and of the request that settles it.
 *
 * The budget begins when the undertaking does; or, while requests wait for room, with the last
 * success that anybody had before its turn came: whoever waits behind many others is not failed for
 * that, unless DynamoDB is silent, or throttles all.
 */
import type { ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../lib/clock';
import type { Random } from '../../lib/random';
import { failureOf, NOT_IN_TIME, storeError } from './failures';
import type { InFlight } from './in-flight';
import type { DynamoCommand } from './requests';

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1000;
/** So long a time without success nobody who waits for room is failed for, however small the budget. */
const PATIENCE_MS = 1000;

export interface AttemptParts {
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly random: Random;
  readonly budgetMs: number;
  /** When a request succeeded last, on the monotonic clock. */
  readonly answeredMs: () => number;
  readonly send: <In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    command: DynamoCommand<In, Out>,
  ) => Promise<Out>;
  readonly onPause: () => void;
}

export class Attempts {
  private readonly begunMs: number;
  /** Known with the first request that has its turn. */
  private endMs: number | undefined;
  private longestMs = FIRST_PAUSE_MS;

  constructor(private readonly parts: AttemptParts) {
    this.begunMs = parts.clock.monotonicMs();
  }

  /**
   * One attempt, when there is room.
   * @param make the request: what says when it was sent must not be older than its turn
   * @returns rejects with the SDK's error, or if it had to wait for room while nothing succeeded
   */
  once<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    make: () => DynamoCommand<In, Out>,
  ): Promise<Out> {
    const { inFlight, send } = this.parts;
    const isRepeat = this.endMs !== undefined;
    return inFlight.run(async () => {
      if (!isRepeat) this.begin();
      return send(make());
    }, isRepeat);
  }

  /**
   * Attempts until one succeeds or the budget is spent, one at least: for requests that may be made
   * twice.
   * @throws StoreError `unavailable`, `failed`
   */
  async repeated<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    make: () => DynamoCommand<In, Out>,
  ): Promise<Out> {
    for (;;) {
      try {
        return await this.once(make);
      } catch (error) {
        const failure = failureOf(error);
        const isRepeatable = failure === 'again' || failure === 'lost';
        if (!isRepeatable || !(await this.pause())) throw storeError(error);
      }
    }
  }

  /** A pause before the next attempt: twice as long each time, by a random part; false when time is up. */
  async pause(): Promise<boolean> {
    const { clock, random, onPause } = this.parts;
    const pauseMs = random.next() * this.longestMs;
    this.endMs ??= this.begunMs + this.parts.budgetMs;
    if (clock.monotonicMs() + pauseMs > this.endMs) return false;
    this.longestMs = Math.min(this.longestMs * 2, MAX_PAUSE_MS);
    onPause();
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    return true;
  }

  private begin(): void {
    const { clock, budgetMs, answeredMs } = this.parts;
    const fromMs = Math.max(this.begunMs, answeredMs());
    this.endMs = fromMs + budgetMs;
    if (clock.monotonicMs() - fromMs <= Math.max(budgetMs, PATIENCE_MS)) return;
    const error = new Error(`no request has succeeded for ${budgetMs} ms`);
    throw Object.assign(error, { code: NOT_IN_TIME });
  }
}
