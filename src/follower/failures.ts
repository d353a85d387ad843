/** What an error of DynamoDB Streams means for whoever follows. */
import {
  ExpiredIteratorException,
  LimitExceededException,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';

/**
 * - `expired`: the iterator is too old; the position is not.
 * - `trimmed`: what comes next at the position is gone.
 * - `absent`: the stream, or the shard, is gone.
 * - `throttled`: too many calls; `failed`: anything else that may be well again later.
 */
export type StreamFailure = 'expired' | 'trimmed' | 'absent' | 'throttled' | 'failed';

const THROTTLED = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

export function streamFailureOf(error: unknown): StreamFailure {
  if (error instanceof ExpiredIteratorException) return 'expired';
  if (error instanceof TrimmedDataAccessException) return 'trimmed';
  if (error instanceof ResourceNotFoundException) return 'absent';
  const { name = '' } = error as Partial<Error>;
  return error instanceof LimitExceededException || THROTTLED.has(name) ? 'throttled' : 'failed';
}
