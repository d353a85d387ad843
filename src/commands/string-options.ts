/** The options that SET and GETEX share. Source: parseExtendedStringArgumentsOrReply in t_string.c */
import { syntaxError } from '../errors';
import type { Argv } from '../engine/command';
import { deadlineAt, wordAt } from './args';

type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT';

export interface StringOptions {
  nx: boolean;
  xx: boolean;
  get: boolean;
  keepTtl: boolean;
  persist: boolean;
  expiry: ExpiryUnit | undefined;
  /** Position of the expiry's argument. It is read later than the options: a bad option comes first. */
  expiryIndex: number;
}

/**
 * Reads the options from `from` to the end. An option may be repeated, the last expiry counts.
 * @throws ReplyError syntaxError for unknown options, those of the other command, and conflicts
 */
export function stringOptions(argv: Argv, from: number, command: 'set' | 'getex'): StringOptions {
  const options: StringOptions = {
    nx: false,
    xx: false,
    get: false,
    keepTtl: false,
    persist: false,
    expiry: undefined,
    expiryIndex: 0,
  };
  for (let at = from; at < argv.length; at++) {
    const word = wordAt(argv, at);
    if (word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT') {
      const otherExpiry = options.expiry !== undefined && options.expiry !== word;
      if (options.keepTtl || options.persist || otherExpiry) throw syntaxError;
      at++;
      if (at === argv.length) throw syntaxError;
      options.expiry = word;
      options.expiryIndex = at;
    } else if (command === 'set') {
      readSetOption(options, word);
    } else {
      if (word !== 'PERSIST' || options.expiry !== undefined) throw syntaxError;
      options.persist = true;
    }
  }
  return options;
}

function readSetOption(options: StringOptions, word: string): void {
  if (word === 'NX' && !options.xx) options.nx = true;
  else if (word === 'XX' && !options.nx) options.xx = true;
  else if (word === 'GET') options.get = true;
  else if (word === 'KEEPTTL' && options.expiry === undefined) options.keepTtl = true;
  else throw syntaxError;
}

/**
 * The deadline the options ask for, in Unix milliseconds; undefined without one.
 * @throws ReplyError notInteger, or `invalid expire time in '<command>' command`
 */
export function optionDeadlineMs(
  options: StringOptions,
  argv: Argv,
  nowMs: number,
  command: 'set' | 'getex',
): number | undefined {
  const { expiry, expiryIndex } = options;
  if (expiry === undefined) return undefined;
  const unit = expiry === 'EX' || expiry === 'EXAT' ? 's' : 'ms';
  return deadlineAt(argv, expiryIndex, unit, isAbsolute(options) ? 'epoch' : 'now', nowMs, command);
}

/** Whether the expiry is a point in time, which may be past, and not a duration. */
export function isAbsolute({ expiry }: StringOptions): boolean {
  return expiry === 'EXAT' || expiry === 'PXAT';
}
