/** The tables of the endpoint, and the calls that make and describe them. */
import type { TypeLetter } from './attributes';
import { WireError, noTable } from './errors';
import type { Body } from './expressions';
import { Table, type KeyAttribute } from './table';

interface Schema {
  readonly KeySchema: readonly { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
}
interface IndexSchema extends Schema {
  readonly IndexName: string;
}

export class Tables {
  private readonly tables = new Map<string, Table>();

  constructor(readonly nowMs: () => number) {}

  /** @throws WireError */
  named(name: unknown): Table {
    const table = this.tables.get(String(name));
    if (table === undefined) throw noTable();
    return table;
  }

  /** As somebody's DeleteTable does. */
  drop(name: string): void {
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
    const { AttributeDefinitions, KeySchema, StreamSpecification } = body;
    const description = {
      TableName: name,
      AttributeDefinitions,
      KeySchema,
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
      CreationDateTime: this.nowMs() / 1000,
      BillingModeSummary: { BillingMode: body['BillingMode'] },
      ...(StreamSpecification !== undefined && { StreamSpecification }),
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, IndexStatus: 'ACTIVE' })),
      }),
    };
    const table = new Table(definition, description, this.nowMs);
    this.tables.set(name, table);
    return { TableDescription: { ...this.describe(table), TableStatus: 'CREATING' } };
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
    return { ...table.description, TableStatus: 'ACTIVE', ItemCount: table.size };
  }
}
