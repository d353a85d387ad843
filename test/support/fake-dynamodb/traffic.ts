/** Counts the calls of SDK clients that are under way, so that a test knows when nothing goes on. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';

export class Traffic {
  underWay = 0;

  watch(client: DynamoDBClient | DynamoDBStreamsClient): void {
    // Both have the same kind of stack, of types of their own.
    const { middlewareStack } = client as DynamoDBClient;
    middlewareStack.add(
      (next) => async (args) => {
        this.underWay++;
        try {
          return await next(args);
        } finally {
          this.underWay--;
        }
      },
      { step: 'initialize', name: 'traffic' },
    );
  }
}
