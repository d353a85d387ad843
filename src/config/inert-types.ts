/** Types that only options without effect have. Texts of errors are Redis's. */
import { resolve } from 'node:path';
import { BadValue, memory, text, type OptionType } from './types';
import { forcedQuotedLine, memoryLine, quotedLineUnlessUnset } from './written';

/** What a title may name, with values that a server without a Unix socket and a cluster has. */
const titleVariables = new Map([
  ['title', ''],
  ['server-mode', ''],
  ...['listen-addr', 'port', 'tls-port', 'config-file', 'unixsocket'].map(
    (name): [string, string] => [name, name],
  ),
]);

/**
 * The title of a process: `{name}` is a variable, `{{` a brace. It must not come out empty.
 * Source: validateProcTitleTemplate in server.c, sdstemplate in sds.c
 */
export function titleTemplate(): OptionType<string> {
  const type = text();
  return {
    ...type,
    parse(list, current) {
      const parsed = type.parse(list, current);
      // No text has a byte 0.
      const title = parsed.text.replace(
        /\{(?:\{|([^}]*)(\}?))/g,
        (whole, name?: string, end?: string) => {
          if (whole === '{{') return '{';
          return (end === '}' ? titleVariables.get(name ?? '') : undefined) ?? '\0';
        },
      );
      if (/^ *$|\0/.test(title)) {
        throw new BadValue('template format is invalid or contains unknown variables');
      }
      return parsed;
    },
  };
}

/** `default`, or several words; printed in Redis's order. */
export function shutdownFlags(): OptionType<readonly string[]> {
  const alone = 'default';
  const names = ['save', 'nosave', 'now', 'force'];
  const all = [alone, ...names];
  return {
    label: `${code(alone)}, or words of ${names.map(code).join(', ')}`,
    list: true,
    parse(list) {
      const found = list.map((word) => word.toLowerCase());
      if (found.length === 0 || found.some((word) => !all.includes(word))) {
        throw new BadValue(`argument(s) must be one of the following: ${all.join(', ')}`);
      }
      const value = names.filter((name) => found.includes(name));
      if (value.includes('save') && value.includes('nosave')) {
        throw new BadValue("shutdown options SAVE and NOSAVE can't be used simultaneously");
      }
      return { value, text: value.length === 0 ? alone : value.join(' ') };
    },
    format: (value) => (value.length === 0 ? alone : value.join(' ')),
  };
}

/**
 * Numbers of a range.
 * @param count how many there must be; any number without it, then one empty word is none
 * @param refusals of what is no number, and of one out of range
 */
export function numbers(range: {
  readonly min: number;
  readonly max: number;
  readonly count?: number;
  readonly refusals: readonly [notNumber: string, outOfRange: string];
}): OptionType<readonly number[]> {
  const { min, max, count, refusals } = range;
  return {
    label: `numbers, ${min} to ${max}`,
    list: true,
    parse(list) {
      if (count !== undefined && list.length !== count) {
        throw new BadValue('wrong number of arguments');
      }
      const value = list.length === 1 && list[0] === '' ? [] : list.map(Number);
      if (value.some((number, at) => Number.isNaN(number) || list[at] === '')) {
        throw new BadValue(refusals[0]);
      }
      if (value.some((number) => number < min || number > max)) throw new BadValue(refusals[1]);
      return { value, text: value.join(' ') };
    },
    format: (value) => value.join(' '),
  };
}

/** A number that is moved into a range instead of being refused outside it. */
export function clamped(type: OptionType<number>, min: number, max: number): OptionType<number> {
  return {
    ...type,
    parse(list, current) {
      const value = Math.min(max, Math.max(min, type.parse(list, current).value));
      return { value, text: type.format(value) };
    },
  };
}

/** A number of bytes, or a share in percent. */
export function memoryOrPercent(max: bigint): OptionType<number> {
  const bytes = memory({ min: 0, max });
  return {
    label: `${bytes.label}; or a percentage such as \`5%\``,
    list: false,
    written: memoryLine,
    parse(words, current) {
      const [, percent] = /^([0-9]{1,3})%$/.exec(words[0] ?? '') ?? [];
      if (percent === undefined) return bytes.parse(words, current);
      if (Number(percent) > 100) {
        throw new BadValue('percentage argument must be less or equal to 100');
      }
      return { value: -Number(percent), text: `${Number(percent)}%` };
    },
    format: (value) => (value < 0 ? `${-value}%` : String(value)),
  };
}

/** A directory, printed as an absolute path, as a process prints it that has changed to it. */
export function directory(): OptionType<string> {
  return {
    label: 'path',
    list: false,
    written: forcedQuotedLine,
    parse([word = '']) {
      const workingDirectory = Buffer.from(process.cwd()).toString('latin1');
      const value = resolve(workingDirectory, word);
      return { value, text: value };
    },
    format: (value) => value,
  };
}

/**
 * An option that promises what goredis cannot do: only the value that turns it off is accepted.
 * @param off its words, in one string
 * @param reason what a client or an operator is told who wants more
 */
export function only(off: string, reason: string): OptionType<string> {
  return {
    label: `only ${off === '' ? 'empty' : code(off)}`,
    list: true,
    ...(off === '' ? { written: quotedLineUnlessUnset } : {}),
    parse(list) {
      if (list.join(' ').toLowerCase() !== off) throw new BadValue(reason);
      return { value: off, text: off };
    },
    format: (value) => value,
  };
}

const code = (text: string): string => `\`${text}\``;
