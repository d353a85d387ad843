/**
 * The start: credentials, region and the table, with patience while DynamoDB cannot be reached.
 * Whatever stops it is told in one line, but for the commands that make the table.
 */
import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../lib/clock';
import type { Logger } from '../../lib/log';
import type { Random } from '../../lib/random';
import { failureOf, reasonOf } from './failures';
import { FORMAT, formatOf } from './format';
import { Requests } from './requests';
import {
  createTable,
  describeTable,
  enableTimeToLive,
  isOnDemand,
  tableCommands,
  tableFaults,
  timeToLiveFault,
} from './table';

export interface OpeningOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Whether to make the table if there is none. */
  readonly createTable: boolean;
  /** Whether the index on deadlines is used. */
  readonly expiryIndex: boolean;
  /** How long to try while DynamoDB cannot be reached. */
  readonly startupTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How long a new table may take until it is active. AWS takes some ten seconds. */
const CREATION_MS = 120_000;
/** Emulators have it at once. */
const FIRST_POLL_MS = 5;
const MAX_POLL_MS = 1000;

const CREDENTIAL_SOURCES =
  'environment, shared files and profiles, SSO, process, web identity, container and instance metadata';

/** A reason against the start that no further attempt can change. */
class Refused extends Error {}

/** @throws Error that says what is wrong */
export async function openTable(options: OpeningOptions): Promise<void> {
  const { client, clock, random, log, startupTimeoutMs } = options;
  const where = await placeOf(client);
  const requests = new Requests(client, clock, random, startupTimeoutMs, 1);
  const attempts = requests.attempts();
  for (let isFirst = true; ; isFirst = false) {
    try {
      await readyTable(requests, where, options);
      return;
    } catch (error) {
      if (error instanceof Refused) throw error;
      const failure = failureOf(error);
      if (failure === 'wrong' || failure === 'refused') {
        throw new Error(`DynamoDB ${where}: ${reasonOf(error)}`, { cause: error });
      }
      const seconds = startupTimeoutMs / 1000;
      const reason = `DynamoDB ${where} cannot be reached: ${reasonOf(error)}`;
      if (!(await attempts.pause())) {
        throw new Error(`${reason} (tried for ${seconds} s: startup-timeout)`, { cause: error });
      }
      if (isFirst) log.warning(`${reason}; trying for ${seconds} s`);
    }
  }
}

/**
 * Where the client's DynamoDB is, once it is known who it is there.
 * @throws Error
 */
async function placeOf(client: DynamoDBClient): Promise<string> {
  let region: string;
  try {
    region = await client.config.region();
  } catch (error) {
    throw new Error(
      'DynamoDB: no region: set dynamodb-region, AWS_REGION, or the region of a profile in ~/.aws/config',
      { cause: error },
    );
  }
  try {
    await client.config.credentials();
  } catch (error) {
    throw new Error(`DynamoDB: no credentials: ${reasonOf(error)} (tried: ${CREDENTIAL_SOURCES})`, {
      cause: error,
    });
  }
  const endpoint = await client.config.endpoint?.();
  if (endpoint === undefined) return `in ${region}`;
  const { protocol, hostname, port, path } = endpoint;
  return `at ${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path.replace(/\/$/, '')}`;
}

async function readyTable(
  requests: Requests,
  where: string,
  { client, table: name, createTable: mayCreate, expiryIndex, clock, log }: OpeningOptions,
): Promise<void> {
  let table = await describeTable(requests, name);
  if (table === undefined) {
    if (!mayCreate) throw new Refused(await absence(client, name, where));
    log.notice(`DynamoDB ${where}: making the table ${name}`);
    await createTable(requests, name);
  }
  const endMs = clock.monotonicMs() + CREATION_MS;
  let pollMs = FIRST_POLL_MS;
  while (table === undefined || table.TableStatus === 'CREATING') {
    if (clock.monotonicMs() > endMs) throw new Refused(`DynamoDB: the table ${name} is not ready`);
    await new Promise<void>((resolve) => clock.after(pollMs, resolve));
    pollMs = Math.min(2 * pollMs, MAX_POLL_MS);
    table = await describeTable(requests, name);
  }
  await checkTable(requests, table, name, { mayCreate, expiryIndex });
  if (!isOnDemand(table)) {
    log.warning(
      `DynamoDB: the table ${name} has provisioned capacity: what is above it is throttled`,
    );
  }
}

/** @throws Refused with all that is wrong */
async function checkTable(
  requests: Requests,
  table: TableDescription,
  name: string,
  { mayCreate, expiryIndex }: { mayCreate: boolean; expiryIndex: boolean },
): Promise<void> {
  const { TableStatus: status = '' } = table;
  if (status !== 'ACTIVE' && status !== 'UPDATING') {
    throw new Refused(
      `DynamoDB: the table ${name} is ${status.toLowerCase().replaceAll('_', ' ')}`,
    );
  }
  const faults = tableFaults(table, expiryIndex);
  const fault = await timeToLiveFault(requests, name);
  // A table that was made a moment ago, or whose maker was stopped half way.
  if (fault !== undefined && faults.length === 0 && mayCreate) {
    await enableTimeToLive(requests, name);
  } else if (faults.length > 0 || fault !== undefined) {
    const all = fault === undefined ? faults : [...faults, fault];
    throw new Refused(`DynamoDB: the table ${name} is not one of goredis: ${all.join('; ')}`);
  }
  const format = await formatOf(requests, name);
  if (format !== FORMAT) {
    throw new Refused(
      `DynamoDB: the table ${name} has format ${format}, this goredis knows format ${FORMAT}: start a newer one`,
    );
  }
}

async function absence(client: DynamoDBClient, name: string, where: string): Promise<string> {
  const region = `--region ${await client.config.region()}`;
  const options = where.startsWith('at ') ? `${region} --endpoint-url ${where.slice(3)}` : region;
  return `DynamoDB ${where}: there is no table ${name}; --dynamodb-create-table yes makes it, or the AWS CLI:\n\n${tableCommands(name, options).join(' &&\n')}\n`;
}
