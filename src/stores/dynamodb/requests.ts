/**
 * Requests to DynamoDB. The SDK makes one attempt; whether and when there is another one is decided
 * here, because the SDK repeats writes that it should not
 * (https://github.com/aws/aws-sdk-java-v2/issues/2667).
 */
import type {
  DynamoDBClient,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';
import type { SmithyResolvedConfiguration } from '@smithy/core/client';
import type { Command, HttpHandlerOptions } from '@smithy/types';
import type { Clock } from '../../lib/clock';
import type { Random } from '../../lib/random';
import { failureOf, storeError } from './failures';
import { Figures, type CapacityAnswer } from './figures';
import { InFlight } from './in-flight';

type DynamoCommand<In extends ServiceInputTypes, Out extends ServiceOutputTypes> = Command<
  ServiceInputTypes,
  In,
  ServiceOutputTypes,
  Out,
  SmithyResolvedConfiguration<HttpHandlerOptions>
>;

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1000;

export class Requests {
  readonly figures = new Figures();
  retries = 0;
  /** When a request succeeded last, on the monotonic clock. */
  answeredMs = -Infinity;
  private readonly inFlight: InFlight;

  constructor(
    private readonly client: DynamoDBClient,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly budgetMs: number,
    /** How many may be under way at once: as many as there are sockets. */
    maxInFlight: number,
  ) {
    this.inFlight = new InFlight(maxInFlight);
  }

  /** One attempt. Rejects with the SDK's error. */
  once<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    command: DynamoCommand<In, Out>,
  ): Promise<Out> {
    const operation = command.constructor.name.replace(/Command$/, '');
    return this.inFlight.run(() => this.send(command, operation));
  }

  private async send<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    command: DynamoCommand<In, Out>,
    operation: string,
  ): Promise<Out> {
    const { figures, clock } = this;
    if (figures.hasCapacity(operation)) {
      Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    }
    figures.begin(operation);
    const sentMs = clock.monotonicMs();
    try {
      const answer = await this.client.send(command);
      figures.answered(operation, answer as CapacityAnswer);
      this.answeredMs = clock.monotonicMs();
      return answer;
    } catch (error) {
      figures.failed(error);
      throw error;
    } finally {
      figures.end(clock.monotonicMs() - sentMs);
    }
  }

  /**
   * Attempts until one succeeds or the budget is spent: for requests that may be made twice.
   * @throws StoreError `unavailable`, `failed`
   */
  async repeated<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    make: () => DynamoCommand<In, Out>,
  ): Promise<Out> {
    const attempts = this.attempts();
    for (;;) {
      try {
        return await this.once(make());
      } catch (error) {
        const failure = failureOf(error);
        if ((failure !== 'again' && failure !== 'lost') || !(await attempts.pause())) {
          throw storeError(error);
        }
      }
    }
  }

  /** Pauses between attempts: twice as long each time, by a random part; false when time is up. */
  attempts(): { pause(): Promise<boolean> } {
    const endMs = this.clock.monotonicMs() + this.budgetMs;
    let longestMs = FIRST_PAUSE_MS;
    return {
      pause: async () => {
        const pauseMs = this.random.next() * longestMs;
        if (this.clock.monotonicMs() + pauseMs > endMs) return false;
        longestMs = Math.min(longestMs * 2, MAX_PAUSE_MS);
        this.retries++;
        await new Promise<void>((resolve) => this.clock.after(pauseMs, resolve));
        return true;
      },
    };
  }
}
