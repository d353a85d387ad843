/**
 * Options as the library takes them: a field for every row of the table, named as its directive in
 * camel case (`maxmemory`, `tcpBacklog`), with a typed value or the text that redis.conf would have.
 */
import { splitWords } from '../lib/words';
import { createConfig, type Config } from './config';
import type { inertOptions } from './inert-options';
import type { Option } from './option';
import { findOption, type options } from './options';
import { BadValue } from './types';

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** What may be given for an option of type T. */
type Given<T> = string extends T
  ? string
  : T extends boolean
    ? T | 'yes' | 'no'
    : T extends string
      ? T
      : T | string;

type Row = (typeof options)[keyof typeof options] | (typeof inertOptions)[number];

export type NamedOptions = {
  readonly [R in Row as CamelCase<R['directive']>]?: R extends Option<infer T> ? Given<T> : never;
};

/** No table of names: most servers are made with two or three options. */
function rowNamed(name: string): Option<unknown> | undefined {
  if (!/^[a-z][\da-zA-Z_]*$/.test(name)) return undefined;
  const directive = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const row = findOption(directive);
  // An alias is no name.
  return row?.directive === directive ? row : undefined;
}

/**
 * A configuration of defaults and these options. A field that is undefined is not given.
 * @throws TypeError for an unknown name or a bad value; it names the option and never the value
 */
export function configByName(given: Readonly<Record<string, unknown>>): Config {
  const config = createConfig();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const row = rowNamed(name);
    if (row === undefined) throw new TypeError(`unknown option '${name}'`);
    try {
      config.load(row, wordsOf(row, value));
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new TypeError(`option '${name}': ${error.message}`);
    }
  }
  return config;
}

function wordsOf(row: Option<unknown>, value: unknown): readonly string[] {
  const { type } = row;
  if (typeof value === 'string') {
    const text = bytes(value);
    const words = type.list ? splitWords(text) : [text];
    if (words === undefined) throw new BadValue('unbalanced quotes');
    return words;
  }
  const kind = kindOf(
    type.parse(type.list ? (splitWords(row.default) ?? []) : [row.default], undefined).value,
  );
  if (kindOf(value) !== kind || kind === 'string') {
    throw new BadValue(kind === 'string' ? 'must be a string' : `must be a ${kind} or a string`);
  }
  if (Array.isArray(value)) return value.map((word) => bytes(String(word)));
  let text: string;
  try {
    text = type.format(value);
  } catch {
    // An object that lacks something.
    throw new BadValue('must have every field of its type');
  }
  return type.list ? text.split(' ') : [text];
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/** The words of options are bytes, as they come from a file or a socket. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');
