/** The table: what it must be, making it, and whether one that is there is right. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type KeySchemaElement,
  type TableDescription,
  type UpdateTimeToLiveCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Requests } from './requests';

/** The index on deadlines. */
export const EXPIRY_INDEX = 'exp';

/** For CreateTable; also what a table that is there is compared with. */
export function tableDefinition(name: string): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'p', AttributeType: 'B' },
      { AttributeName: 's', AttributeType: 'B' },
      { AttributeName: 'xb', AttributeType: 'N' },
      { AttributeName: 'x', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'p', KeyType: 'HASH' },
      { AttributeName: 's', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: EXPIRY_INDEX,
        KeySchema: [
          { AttributeName: 'xb', KeyType: 'HASH' },
          { AttributeName: 'x', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  };
}

/** For UpdateTimeToLive, which is no part of CreateTable. */
export function timeToLive(name: string): UpdateTimeToLiveCommandInput {
  return {
    TableName: name,
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  };
}

/**
 * What makes the table by hand: a line each for the AWS CLI.
 * @param options such as `--region eu-west-1`, for every command
 */
export function tableCommands(name: string, options: string): readonly string[] {
  const aws = `aws dynamodb`;
  const json = (input: object): string => `--cli-input-json '${JSON.stringify(input)}'`;
  return [
    `${aws} create-table ${options} ${json(tableDefinition(name))}`,
    `${aws} wait table-exists ${options} --table-name ${name}`,
    `${aws} update-time-to-live ${options} ${json(timeToLive(name))}`,
  ];
}

/** Asks for the table. Another node may do so at the same time. */
export async function createTable(requests: Requests, name: string): Promise<void> {
  try {
    await requests.once(() => new CreateTableCommand(tableDefinition(name)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

/** @returns undefined if there is no table */
export async function describeTable(
  requests: Requests,
  name: string,
): Promise<TableDescription | undefined> {
  try {
    const answer = await requests.once(() => new DescribeTableCommand({ TableName: name }));
    return answer.Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** How many items the table has, more or less. */
export async function approximateSize(requests: Requests, name: string): Promise<number> {
  const { Table: table } = await requests.repeated(
    () => new DescribeTableCommand({ TableName: name }),
  );
  return table?.ItemCount ?? 0;
}

/** What is wrong with the time to live, and so would keep dead items for ever; undefined if it is right. */
export async function timeToLiveFault(
  requests: Requests,
  name: string,
): Promise<string | undefined> {
  const { TimeToLiveDescription: ttl } = await requests.once(
    () => new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const { TimeToLiveStatus: status = 'DISABLED', AttributeName: attribute = '' } = ttl ?? {};
  if (!status.startsWith('ENABL')) return 'time to live is off, must be on for the attribute ttl';
  return attribute === 'ttl'
    ? undefined
    : `time to live is on for the attribute ${attribute}, must be for ttl`;
}

/** Another node may do so at the same time. */
export async function enableTimeToLive(requests: Requests, name: string): Promise<void> {
  try {
    await requests.once(() => new UpdateTimeToLiveCommand(timeToLive(name)));
  } catch (error) {
    if ((await timeToLiveFault(requests, name)) !== undefined) throw error;
  }
}

/**
 * What of a table is not as it must be, but for the time to live.
 * @param expiryIndex whether the index is used
 */
export function tableFaults(table: TableDescription, expiryIndex: boolean): readonly string[] {
  const wanted = tableDefinition('');
  const faults: string[] = [];
  const compare = (what: string, found: string, right: string): void => {
    if (found !== right) faults.push(`${what} ${found}, must be ${right}`);
  };
  compare('keys are', keysOf(table, table.KeySchema), keysOf(wanted, wanted.KeySchema));
  if (expiryIndex) {
    const find = ({ IndexName }: { IndexName?: string | undefined }): boolean =>
      IndexName === EXPIRY_INDEX;
    const index = table.GlobalSecondaryIndexes?.find(find);
    const right = wanted.GlobalSecondaryIndexes!.find(find)!;
    const what = `index ${EXPIRY_INDEX}`;
    if (index === undefined) {
      faults.push(`${what} is missing, must be ${keysOf(wanted, right.KeySchema)}`);
    } else {
      compare(`${what} is`, keysOf(table, index.KeySchema), keysOf(wanted, right.KeySchema));
      if (index.IndexStatus === 'CREATING') faults.push(`${what} is not ready yet`);
    }
  }
  const { StreamEnabled: streams = false, StreamViewType: view = '' } =
    table.StreamSpecification ?? {};
  compare('stream is', streams ? view : 'off', wanted.StreamSpecification!.StreamViewType!);
  const local = (table.LocalSecondaryIndexes ?? []).map(({ IndexName }) => IndexName);
  // With one, no partition may grow beyond 10 GB.
  if (local.length > 0) faults.push(`local indexes are ${local.join(', ')}, must be none`);
  return faults;
}

/** Provisioned capacity works, but what is above it is throttled. */
export function isOnDemand({ BillingModeSummary: summary }: TableDescription): boolean {
  // Absent from tables that have always been provisioned.
  return summary?.BillingMode === 'PAY_PER_REQUEST';
}

/** Such as `p (B, hash), s (B, range)`. */
function keysOf(
  { AttributeDefinitions: types = [] }: Pick<TableDescription, 'AttributeDefinitions'>,
  schema: readonly KeySchemaElement[] | undefined,
): string {
  const shown = (schema ?? []).map(({ AttributeName: name, KeyType: kind }) => {
    const type = types.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    return `${name} (${type}, ${kind?.toLowerCase()})`;
  });
  return shown.join(', ');
}
