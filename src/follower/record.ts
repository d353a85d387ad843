/** What the stream of a table tells, as the follower hands it on. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb-streams';

export type StreamItem = Record<string, AttributeValue>;

/** One change of one item. Images are as they came: whoever needs them decodes them. */
export interface StreamRecord {
  readonly shard: string;
  /** Rises within a shard, and from a shard to its children. */
  readonly sequence: string;
  readonly keys: StreamItem;
  /** Undefined: the item is gone. */
  readonly newImage: StreamItem | undefined;
  /** Undefined: there was none. */
  readonly oldImage: StreamItem | undefined;
  /** What DynamoDB says the images take, in bytes. */
  readonly sizeBytes: number;
}

/**
 * Whether a sequence number comes after another. They are decimal numbers of up to 40 digits.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
 */
export function isAfter(sequence: string, other: string): boolean {
  if (sequence.length === other.length) return sequence > other;
  return BigInt(sequence) > BigInt(other);
}
