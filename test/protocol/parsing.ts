import { CommandNames } from '../../src/protocol/command-names';
import { defaultLimits, type Limits } from '../../src/protocol/limits';
import { ERROR, REQUEST, RequestParser } from '../../src/protocol/request-parser';
import type { Bytes } from '../../src/lib/bytes';
import { seeded, type Random } from '../../src/lib/random';

export const names = new CommandNames<string>();
names.add('ping', 'ping');
names.add('get', 'get', { first: 1, last: 1, step: 1 });
names.add('set', 'set', { first: 1, last: 1, step: 1 });
names.add('mset', 'mset', { first: 1, last: -1, step: 2 });
names.add('del', 'del', { first: 1, last: -1, step: 1 });
names.add('auth', 'auth');

/** What a parser made of a stream, in a form that two parsings can be compared by. */
export interface Parsed {
  /** Command found and argv; a Buffer is shown as such. */
  readonly requests: [command: string | undefined, argv: Bytes[]][];
  /** The error, or undefined while the connection goes on. */
  readonly error: string | undefined;
  readonly pending: number;
}

export interface ParseOptions {
  readonly trusted?: boolean;
  readonly limits?: Partial<Limits>;
}

export function newParser({ trusted = true, limits = {} }: ParseOptions = {}) {
  const parser = new RequestParser(names, { ...defaultLimits(), ...limits });
  parser.trusted = trusted;
  return parser;
}

/** One read buffer for all, as in the server: it is overwritten by the next read. */
const shared = Buffer.alloc(64 * 1024);

/** Parses `input` cut into pieces of the lengths that `size` gives. */
export function parse(input: Buffer, size: () => number, options?: ParseOptions): Parsed {
  const parser = newParser(options);
  const requests: Parsed['requests'] = [];
  for (let at = 0; at < input.length;) {
    const length = Math.min(Math.max(1, size()), input.length - at, shared.length);
    const start = at % 7;
    const end = Math.min(start + length, shared.length);
    shared.fill(0x31, 0, Math.min(shared.length, end + 16));
    input.copy(shared, start, at, at + end - start);
    at += end - start;
    parser.feed(shared, start, end);
    for (;;) {
      const status = parser.next();
      if (status === REQUEST) {
        requests.push([parser.command, parser.argv]);
      } else if (status === ERROR) {
        return { requests, error: parser.error, pending: parser.bytesPending };
      } else {
        break;
      }
    }
  }
  return { requests, error: undefined, pending: parser.bytesPending };
}

export const whole = (): number => Infinity;
export const byteByByte = (): number => 1;

/** Pieces of 1 to `most` bytes, mostly short ones. */
export function randomCuts(seed: number, most: number): () => number {
  const random: Random = seeded(seed);
  return () => 1 + Math.floor(random.next() ** 3 * most);
}
