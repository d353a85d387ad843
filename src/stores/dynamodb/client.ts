/** The SDK's client, as goredis uses it, and what it takes where nothing is configured. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import {
  loadConfig,
  NODE_REGION_CONFIG_FILE_OPTIONS,
  NODE_REGION_CONFIG_OPTIONS,
} from '@smithy/core/config';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../lib/clock';
import { NO_CONNECTION } from './failures';
import { shorten } from './short-way';
import { readPagesQuickly } from './stream-pages';

export interface ClientOptions {
  /** Empty: AWS's own, by the region. */
  readonly endpoint: string;
  /** Empty: as the environment and the shared files say. */
  readonly region: string;
  readonly maxSockets: number;
  /** By default that of requests. */
  readonly connectTimeoutMs?: number;
  /** Also how long an answer that has begun may pause. */
  readonly requestTimeoutMs: number;
}

/** For DynamoDB Local, which takes any; letters and digits only. */
const DUMMIES = { accessKeyId: 'goredis', secretAccessKey: 'goredis' };
const LOCAL_REGION = 'us-east-1';

/** More sockets, for requests that do not wait for room (requests.ts): is all well, beacons. */
const URGENT_SOCKETS = 4;

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
  const client = new DynamoDBClient(configOf(options));
  shorten(client);
  return client;
}

/** A client for the streams of the same tables. */
export function streamsClient(options: ClientOptions): DynamoDBStreamsClient {
  const client = new DynamoDBStreamsClient(configOf(options));
  // Its middlewares are the same; only the types of what goes through them are others.
  shorten(client as unknown as DynamoDBClient);
  readPagesQuickly(client);
  return client;
}

function configOf(options: ClientOptions) {
  const { endpoint, region, maxSockets, requestTimeoutMs } = options;
  const { connectTimeoutMs = requestTimeoutMs } = options;
  const agent = { keepAlive: true, maxSockets: maxSockets + URGENT_SOCKETS };
  const local = isLoopback(endpoint);
  const dummies = local && CREDENTIAL_VARIABLES.every((name) => !process.env[name]);
  return {
    ...(endpoint !== '' && { endpoint }),
    ...(region !== '' ? { region } : local && { region: regionOrLocal() }),
    ...(dummies && { credentials: DUMMIES }),
    // Retries are goredis's own: requests.ts.
    maxAttempts: 1,
    cacheMiddleware: true,
    requestHandler: new NodeHttpHandler({
      // To the head of the answer; without the second line the handler only warns.
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      // Within the answer.
      socketTimeout: requestTimeoutMs,
      httpAgent: new PlainAgent(agent, connectTimeoutMs),
      httpsAgent: new TlsAgent(agent, connectTimeoutMs),
    }),
  };
}

/**
 * Tells of each answer what its header `Date` says, and when the request was sent and the answer
 * received, by the system's monotonic clock; the first in Unix milliseconds.
 */
export function watchClock(
  client: DynamoDBClient,
  observe: (dateMs: number, sentMs: number, receivedMs: number) => void,
): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentMs = systemClock.monotonicMs();
      const result = await next(args);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      const dateMs = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(dateMs)) observe(dateMs, sentMs, systemClock.monotonicMs());
      return result;
    },
    { step: 'deserialize', name: 'goredisWatchClock', override: true },
  );
}

/** Not the handler's own time-out: to that the wait for one of `maxSockets` counts, too. */
class PlainAgent extends HttpAgent {
  constructor(
    options: AgentOptions,
    private readonly timeoutMs: number,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<HttpAgent['createConnection']>) {
    return inTime(super.createConnection(...args), 'connect', this.timeoutMs);
  }
}

class TlsAgent extends HttpsAgent {
  constructor(
    options: AgentOptions,
    private readonly timeoutMs: number,
  ) {
    super(options);
  }

  override createConnection(...args: Parameters<HttpsAgent['createConnection']>) {
    return inTime(super.createConnection(...args), 'secureConnect', this.timeoutMs);
  }
}

/** Destroys a connection that is not made in time, with an error that tells: nothing was sent. */
function inTime<T extends Duplex | null | undefined>(
  socket: T,
  made: 'connect' | 'secureConnect',
  timeoutMs: number,
): T {
  const error = Object.assign(new Error(`no connection within ${timeoutMs} ms`), {
    code: NO_CONNECTION,
  });
  let cancelled = false;
  const timer = setTimeout(() => {
    // The thread may have been busy, and the news of the connection is waiting.
    setImmediate(() => {
      if (!cancelled) socket?.destroy(error);
    });
  }, timeoutMs);
  const cancel = (): void => {
    cancelled = true;
    clearTimeout(timer);
  };
  socket?.once(made, cancel).once('close', cancel);
  return socket;
}

/** The region, looked up once: the client asks for it several times with each request. */
function regionOrLocal(): () => Promise<string> {
  const configured = loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS);
  let region: Promise<string> | undefined;
  return () => (region ??= configured().catch(() => LOCAL_REGION));
}

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}
