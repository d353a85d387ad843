/**
 * Configuration files in redis.conf's form: a directive a line, blank lines, comments that begin
 * with `#`, Redis's quoting, `include`. Source: loadServerConfig, loadServerConfigFromString in
 * config.c
 */
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compileGlob } from '../lib/glob';
import { splitWords } from '../lib/words';
import type { Config } from './config';
import { findOption } from './options';
import { BadValue } from './types';

/** Why goredis cannot start, in one line that names the place. Holds no values: one may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(place: string, reason: string) {
    // Names come from people and may hold anything.
    super(`${place}: ${reason}`.replace(/[^ -~]/g, '?'));
  }
}

/** What configuration reads of the file system. Text is bytes, as latin1. */
export interface ConfigFiles {
  /** @throws Error with a `code` such as ENOENT */
  read(path: string): string;
  /** The names in a directory; none if it cannot be read. */
  list(directory: string): readonly string[];
  stdin(): string;
  /** Creates the file or makes sure that it can be written. @throws Error with a `code` */
  touch(path: string): void;
}

export const systemFiles: ConfigFiles = {
  read: (path) => readFileSync(path, 'latin1'),
  list(directory) {
    try {
      return readdirSync(directory);
    } catch {
      // As glob(3): what cannot be read matches nothing.
      return [];
    }
  },
  stdin: () => readFileSync(0, 'latin1'),
  touch: (path) => appendFileSync(path, ''),
};

/** Where a file was asked for, to name it in an error and to see a file that includes itself. */
interface Origin {
  readonly place: string;
  readonly open: readonly string[];
}

/**
 * Reads a file, or all files that match if the name has a glob character. A relative name is
 * relative to the working directory, also in an included file, as in Redis.
 * @throws ConfigError
 */
export function loadFile(
  config: Config,
  files: ConfigFiles,
  name: string,
  origin: Origin = { place: '', open: [] },
): void {
  for (const path of /[*?[]/.test(name) ? matchingPaths(files, name) : [name]) {
    const at = origin.place === '' ? path : origin.place;
    if (origin.open.includes(path)) throw new ConfigError(at, `${path} includes itself`);
    let content: string;
    try {
      content = files.read(path);
    } catch (error) {
      throw new ConfigError(at, `can't open config file '${path}': ${codeOf(error)}`);
    }
    loadLines(config, files, content, path, [...origin.open, path]);
  }
}

/** @throws ConfigError */
export function loadLines(
  config: Config,
  files: ConfigFiles,
  content: string,
  source: string,
  open: readonly string[] = [],
): void {
  for (const [index, raw] of content.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (line === '' || line.startsWith('#')) continue;
    const words = splitWords(line);
    const [name = line, ...values] = words ?? [];
    const place = `${source}:${index + 1}: ${shownName(name)}`;
    if (words === undefined) throw new ConfigError(place, 'unbalanced quotes');
    if (words.length > 0) loadDirective(config, files, { place, open }, name, values);
  }
}

/** @throws ConfigError */
export function loadDirective(
  config: Config,
  files: ConfigFiles,
  origin: Origin,
  name: string,
  words: readonly string[],
): void {
  if (name.toLowerCase() === 'include') {
    const [file] = words;
    if (file === undefined || words.length !== 1) throw wrongCount(origin.place);
    loadFile(config, files, Buffer.from(file, 'latin1').toString(), origin);
  } else {
    loadOption(config, origin.place, name, words);
  }
}

/**
 * Sets one option.
 * @param place what an error names
 * @throws ConfigError
 */
export function loadOption(
  config: Config,
  place: string,
  name: string,
  words: readonly string[],
): void {
  const row = findOption(name);
  if (row === undefined) throw new ConfigError(place, 'unknown option');
  const [word] = words;
  if (!row.type.list && words.length !== 1) throw wrongCount(place);
  const single = row.type.list && words.length === 1 && word !== undefined && word !== '';
  const list = single ? splitWords(word) : words;
  if (list === undefined) throw new ConfigError(place, 'unbalanced quotes');
  try {
    config.load(row, list, place);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    throw new ConfigError(place, error.message);
  }
}

/** A name as an error may show it: what is glued to an unknown one (`requirepass=...`) may be a password. */
export function shownName(name: string): string {
  return findOption(name)?.directive ?? /^[\w.-]*/.exec(name)?.[0] ?? '';
}

/** The system's code of an error, such as ENOENT. */
export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? String(error);

const wrongCount = (place: string): ConfigError =>
  new ConfigError(place, 'wrong number of arguments');

/** Sorted, names that begin with a dot only if the pattern says so, as glob(3). */
function matchingPaths(files: ConfigFiles, pattern: string): string[] {
  const parent = dirname(pattern);
  const parents = /[*?[]/.test(parent) ? matchingPaths(files, parent) : [parent];
  const last = basename(pattern);
  const matches = compileGlob(Buffer.from(last).toString('latin1'));
  return parents.flatMap((directory) =>
    files
      .list(directory)
      .filter((name) => name.startsWith('.') === last.startsWith('.'))
      .filter((name) => matches(Buffer.from(name).toString('latin1')))
      .sort()
      .map((name) => join(directory, name)),
  );
}
