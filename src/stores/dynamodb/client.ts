/** The SDK's client, as goredis uses it, and what it takes where nothing is configured. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  loadConfig,
  NODE_REGION_CONFIG_FILE_OPTIONS,
  NODE_REGION_CONFIG_OPTIONS,
} from '@smithy/core/config';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface ClientOptions {
  /** Empty: AWS's own, by the region. */
  readonly endpoint: string;
  /** Empty: as the environment and the shared files say. */
  readonly region: string;
  readonly maxSockets: number;
  /** By default 1000. */
  readonly connectTimeoutMs?: number;
  /** Also how long an answer that has begun may pause. */
  readonly requestTimeoutMs: number;
}

/** For DynamoDB Local, which takes any; letters and digits only. */
const DUMMIES = { accessKeyId: 'goredis', secretAccessKey: 'goredis' };
const LOCAL_REGION = 'us-east-1';

/**
 * Where credentials can be told to come from by the environment. On the loopback address only these
 * count: what is there is hardly AWS, and is not handed a key that nobody meant for it.
 */
const CREDENTIAL_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

export function dynamoClient(options: ClientOptions): DynamoDBClient {
  const { endpoint, region, maxSockets, connectTimeoutMs = 1000, requestTimeoutMs } = options;
  const agent = { keepAlive: true, maxSockets };
  const local = isLoopback(endpoint);
  const dummies = local && CREDENTIAL_VARIABLES.every((name) => !process.env[name]);
  return new DynamoDBClient({
    ...(endpoint !== '' && { endpoint }),
    ...(region !== '' ? { region } : local && { region: regionOrLocal }),
    ...(dummies && { credentials: DUMMIES }),
    // Retries are goredis's own: requests.ts.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectTimeoutMs,
      // To the head of the answer; without the second line the handler only warns.
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      // Within the answer.
      socketTimeout: requestTimeoutMs,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
  });
}

async function regionOrLocal(): Promise<string> {
  const configured = loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS);
  try {
    return await configured();
  } catch {
    return LOCAL_REGION;
  }
}

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
