/**
 * What a fake endpoint does wrong on purpose: by a script, request by request, or at random from a
 * seed. Errors that DynamoDB answers leave the table as it was, but for `after`.
 */
import { seeded, type Random } from '../../../src/lib/random';
import { SYSTEM } from '../../../src/stores/dynamodb/format';
import { WireError, cancelled } from './errors';
import type { SeenRequest } from './seen-request';
import { expired, tooManyReaders, trimmed } from './streams/stream-errors';

export type Fault =
  /** Answers an error; `after`: although the request was applied. */
  | { readonly kind: 'error'; readonly error: WireError; readonly after?: boolean }
  /** Cuts the connection; `after`: when the request has been applied. */
  | { readonly kind: 'reset'; readonly after: boolean }
  /** Applies and answers the request after so many milliseconds. */
  | { readonly kind: 'delay'; readonly ms: number }
  /**
   * Keeps the request until somebody delivers it. The client sees its connection cut, or with
   * `silent` nothing at all until it has waited long enough.
   */
  | { readonly kind: 'hold'; readonly silent?: boolean }
  /** Something happens before the request is applied; `after`: before its answer is on its way. */
  | {
      readonly kind: 'meanwhile';
      readonly happens: () => Promise<unknown>;
      readonly after?: boolean;
    }
  /** Throttles one key, however it is asked for. */
  | { readonly kind: 'throttled key'; readonly key: string }
  /** Leaves so many keys of a BatchGetItem unprocessed. */
  | { readonly kind: 'unprocessed'; readonly keys: number };

export type When = (request: SeenRequest) => boolean;

/** Parts of 1 of the requests that can meet the fault. */
export interface FaultRates {
  readonly throttle?: number;
  readonly serverError?: number;
  readonly resetBefore?: number;
  readonly resetAfter?: number;
  /** Held, and delivered a random while later. */
  readonly late?: number;
  readonly conflict?: number;
  readonly unprocessed?: number;
}

/** Parts of 1 of the requests to streams that meet the fault. */
export interface StreamFaultRates {
  readonly throttle?: number;
  readonly serverError?: number;
  readonly reset?: number;
  /** Iterators that are refused as too old. */
  readonly expired?: number;
}

export const WRITES = new Set(['UpdateItem', 'PutItem', 'DeleteItem', 'TransactWriteItems']);
const STREAM_CALLS = new Set(['DescribeStream', 'GetShardIterator', 'GetRecords']);
const ITEM_CALLS = new Set([...WRITES, 'GetItem', 'BatchGetItem', 'TransactGetItems']);

export const onOperation =
  (...names: readonly string[]): When =>
  ({ operation }) =>
    names.includes(operation);

export const onKey =
  (key: string): When =>
  ({ keys }) =>
    keys.includes(key);

export const onWrite: When = ({ operation }) => WRITES.has(operation);

/** Of one of goredis's own items: a beacon, a setting. */
export const onSystemItem: When = ({ body }) => {
  const { p } = (body['Key'] ?? {}) as { p?: { B: string } };
  return p !== undefined && Buffer.from(p.B, 'base64')[0] === SYSTEM;
};

export const not =
  (condition: When): When =>
  (request) =>
    !condition(request);

/** What all of them take. */
export const all =
  (...conditions: readonly When[]): When =>
  (request) =>
    conditions.every((takes) => takes(request));

/** A GetShardIterator or GetRecords of this shard, or of any. */
export const onShard =
  (id?: string): When =>
  ({ shardId }) =>
    shardId !== undefined && shardId === (id ?? shardId);

/** The request that settles whether another one was applied. */
export const onFence: When = ({ operation, body }) =>
  operation === 'UpdateItem' && String(body['UpdateExpression']).startsWith('SET #f = :sent');

/** @param reason as ThrottlingReason has them: 'TableWriteKeyRangeThroughputExceeded', ... */
export function throttling(reason = 'TableWriteKeyRangeThroughputExceeded'): WireError {
  return new WireError(
    'ThrottlingException',
    'Throughput exceeds the current capacity of your table or index.',
    { throttlingReasons: [{ reason, resource: 'arn:aws:dynamodb:us-east-1:0:table/fake' }] },
  );
}

export function throttled(reason?: string): Fault {
  return { kind: 'error', error: throttling(reason) };
}

export function serverError(status: 500 | 503 = 500, after = false): Fault {
  const type = status === 500 ? 'InternalServerError' : 'ServiceUnavailable';
  return { kind: 'error', error: new WireError(type, 'Internal server error', {}, status), after };
}

export function conflict(): Fault {
  const error = new WireError(
    'TransactionConflictException',
    'Transaction is ongoing for the item',
  );
  return { kind: 'error', error };
}

/** A transaction that is cancelled, with a code for each of its items. */
export function cancelledBy(...codes: readonly string[]): Fault {
  const messages: Readonly<Record<string, string>> = {
    TransactionConflict: 'Transaction is ongoing for the item',
    ThrottlingError: 'Throughput exceeds the current capacity of your table or index.',
  };
  const reasons = codes.map((Code) => {
    const Message = messages[Code];
    return Message === undefined ? { Code } : { Code, Message };
  });
  return { kind: 'error', error: cancelled(reasons) };
}

/** What a request gets that was signed by a clock that is wrong. */
export function expiredSignature(): Fault {
  const text = 'Signature expired: 20261121T190000Z is now earlier than 20261121T192000Z';
  return { kind: 'error', error: new WireError('InvalidSignatureException', text) };
}

export function expiredCredentials(): Fault {
  const error = new WireError(
    'ExpiredTokenException',
    'The security token included in the request is expired',
  );
  return { kind: 'error', error };
}

export function expiredIterator(): Fault {
  return { kind: 'error', error: expired() };
}

/** What a reader asks for is older than a day. */
export function trimmedData(): Fault {
  return { kind: 'error', error: trimmed() };
}

/** More than two processes read the shard. */
export function limitExceeded(): Fault {
  return { kind: 'error', error: tooManyReaders() };
}

interface Rule {
  readonly fault: Fault;
  readonly when: When;
  left: number;
}

export class Faults {
  private readonly rules: Rule[] = [];
  private random: Random | undefined;
  private rates: FaultRates = {};
  private streamRandom: Random | undefined;
  private streamRates: StreamFaultRates = {};

  /** The next request that `when` takes meets the fault, or the next few. */
  once(fault: Fault, when: When = () => true, times = 1): void {
    this.rules.push({ fault, when, left: times });
  }

  /** All such requests meet it, until the returned function is called. */
  always(fault: Fault, when: When = () => true): () => void {
    const rule = { fault, when, left: Infinity };
    this.rules.push(rule);
    return () => void this.rules.splice(this.rules.indexOf(rule), 1);
  }

  /** From now on requests for items meet faults at random. */
  seed(seed: number, rates: FaultRates): void {
    this.random = seeded(seed);
    this.rates = rates;
  }

  /** From now on requests to streams do. They draw apart, since nobody knows how often they come. */
  seedStreams(seed: number, rates: StreamFaultRates): void {
    this.streamRandom = seeded(seed);
    this.streamRates = rates;
  }

  /** No fault any more. */
  clear(): void {
    this.rules.length = 0;
    this.rates = {};
    this.streamRates = {};
  }

  /** What the request is to meet, and what delivers it if it is held. */
  next(request: SeenRequest): Fault | 'late' | undefined {
    const rule = this.rules.find(({ when }) => when(request));
    if (rule === undefined) return this.drawn(request);
    if (--rule.left === 0) this.rules.splice(this.rules.indexOf(rule), 1);
    return rule.fault;
  }

  private drawn({ operation, keys }: SeenRequest): Fault | 'late' | undefined {
    const { random, rates } = this;
    if (STREAM_CALLS.has(operation)) return this.drawnForStream(operation);
    if (random === undefined || !ITEM_CALLS.has(operation)) return undefined;
    const isWrite = WRITES.has(operation);
    const chance = (rate: number | undefined): boolean =>
      rate !== undefined && rate > 0 && random.next() < rate;
    if (chance(rates.throttle)) return throttled();
    if (chance(rates.serverError)) return serverError(500, random.below(2) === 0);
    if (chance(rates.resetBefore)) return { kind: 'reset', after: false };
    if (isWrite && chance(rates.resetAfter)) return { kind: 'reset', after: true };
    if (isWrite && chance(rates.late)) return 'late';
    if (operation === 'BatchGetItem' && chance(rates.unprocessed)) {
      return { kind: 'unprocessed', keys: 1 + random.below(keys.length) };
    }
    if (!chance(rates.conflict)) return undefined;
    if (operation === 'UpdateItem') return conflict();
    if (!operation.startsWith('Transact')) return undefined;
    const at = random.below(keys.length);
    return cancelledBy(...keys.map((_, i) => (i === at ? 'TransactionConflict' : 'None')));
  }

  private drawnForStream(operation: string): Fault | undefined {
    const { streamRandom: random, streamRates: rates } = this;
    const chance = (rate: number | undefined): boolean =>
      random !== undefined && rate !== undefined && rate > 0 && random.next() < rate;
    if (chance(rates.throttle)) return random!.below(2) === 0 ? throttled() : limitExceeded();
    if (chance(rates.serverError)) return serverError();
    // A lost answer is no different from a lost request: nothing was changed.
    if (chance(rates.reset)) return { kind: 'reset', after: true };
    return operation === 'GetRecords' && chance(rates.expired) ? expiredIterator() : undefined;
  }
}
