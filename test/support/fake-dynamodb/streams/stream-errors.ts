/** Errors of DynamoDB Streams. Where its words are not known, they are those of its model. */
import { WireError } from '../errors';

export const noStream = (arn: string): WireError =>
  new WireError(
    'ResourceNotFoundException',
    `Requested resource not found: Stream: ${arn} not found`,
  );

export const streamGone = (): WireError =>
  new WireError('ResourceNotFoundException', 'Stream does not exist');

export const noShard = (): WireError =>
  new WireError('ResourceNotFoundException', 'Shard does not exist');

export const trimmed = (): WireError =>
  new WireError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );

export const expired = (): WireError =>
  new WireError('ExpiredIteratorException', 'The shard iterator has expired.');

/** More than two processes read a shard. */
export const tooManyReaders = (): WireError =>
  new WireError('LimitExceededException', 'Too many readers of the shard.');
