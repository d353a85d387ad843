/** A table on a fake endpoint whose clock stands still, and a reader of its stream. */
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type DescribeStreamCommandInput,
  type GetRecordsCommandOutput,
  type ShardIteratorType,
  type StreamDescription,
} from '@aws-sdk/client-dynamodb-streams';
import { ManualClock } from '../../../../src/lib/clock';
import { tableDefinition } from '../../../../src/stores/dynamodb/table';
import { ask } from '../ask';
import { FakeDynamo, type FakeDynamoOptions } from '../fake-dynamodb';
import type { OtherProgram } from '../other-program';
import type { Shard } from './shard';
import type { FakeStream } from './stream';

export const TABLE = 'goredis';

export const keyOf = (name: string) => ({
  p: { B: Buffer.from(name) },
  s: { B: Buffer.from('s') },
});

export class Reading {
  static async start(options: FakeDynamoOptions = {}): Promise<Reading> {
    const clock = new ManualClock();
    const fake = await FakeDynamo.start({ nowMs: () => clock.nowMs(), ...options });
    await ask(fake.endpoint, 'CreateTable', tableDefinition(TABLE));
    fake.takeRequests();
    return new Reading(clock, fake);
  }

  readonly program: OtherProgram;
  private readonly client: DynamoDBStreamsClient;

  private constructor(
    readonly clock: ManualClock,
    readonly fake: FakeDynamo,
  ) {
    this.program = fake.otherProgram(TABLE);
    this.client = new DynamoDBStreamsClient({
      endpoint: fake.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
      maxAttempts: 1,
    });
  }

  get stream(): FakeStream {
    return this.fake.streams.of(TABLE);
  }

  /** The first. */
  get shard(): Shard {
    return this.stream.shards[0]!;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.fake.stop();
  }

  /** Puts an item with a partition of its own. */
  put(name: string, more: object = {}): void {
    this.program.putItem({ ...keyOf(name), n: { S: name }, ...more });
  }

  async describe(more: Partial<DescribeStreamCommandInput> = {}): Promise<StreamDescription> {
    const { arn } = this.stream;
    const answer = await this.client.send(new DescribeStreamCommand({ StreamArn: arn, ...more }));
    return answer.StreamDescription!;
  }

  async shardIds(more: Partial<DescribeStreamCommandInput> = {}): Promise<string[]> {
    const { Shards: shards = [] } = await this.describe(more);
    return shards.map(({ ShardId: id }) => id!);
  }

  async iterator(
    type: ShardIteratorType,
    of: Shard = this.shard,
    SequenceNumber?: string,
  ): Promise<string> {
    const answer = await this.client.send(
      new GetShardIteratorCommand({
        StreamArn: this.stream.arn,
        ShardId: of.id,
        ShardIteratorType: type,
        ...(SequenceNumber !== undefined && { SequenceNumber }),
      }),
    );
    return answer.ShardIterator!;
  }

  read(ShardIterator: string | undefined, Limit?: number): Promise<GetRecordsCommandOutput> {
    const limit = Limit === undefined ? {} : { Limit };
    return this.client.send(new GetRecordsCommand({ ShardIterator, ...limit }));
  }

  /** What a shard tells from its beginning until its end, or until a page is empty. */
  async readAll(of: Shard = this.shard): Promise<{ names: string[]; isEnd: boolean }> {
    const names: string[] = [];
    let iterator: string | undefined = await this.iterator('TRIM_HORIZON', of);
    for (;;) {
      const page = await this.read(iterator);
      names.push(...namesIn(page));
      iterator = page.NextShardIterator;
      if (iterator === undefined) return { names, isEnd: true };
      if ((page.Records ?? []).length === 0) return { names, isEnd: false };
    }
  }
}

export function namesIn({ Records: records = [] }: GetRecordsCommandOutput): string[] {
  return records.map(({ dynamodb }) => Buffer.from(dynamodb!.Keys!['p']!.B!).toString());
}

export function numbersIn({ Records: records = [] }: GetRecordsCommandOutput): string[] {
  return records.map(({ dynamodb }) => dynamodb!.SequenceNumber!);
}
