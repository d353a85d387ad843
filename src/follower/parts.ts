/** What a follower is made of. */
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Clock } from '../lib/clock';
import type { Logger } from '../lib/log';
import type { Random } from '../lib/random';
import type { BeaconKey } from './beacons';
import type { StreamRecord } from './record';

export interface FollowerParts {
  readonly streams: DynamoDBStreamsClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What is older than this is not fresh. */
  readonly maxStalenessMs: number;
  /** Calls of GetRecords a second, for each shard. */
  readonly callsPerSecond: number;
  /** The ARN of the table's stream; undefined while it has none. */
  findStream(): Promise<string | undefined>;
  writeBeacon(key: BeaconKey, number: number): Promise<void>;
  /** A change, in order for each item; may come twice after a gap. */
  onRecord(record: StreamRecord): void;
  /** Every shard is followed: all changes from now on are told. */
  onFollowing(): void;
  /** Changes may have been missed; `following` is false until all shards are followed again. */
  onGap(reason: string): void;
  /** Some more, maybe none, has been seen. */
  onPage(): void;
}

export type FollowerState = 'stopped' | 'starting' | 'following' | 'behind' | 'no-stream';
