/**
 * The types an option can have: how its words are read and what CONFIG GET prints. Texts of errors
 * and limits of numbers are Redis's. Words are byte strings (latin1), as they come from a socket.
 * Source: config.c of Redis 7.0
 */
import { cString } from '../lib/bytes';
import { parseMemory } from '../lib/memory-size';
import { parseInt64 } from '../lib/numbers';
import {
  clientClassLines,
  memoryLine,
  pairLines,
  quotedLine,
  quotedLineUnlessUnset,
  type Written,
} from './written';

/** A value that an option refuses. The message is the reason alone, without the value: it may be a secret. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** A value as the server uses it, and as CONFIG GET prints it. */
export interface Parsed<T> {
  readonly value: T;
  readonly text: string;
}

export interface OptionType<T> {
  /** What the documentation says of the values. */
  readonly label: string;
  /** Whether the directive takes a list of words. */
  readonly list: boolean;
  /**
   * @param words one, unless it is a list
   * @param current the value so far, for types whose words change only a part of it
   * @throws BadValue
   */
  parse(words: readonly string[], current: T | undefined): Parsed<T>;
  /** The words for a value, joined by spaces. Inverse of `parse`. */
  format(value: T): string;
  /** Several lines of a file add up, by `current`. CONFIG SET begins anew. */
  readonly cumulative?: boolean;
  /** How a file says it, if not as CONFIG GET prints it. */
  readonly written?: Written;
}

interface Range {
  readonly min: bigint | number;
  readonly max: bigint | number;
  /** An unsigned C type: negative words wrap before the range is checked. */
  readonly unsigned?: boolean;
}

function inRange(value: bigint, range: Range): Parsed<number> {
  const number = range.unsigned === true ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (number < range.min || number > range.max) {
    throw new BadValue(`argument must be between ${range.min} and ${range.max} inclusive`);
  }
  // The text is exact, the number is not above 2^53: nothing is counted that far.
  return { value: Number(number), text: String(number) };
}

const rangeLabel = ({ min, max }: Range): string =>
  max > Number.MAX_SAFE_INTEGER ? `from ${min}` : `${min} to ${max}`;

export function integer(range: Range): OptionType<number> {
  return {
    label: `integer, ${rangeLabel(range)}`,
    list: false,
    parse([word = '']) {
      const value = parseInt64(word);
      if (value === undefined) throw new BadValue("argument couldn't be parsed into an integer");
      return inRange(value, range);
    },
    format: String,
  };
}

/** A number in octal, printed so. */
export function octal(range: { readonly min: number; readonly max: number }): OptionType<number> {
  const shown = (value: number): string => value.toString(8);
  return {
    label: `octal, ${shown(range.min)} to ${shown(range.max)}`,
    list: false,
    parse([word = '']) {
      if (!/^[+-]?[0-7]{0,20}$/.test(word)) {
        throw new BadValue("argument couldn't be parsed as an octal number");
      }
      const value = word === '' ? 0 : parseInt(word, 8);
      if (value < range.min || value > range.max) {
        throw new BadValue(
          `argument must be between ${shown(range.min)} and ${shown(range.max)} inclusive`,
        );
      }
      return { value, text: shown(value) };
    },
    format: shown,
  };
}

/** A number of bytes, printed without unit. */
export function memory(range: Range): OptionType<number> {
  return {
    label: `bytes, ${rangeLabel(range)}; units k kb m mb g gb`,
    list: false,
    written: memoryLine,
    parse([word = '']) {
      const value = parseMemory(word);
      if (value === undefined) throw new BadValue('argument must be a memory value');
      return inRange(value, range);
    },
    format: String,
  };
}

export function yesNo(): OptionType<boolean> {
  return {
    label: '`yes` or `no`',
    list: false,
    parse([word = '']) {
      const text = word.toLowerCase();
      if (text !== 'yes' && text !== 'no') throw new BadValue("argument must be 'yes' or 'no'");
      return { value: text === 'yes', text };
    },
    format: (value) => (value ? 'yes' : 'no'),
  };
}

export function oneOf<const T extends string>(names: readonly T[]): OptionType<T> {
  return {
    label: names.map((name) => `\`${name}\``).join(', '),
    list: false,
    parse([word = '']) {
      const name = names.find((candidate) => candidate === word.toLowerCase());
      if (name === undefined) {
        throw new BadValue(`argument(s) must be one of the following: ${names.join(', ')}`);
      }
      return { value: name, text: name };
    },
    format: (value) => value,
  };
}

/** Any bytes. */
export function anyBytes(): OptionType<string> {
  return {
    label: 'string',
    list: false,
    written: quotedLineUnlessUnset,
    parse: ([word = '']) => ({ value: word, text: word }),
    format: (value) => value,
  };
}

/** A C string: a byte 0 ends it. */
export function text(): OptionType<string> {
  return {
    ...anyBytes(),
    parse([word = '']) {
      const value = cString(word);
      return { value, text: value };
    },
  };
}

/** The address of a service, or empty. */
export function httpUrl(): OptionType<string> {
  return {
    ...text(),
    label: 'URL',
    parse([word = '']) {
      if (word !== '' && !(URL.canParse(word) && /^https?:$/.test(new URL(word).protocol))) {
        throw new BadValue('argument must be a URL that begins with http:// or https://');
      }
      return { value: word, text: word };
    },
  };
}

/** A file name: UTF-8 in its source, text here. */
export function path(): OptionType<string> {
  return {
    label: 'path',
    list: false,
    written: quotedLineUnlessUnset,
    parse([word = '']) {
      const name = cString(word);
      return { value: Buffer.from(name, 'latin1').toString(), text: name };
    },
    format: (value) => Buffer.from(value).toString('latin1'),
  };
}

/** An option whose empty value is one, not none. */
export function keptWhenEmpty<T>(type: OptionType<T>): OptionType<T> {
  return { ...type, written: quotedLine };
}

/** `sun_path` of unix(7), less the NUL at its end. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

/** The path of a Unix socket. The system would cut a longer one, without a word. */
export function socketPath(): OptionType<string> {
  const type = path();
  return {
    ...type,
    parse(list, current) {
      const parsed = type.parse(list, current);
      if (parsed.text.length > MAX_SOCKET_PATH) {
        throw new BadValue(`a socket's path has at most ${MAX_SOCKET_PATH} bytes`);
      }
      return parsed;
    },
  };
}

/** One empty word is the empty list. */
export function words({ atMost }: { atMost: number }): OptionType<readonly string[]> {
  return {
    label: 'words',
    list: true,
    parse(list) {
      if (list.length > atMost) throw new BadValue('Too many bind addresses specified.');
      const value = list.length === 1 && list[0] === '' ? [] : [...list];
      return { value, text: value.join(' ') };
    },
    format: (value) => value.join(' '),
  };
}

/** What a client may leave unread: beyond `hardBytes`, or `softBytes` for `softSeconds`, it is closed. 0: no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputLimits {
  readonly normal: OutputLimit;
  readonly replica: OutputLimit;
  readonly pubsub: OutputLimit;
}

const CLIENT_CLASSES = new Map<string, keyof OutputLimits>([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
]);

const NO_LIMIT: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
const NO_LIMITS: OutputLimits = { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT };

/** `class hard soft seconds`, repeated; classes that are not named keep their limits. */
export function outputLimits(): OptionType<OutputLimits> {
  const format = ({ normal, replica, pubsub }: OutputLimits): string =>
    Object.entries({ normal, slave: replica, pubsub })
      .map(([name, limit]) => `${name} ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`)
      .join(' ');
  return {
    label: '`class hard soft seconds`, repeated; classes `normal`, `replica`, `pubsub`',
    list: true,
    written: clientClassLines,
    parse(list, current) {
      if (list.length % 4 !== 0) {
        throw new BadValue('Wrong number of arguments in buffer limit configuration.');
      }
      const value = { ...NO_LIMITS, ...current };
      for (let at = 0; at < list.length; at += 4) {
        const [name = '', hard = '', soft = '', seconds = ''] = list.slice(at, at + 4);
        const clientClass = CLIENT_CLASSES.get(name.toLowerCase());
        if (clientClass === undefined) {
          throw new BadValue('Invalid client class specified in buffer limit configuration.');
        }
        const hardBytes = parseMemory(hard);
        const softBytes = parseMemory(soft);
        // strtoll into an int: blanks and + before it are read, more than 32 bits are not kept.
        const softSeconds = /^\s*[+-]?[0-9]*$/.test(seconds) ? Number(seconds) | 0 : -1;
        if (hardBytes === undefined || softBytes === undefined || softSeconds < 0) {
          throw new BadValue(
            'Error in hard, soft or soft_seconds setting in buffer limit configuration.',
          );
        }
        value[clientClass] = {
          hardBytes: Number(hardBytes),
          softBytes: Number(softBytes),
          softSeconds,
        };
      }
      return { value, text: format(value) };
    },
    format,
  };
}

/** `seconds changes`, repeated. */
export function savePoints(): OptionType<readonly number[]> {
  return {
    label: '`seconds changes`, repeated',
    list: true,
    cumulative: true,
    written: pairLines,
    parse(list, current = []) {
      if (list.length === 1 && list[0] === '') return { value: [], text: '' };
      const added = list.map(Number);
      const valid = added.every(
        (number, at) => /^[0-9]+$/.test(list[at] ?? '') && (at % 2 === 1 || number > 0),
      );
      if (added.length % 2 !== 0 || !valid) throw new BadValue('Invalid save parameters');
      const value = [...current, ...added];
      return { value, text: value.join(' ') };
    },
    format: (value) => value.join(' '),
  };
}
