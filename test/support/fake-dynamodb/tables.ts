/** The tables of the endpoint, and the calls that make and describe them. */
import type { TypeLetter } from './attributes';
import { WireError, invalid, noTable } from './errors';
import type { Body } from './expressions';
import type { ViewType } from './streams/record';
import type { Streams } from './streams/streams';
import { Table, type KeyAttribute } from './table';

interface Schema {
  readonly KeySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
}
interface IndexSchema extends Schema {
  readonly IndexName: string;
}
interface StreamSpecification {
  readonly StreamEnabled: boolean;
  readonly StreamViewType?: ViewType;
}

export class Tables {
  private readonly tables = new Map<string, Table>();

  constructor(
    readonly nowMs: () => number,
    private readonly streams: Streams,
  ) {}

  /** @throws WireError */
  named(name: unknown): Table {
    const table = this.tables.get(String(name));
    if (table === undefined) throw noTable();
    return table;
  }

  /** As somebody's DeleteTable does. */
  drop(name: string): void {
    this.tables.get(name)?.stream?.disable();
    this.tables.delete(name);
  }

  create(body: Body): Body {
    const name = body['TableName'] as string;
    if (this.tables.has(name)) {
      throw new WireError('ResourceInUseException', `Table already exists: ${name}`);
    }
    const types = new Map(
      (body['AttributeDefinitions'] as { AttributeName: string; AttributeType: TypeLetter }[]).map(
        ({ AttributeName, AttributeType }) => [AttributeName, AttributeType],
      ),
    );
    const part = ({ KeySchema }: Schema, type: string): KeyAttribute | undefined => {
      const found = KeySchema.find(({ KeyType }) => KeyType === type)?.AttributeName;
      return found === undefined ? undefined : { name: found, type: types.get(found)! };
    };
    const keys = (schema: Schema) => ({
      hash: part(schema, 'HASH')!,
      range: part(schema, 'RANGE'),
    });
    const indexes = (body['GlobalSecondaryIndexes'] ?? []) as IndexSchema[];
    const definition = {
      name,
      ...keys(body as unknown as Schema),
      indexes: indexes.map((index) => ({ name: index.IndexName, ...keys(index) })),
    };
    const { AttributeDefinitions, KeySchema } = body;
    const description = {
      TableName: name,
      AttributeDefinitions,
      KeySchema,
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
      CreationDateTime: this.nowMs() / 1000,
      BillingModeSummary: { BillingMode: body['BillingMode'] },
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, IndexStatus: 'ACTIVE' })),
      }),
    };
    const table = new Table(definition, description, this.nowMs);
    this.tables.set(name, table);
    const stream = body['StreamSpecification'] as StreamSpecification | undefined;
    if (stream?.StreamEnabled === true) this.enableStream(name, stream.StreamViewType);
    return { TableDescription: { ...this.describe(table), TableStatus: 'CREATING' } };
  }

  /** Of all there is to update, the stream. */
  updateTable(body: Body): Body {
    const name = body['TableName'] as string;
    const wanted = body['StreamSpecification'] as StreamSpecification;
    const isEnabled = this.named(name).stream?.status === 'ENABLED';
    if (wanted.StreamEnabled === isEnabled) {
      throw invalid(
        isEnabled ? 'Table already has an enabled stream' : 'Table has no stream to disable',
      );
    }
    if (isEnabled) this.disableStream(name);
    else this.enableStream(name, wanted.StreamViewType);
    return { TableDescription: { ...this.describe(this.named(name)), TableStatus: 'UPDATING' } };
  }

  /** Makes a new stream, which knows nothing of the one before. */
  enableStream(name: string, view: ViewType = 'NEW_AND_OLD_IMAGES'): void {
    const table = this.named(name);
    const { TableArn, KeySchema } = table.description;
    table.stream = this.streams.enable({
      tableName: name,
      tableArn: TableArn as string,
      keySchema: KeySchema,
      view,
    });
  }

  disableStream(name: string): void {
    this.named(name).stream?.disable();
  }

  describeTable(body: Body): Body {
    return { Table: this.describe(this.named(body['TableName'])) };
  }

  describeTimeToLive(body: Body): Body {
    const { ttlAttribute } = this.named(body['TableName']);
    return {
      TimeToLiveDescription: {
        TimeToLiveStatus: ttlAttribute === undefined ? 'DISABLED' : 'ENABLED',
        ...(ttlAttribute !== undefined && { AttributeName: ttlAttribute }),
      },
    };
  }

  updateTimeToLive(body: Body): Body {
    const specification = body['TimeToLiveSpecification'] as {
      AttributeName: string;
      Enabled: boolean;
    };
    const { AttributeName, Enabled } = specification;
    this.named(body['TableName']).ttlAttribute = Enabled ? AttributeName : undefined;
    return { TimeToLiveSpecification: specification };
  }

  private describe(table: Table): Body {
    const { stream } = table;
    return {
      ...table.description,
      ...(stream?.status === 'ENABLED' && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: stream.of.view },
      }),
      ...(stream !== undefined && {
        LatestStreamLabel: stream.of.label,
        LatestStreamArn: stream.arn,
      }),
      TableStatus: 'ACTIVE',
      ItemCount: table.size,
    };
  }
}
