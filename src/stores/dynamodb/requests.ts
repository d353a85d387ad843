/**
 * Requests to DynamoDB. The SDK makes one attempt; whether and when there is another one is decided
 * here and in attempts.ts, because the SDK repeats writes that it should not
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
import { Attempts, type AttemptParts } from './attempts';
import { failureOf } from './failures';
import { Figures, type CapacityAnswer } from './figures';
import { InFlight } from './in-flight';

export type DynamoCommand<In extends ServiceInputTypes, Out extends ServiceOutputTypes> = Command<
  ServiceInputTypes,
  In,
  ServiceOutputTypes,
  Out,
  SmithyResolvedConfiguration<HttpHandlerOptions>
>;

export class Requests {
  readonly figures = new Figures();
  retries = 0;
  /** When DynamoDB last did what it was asked, or said that a condition did not hold; monotonic. */
  answeredMs = -Infinity;
  private readonly attemptParts: AttemptParts;

  constructor(
    private readonly client: DynamoDBClient,
    private readonly clock: Clock,
    random: Random,
    /** How long a request is made again, in milliseconds. */
    budgetMs: number,
    /** How many may be under way at once: as many as there are sockets. */
    maxInFlight: number,
  ) {
    this.attemptParts = {
      inFlight: new InFlight(maxInFlight),
      clock,
      random,
      budgetMs,
      answeredMs: () => this.answeredMs,
      send: (command) => this.urgent(command),
      onPause: () => this.retries++,
    };
  }

  /** For one undertaking. */
  attempts(): Attempts {
    return new Attempts(this.attemptParts);
  }

  /** One attempt, when there is room. Rejects with the SDK's error. */
  once<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    make: () => DynamoCommand<In, Out>,
  ): Promise<Out> {
    return this.attempts().once(make);
  }

  /**
   * Attempts until one succeeds or the budget is spent: for requests that may be made twice.
   * @throws StoreError `unavailable`, `failed`
   */
  repeated<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    make: () => DynamoCommand<In, Out>,
  ): Promise<Out> {
    return this.attempts().repeated(make);
  }

  /** One attempt, now: it does not wait for room. Rejects with the SDK's error. */
  async urgent<In extends ServiceInputTypes, Out extends ServiceOutputTypes>(
    command: DynamoCommand<In, Out>,
  ): Promise<Out> {
    const { figures, clock } = this;
    const operation = command.constructor.name.replace(/Command$/, '');
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
      const failure = failureOf(error);
      figures.failed(failure);
      if (failure === 'refused') this.answeredMs = clock.monotonicMs();
      throw error;
    } finally {
      figures.end(clock.monotonicMs() - sentMs);
    }
  }
}
