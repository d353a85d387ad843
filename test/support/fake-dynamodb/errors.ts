/** Errors as DynamoDB sends them: a type, a message, sometimes more. */
import type { Item } from './attributes';

const PREFIX = 'com.amazonaws.dynamodb.v20120810#';
/** Errors of the layer in front of DynamoDB carry another prefix. */
const FRONT_PREFIX = 'com.amazon.coral.validate#';
const FRONT_ERRORS = new Set(['ValidationException']);
const SERVICE_PREFIX = 'com.amazon.coral.service#';
const SERVICE_ERRORS = new Set([
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'UnknownOperationException',
  'SerializationException',
]);

export class WireError extends Error {
  /** What the refused write is charged nevertheless. */
  writeUnits = 0;

  constructor(
    readonly type: string,
    message: string | undefined,
    readonly more: Readonly<Record<string, unknown>> = {},
    readonly status = 400,
  ) {
    super(message);
  }

  get body(): Record<string, unknown> {
    const prefix = FRONT_ERRORS.has(this.type)
      ? FRONT_PREFIX
      : SERVICE_ERRORS.has(this.type)
        ? SERVICE_PREFIX
        : PREFIX;
    return {
      __type: prefix + this.type,
      ...(this.message !== '' && { message: this.message }),
      ...this.more,
    };
  }
}

export const invalid = (message: string): WireError =>
  new WireError('ValidationException', message);

export const noTable = (): WireError =>
  new WireError('ResourceNotFoundException', 'Requested resource not found');

export const conditionFailed = (item: Item | undefined): WireError =>
  new WireError('ConditionalCheckFailedException', 'The conditional request failed', {
    ...(item !== undefined && { Item: item }),
  });

/** One entry for each item of a cancelled transaction, in its order. */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: Item;
}

export function cancelled(reasons: readonly CancellationReason[]): WireError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new WireError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    // This one error spells it with a capital letter.
    { CancellationReasons: reasons },
  );
}
