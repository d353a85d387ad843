/** What the answers of one endpoint have named so far, and its names turned into common ones. */
import type { Answer } from './ask';
import type { Fields } from './compared';

export class SeenStreams {
  /** The newest stream. */
  arn = '';
  /** Its first shard. */
  shardId = '';
  /** The iterator that the request of that title gave. */
  readonly iterators = new Map<string, string>();
  /** The sequence numbers of records, in the order of their first appearance. */
  readonly numbers: string[] = [];

  private readonly names = new Map<string, string>();

  /** Remembers the names in an answer. Returns it with common names in their places. */
  read(title: string, { status, body }: Answer): Answer {
    return { status, body: this.common(title, body as Fields) };
  }

  private common(title: string, body: Fields): Fields {
    const told = body['Table'] ?? body['TableDescription'];
    if (told !== undefined) return this.named(pick(told as Fields, STREAM_FIELDS)) as Fields;
    const description = body['StreamDescription'] as Fields | undefined;
    const [shard] = (description?.['Shards'] ?? []) as { ShardId: string }[];
    if (shard !== undefined) this.shardId = shard.ShardId;
    const iterator = body['ShardIterator'] ?? body['NextShardIterator'];
    if (iterator !== undefined) this.iterators.set(title, iterator as string);
    return this.named(body) as Fields;
  }

  private named(value: unknown, field = ''): unknown {
    if (Array.isArray(value)) return value.map((each) => this.named(each));
    if (typeof value !== 'object' || value === null) return this.name(value, field);
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, this.named(each, name)]),
    );
  }

  private name(value: unknown, field: string): unknown {
    switch (field) {
      case 'LatestStreamArn':
        this.arn = value as string;
        return this.numbered(value, 'stream');
      case 'StreamArn':
        return this.numbered(value, 'stream');
      case 'LatestStreamLabel':
      case 'StreamLabel':
        return this.numbered(value, 'label');
      case 'ShardId':
        return this.numbered(value, 'shard');
      case 'StartingSequenceNumber':
        // DynamoDB Local begins with the number of the first record; nobody promises that.
        return 'a number';
      case 'SequenceNumber':
      case 'EndingSequenceNumber': {
        const number = value as string;
        if (!this.numbers.includes(number)) this.numbers.push(number);
        return `number ${this.numbers.indexOf(number)}`;
      }
      case 'CreationRequestDateTime':
        return typeof value;
      case 'ApproximateCreationDateTime':
        // Both in whole seconds, those of DynamoDB Local in whole minutes.
        return Number.isInteger(value) ? 'whole seconds' : value;
      case 'ShardIterator':
      case 'NextShardIterator':
      case 'eventID':
      case 'awsRegion':
        return typeof value;
      case 'message':
        return (value as string).replace(/arn:aws:dynamodb:\S*/, 'arn');
      default:
        // Failures are read by people.
        return String(value).length > 100 ? `${field} of ${String(value).length}` : value;
    }
  }

  private numbered(value: unknown, what: string): string {
    const text = value as string;
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const number = [...this.names.values()].filter((name) => name.startsWith(what)).length;
    const name = `${what} ${number}`;
    this.names.set(text, name);
    return name;
  }
}

const STREAM_FIELDS = ['StreamSpecification', 'LatestStreamArn', 'LatestStreamLabel'];

function pick(of: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, of[name]]));
}
