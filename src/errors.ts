/**
 * Error classes and every error text that more than one file sends. Texts follow Redis 7.0,
 * because client libraries match on some of them.
 */

/**
 * An error the client may see. `code` is the first word on the wire and the only part a program
 * should test; the rest is for people.
 */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  /** The error as it goes over the wire. Line breaks cannot be part of a RESP error. */
  readonly wire: string;

  constructor(
    readonly code: string,
    text: string,
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.wire = `-${code} ${text.replace(/[\r\n]/g, ' ')}\r\n`;
  }
}

/**
 * What a store can say of a request that failed:
 * - `unavailable`: nothing happened; the client may send the command again.
 * - `unknown`: it may or may not have happened, and that cannot be found out.
 * - `limit`: the change is larger than the store can hold; nothing happened.
 * - `unsupported`: this store cannot do that at all; nothing happened.
 * - `invalid`: the store found the request itself wrong, which is a bug of goredis; nothing happened.
 * - `unreadable`: what is stored at one of the keys cannot be read; nothing happened.
 * - `failed`: anything else; nothing happened.
 */
export type StoreErrorCode =
  'unavailable' | 'unknown' | 'limit' | 'unsupported' | 'invalid' | 'unreadable' | 'failed';

/** An error of a store. The engine translates it to a reply in one place (`storeFailure`). */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly code: StoreErrorCode,
    text: string,
    options?: ErrorOptions,
  ) {
    super(text, options);
  }
}

/** The reply to a command whose store failed. First words a client may act on: `TRYAGAIN`, `UNKNOWNOUTCOME`. */
export function storeFailure(error: StoreError): ReplyError {
  switch (error.code) {
    case 'unavailable':
      return new ReplyError('TRYAGAIN', `store: ${error.message}`, { cause: error });
    case 'unknown':
      return new ReplyError(
        'UNKNOWNOUTCOME',
        `store: the write may or may not have happened: ${error.message}`,
        { cause: error },
      );
    case 'limit':
    case 'unsupported':
    case 'invalid':
    case 'unreadable':
    case 'failed':
      return new ReplyError('ERR', `store: ${error.message}`, { cause: error });
  }
}

const err = (text: string): ReplyError => new ReplyError('ERR', text);

/**
 * Singletons: thrown often, always alike, and their stack says nothing. Never add state to them.
 */
export const wrongType = new ReplyError(
  'WRONGTYPE',
  'Operation against a key holding the wrong kind of value',
);
export const syntaxError = err('syntax error');
export const notInteger = err('value is not an integer or out of range');
export const notFloat = err('value is not a valid float');
export const noSuchKey = err('no such key');
export const overflow = err('increment or decrement would overflow');
export const notPositive = err('value is out of range, must be positive');
export const indexOutOfRange = err('index out of range');
export const stringTooLong = err('string exceeds maximum allowed size (proto-max-bulk-len)');
export const textTooLong = err('argument is too long for a key, a field or a pattern');
export const dbOutOfRange = err('DB index is out of range');
export const notPersistent = err('goredis does not save: the memory store does not persist');
export const invalidCursor = err('invalid cursor');

/** `name` as Redis prints it: lower case, `parent|sub` for subcommands. */
export const wrongArity = (name: string): ReplyError =>
  err(`wrong number of arguments for '${name}' command`);

export const invalidExpire = (name: string): ReplyError =>
  err(`invalid expire time in '${name}' command`);

/** For a subcommand that does not exist; `container` in upper case, `sub` as the client wrote it. */
export const unknownSubcommand = (container: string, sub: string): ReplyError =>
  err(`unknown subcommand '${sub.slice(0, 128)}'. Try ${container.toUpperCase()} HELP.`);

/** A ReplyError with the code ERR. */
export { err as genericError };
