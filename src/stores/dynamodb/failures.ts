/** What an error of the SDK means for a request. */
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { StoreError, type StoreErrorCode } from '../../errors';

/**
 * - `again`: nothing happened, and it may go better later (throttled, in conflict, never sent).
 * - `lost`: it may have happened.
 * - `refused`: its condition did not hold.
 * - `wrong`: it will never succeed.
 */
export type Failure = 'again' | 'lost' | 'refused' | 'wrong';

const AGAIN = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  'RequestTimeTooSkewed',
  'RequestExpired',
]);
/**
 * The clock by which the request was signed is wrong, or the machine has slept: of the answer the SDK
 * learns the time for the next one. 'Signature expired: ...', 'Signature not yet current: ...'.
 */
const SIGNED_AT_ANOTHER_TIME = /^Signature (expired|not yet current)/;
/** In the reasons of a cancelled transaction. */
const AGAIN_REASONS = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);
/** Nobody to sign the request. Credentials of a role, which come from elsewhere, may be back soon. */
const NO_CREDENTIALS = 'CredentialsProviderError';
/** The code of an error of client.ts: a connection was not made in time. */
export const NO_CONNECTION = 'NO_CONNECTION';
/** The code of an error of attempts.ts: a request had no room in time. */
export const NOT_IN_TIME = 'NOT_IN_TIME';
/** The request has not left, if it is not reading or writing that failed. */
const NOT_SENT = new Set([
  NO_CONNECTION,
  NOT_IN_TIME,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** 'Item size has exceeded', 'payload size cannot exceed 4MB', 'Payload in response is too large'. */
const TOO_LARGE = /\bsize\b|too large/i;

export function failureOf(error: unknown): Failure {
  // It was not made at all: what it was to hold is too large, say.
  if (error instanceof StoreError) return 'wrong';
  const { name, message, code, syscall, $metadata } = error as {
    name?: string;
    message?: string;
    code?: string;
    syscall?: string;
    $metadata?: { httpStatusCode?: number };
  };
  if (name === 'ConditionalCheckFailedException') return 'refused';
  if (error instanceof TransactionCanceledException) {
    const reasons = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
    if (reasons.includes('ConditionalCheckFailed')) return 'refused';
    return reasons.some((reason) => AGAIN_REASONS.has(reason)) ? 'again' : 'wrong';
  }
  if (name !== undefined && AGAIN.has(name)) return 'again';
  if (name === NO_CREDENTIALS) return 'again';
  if (name === 'InvalidSignatureException' && SIGNED_AT_ANOTHER_TIME.test(message ?? '')) {
    return 'again';
  }
  // A connection that was there may lose its way with the request on it.
  if (code !== undefined && NOT_SENT.has(code) && syscall !== 'read' && syscall !== 'write') {
    return 'again';
  }
  const status = $metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500 ? 'wrong' : 'lost';
}

/** Whether DynamoDB is there, but asks to be asked less. */
export function isThrottled(error: unknown): boolean {
  return AGAIN.has((error as Partial<Error>).name ?? '');
}

/** A failed request as the engine is to see it, when nothing happened. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = failureOf(error) === 'wrong' ? wrongCode(error) : 'unavailable';
  return new StoreError(code, `DynamoDB: ${reasonOf(error)}`, { cause: error });
}

/** Too much in one request, a request that is a bug, or anything else that will not succeed. */
function wrongCode(error: unknown): StoreErrorCode {
  const { name, message = '' } = error as Partial<Error>;
  let texts: readonly string[] = name === 'ValidationException' ? [message] : [];
  if (error instanceof TransactionCanceledException) {
    texts = (error.CancellationReasons ?? [])
      .filter(({ Code }) => Code === 'ValidationError')
      .map(({ Message }) => Message ?? '');
  }
  if (texts.length === 0) return 'failed';
  // DynamoDB tells sizes above its limits from mistakes by the text alone.
  return texts.every((text) => TOO_LARGE.test(text)) ? 'limit' : 'invalid';
}

/** An error of the SDK in one line. */
export function reasonOf(error: unknown): string {
  const { name = 'Error', message = '' } = error as Partial<Error>;
  const text = message.replace(/\s+/g, ' ').trim();
  // Errors of Node's sockets say all in their text.
  if (name === 'Error' && text !== '') return text;
  return text === '' ? name : `${name}: ${text}`;
}
