/** The SDK's client, as goredis uses it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface ClientOptions {
  /** Empty: AWS's own, by the region. */
  readonly endpoint: string;
  /** Empty: as the environment and the shared files say. */
  readonly region: string;
  readonly maxSockets: number;
  readonly requestTimeoutMs: number;
}

const CONNECTION_TIMEOUT_MS = 1000;

export function dynamoClient(options: ClientOptions): DynamoDBClient {
  const { endpoint, region, maxSockets, requestTimeoutMs } = options;
  const agent = { keepAlive: true, maxSockets };
  const isLoopback = /^https?:\/\/(localhost|127\.|\[::1\])/.test(endpoint);
  const dummies = isLoopback && process.env['AWS_ACCESS_KEY_ID'] === undefined;
  return new DynamoDBClient({
    ...(endpoint !== '' && { endpoint }),
    ...((region !== '' || isLoopback) && { region: region || 'us-east-1' }),
    ...(dummies && { credentials: { accessKeyId: 'goredis', secretAccessKey: 'goredis' } }),
    // Retries are goredis's own: requests.ts.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: requestTimeoutMs,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
  });
}
