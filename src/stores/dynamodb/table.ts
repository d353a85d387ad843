/** The table: what it must be, making it, and whether one that is there is right. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Requests } from './requests';

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
        IndexName: 'exp',
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

/** Makes the table unless it is there. */
export async function createTable(requests: Requests, name: string): Promise<void> {
  try {
    await requests.once(new CreateTableCommand(tableDefinition(name)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await isActive(requests, name);
  const { TimeToLiveDescription: ttl } = await requests.repeated(
    () => new DescribeTimeToLiveCommand({ TableName: name }),
  );
  if (ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING') return;
  await requests.once(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    }),
  );
}

/** What of a table is not as it must be; undefined if there is no table. */
export async function tableFaults(
  requests: Requests,
  name: string,
): Promise<readonly string[] | undefined> {
  let table: TableDescription | undefined;
  try {
    ({ Table: table } = await requests.once(new DescribeTableCommand({ TableName: name })));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
  const { TimeToLiveDescription: ttl } = await requests.repeated(
    () => new DescribeTimeToLiveCommand({ TableName: name }),
  );
  const wanted = tableDefinition(name);
  const index = table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'exp');
  const facts: readonly (readonly [what: string, holds: boolean])[] = [
    ['keys: p (B, hash), s (B, range)', schemaOf(table) === schemaOf(wanted)],
    [
      'index exp: xb (N, hash), x (N, range)',
      schemaOf(index) === schemaOf(wanted.GlobalSecondaryIndexes?.[0]),
    ],
    [
      'stream: new and old images',
      table?.StreamSpecification?.StreamViewType === 'NEW_AND_OLD_IMAGES',
    ],
    [
      'time to live: ttl',
      ttl?.AttributeName === 'ttl' && /^ENABL/.test(ttl.TimeToLiveStatus ?? ''),
    ],
    ['no local index', (table?.LocalSecondaryIndexes ?? []).length === 0],
  ];
  return facts.filter(([, holds]) => !holds).map(([what]) => what);
}

async function isActive(requests: Requests, name: string): Promise<void> {
  const attempts = requests.attempts();
  for (;;) {
    const { Table: table } = await requests.repeated(
      () => new DescribeTableCommand({ TableName: name }),
    );
    if (table?.TableStatus === 'ACTIVE' || !(await attempts.pause())) return;
  }
}

function schemaOf(table: Pick<TableDescription, 'KeySchema'> | undefined): string {
  const parts = (table?.KeySchema ?? []).map(
    ({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`,
  );
  return parts.join();
}
