/** Lists the shards of a stream. */
import {
  DescribeStreamCommand,
  type DescribeStreamInput,
  type Shard,
  type StreamDescription,
} from '@aws-sdk/client-dynamodb-streams';

/** DescribeStream may be called ten times a second, by all who follow together. */
const PAGE_PAUSE_MS = 200;

export interface Describing {
  readonly arn: string;
  /** One call, counted; rejects with the SDK's error. */
  describe(command: DescribeStreamCommand): Promise<StreamDescription>;
  pause(ms: number): Promise<void>;
}

/** Every shard that the stream still has, also those that ended long ago. */
export async function allShards(stream: Describing): Promise<Shard[]> {
  const shards: Shard[] = [];
  for (let from: string | undefined; ;) {
    const page = await stream.describe(command(stream, from && { ExclusiveStartShardId: from }));
    shards.push(...(page.Shards ?? []));
    from = page.LastEvaluatedShardId;
    if (from === undefined) return shards;
    await stream.pause(PAGE_PAUSE_MS);
  }
}

/**
 * The children of a shard, as far as the stream lists them already.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ShardFilter.html
 */
export async function childShards(stream: Describing, parent: string): Promise<Shard[]> {
  const page = await stream.describe(
    command(stream, { ShardFilter: { Type: 'CHILD_SHARDS', ShardId: parent } }),
  );
  // Where the filter is not known, it is ignored.
  return (page.Shards ?? []).filter(({ ParentShardId }) => ParentShardId === parent);
}

function command(
  { arn }: Describing,
  input: Partial<DescribeStreamInput> | '' | undefined,
): DescribeStreamCommand {
  return new DescribeStreamCommand({ StreamArn: arn, ...(input || {}) });
}
