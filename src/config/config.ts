/**
 * The options' values while the server runs: typed fields to read, CONFIG GET and CONFIG SET.
 */
import { readFileSync } from 'node:fs';
import { genericError } from '../errors';
import { compileGlob } from '../lib/glob';
import { replaceFile } from '../lib/replace-file';
import { systemErrorText } from '../lib/system-error';
import type { Option } from './option';
import { allOptions, directives, findOption, options, type Settings } from './options';
import { rewritten, type OptionState } from './rewrite';
import { BadValue, type Parsed } from './types';

/**
 * Takes over a changed value.
 * @throws Error to refuse it: its message goes to the client, and all of that CONFIG SET is undone
 */
export type Apply<T> = (value: T) => void;

/** A name of an option and its words, as they came from a source. */
export type Pair = readonly [directive: string, value: string];

class OptionValues {
  /** The absolute path of the file that CONFIG REWRITE writes, if there is one. */
  file: string | undefined;
  /** Hears of every CONFIG REWRITE, and why one has failed. */
  onRewrite: ((failure: string | undefined) => void) | undefined;
  /** What was set; all other options are as by default. */
  private readonly parsed = new Map<Option<unknown>, Parsed<unknown>>();
  private readonly places = new Map<Option<unknown>, string>();
  private readonly appliers = new Map<Option<unknown>, Apply<unknown>[]>();

  constructor() {
    // Options without a field have their default until somebody asks: most are not of goredis.
    for (const [row, field] of fieldOf) Object.assign(this, { [field]: standard(row).value });
  }

  /**
   * Sets an option before the server runs.
   * @param words one, unless the option is a list
   * @param place where they come from, for errors that are found later
   * @throws BadValue
   */
  load(row: Option<unknown>, words: readonly string[], place = row.directive): void {
    this.places.set(row, place);
    this.assign(row, row.type.parse(words, this.parsedOf(row).value));
  }

  /** Where the option was set last. */
  placeOf(name: keyof Settings): string {
    const row: Option<unknown> = options[name];
    return this.places.get(row) ?? row.directive;
  }

  /** Calls `apply` after each CONFIG SET that changes the option. The field has the new value by then. */
  onChange<Name extends keyof Settings>(name: Name, apply: Apply<Settings[Name]>): void {
    const row: Option<unknown> = options[name];
    this.appliers.set(row, [...(this.appliers.get(row) ?? []), apply as Apply<unknown>]);
  }

  /**
   * CONFIG GET: a name without glob characters is looked up and comes back as it was written. Names
   * come in the order of the table. (Redis's order is that of a hash table.)
   */
  get(patterns: readonly string[]): readonly Pair[] {
    const found = new Map<string, Pair>();
    for (const pattern of patterns) {
      const names = /[[*?]/.test(pattern)
        ? directives.filter(compileGlob(pattern, { nocase: true }))
        : [pattern];
      for (const name of names) {
        const row = findOption(name);
        const lower = name.toLowerCase();
        if (row !== undefined && !found.has(lower)) found.set(lower, [name, this.textOf(row)]);
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET: all or none.
   * @throws ReplyError with Redis's text for the first pair that cannot be set
   */
  set(pairs: readonly Pair[]): void {
    const rows: (readonly [row: Option<unknown>, name: string, value: string])[] = [];
    for (const [name, value] of pairs) {
      const row = findOption(name);
      if (row === undefined) {
        throw genericError(`Unknown option or number of arguments for CONFIG SET - '${name}'`);
      }
      // Tools set back what CONFIG GET has told them, but for the names that they know as immutable.
      const same = row.own && value === this.textOf(row);
      if (!row.live && !same) throw refused(name, "can't set immutable config");
      // An option and its alias may both be set in Redis; the last one holds.
      const lower = name.toLowerCase();
      if (rows.some(([, other]) => other === lower)) throw refused(name, 'duplicate parameter');
      rows.push([row, lower, value]);
    }

    const before = new Map<Option<unknown>, Parsed<unknown>>();
    for (const [row] of rows) before.set(row, this.parsedOf(row));
    let at = '';
    try {
      for (const [row, name, value] of rows) {
        at = name;
        const current = row.type.cumulative === true ? undefined : this.parsedOf(row).value;
        this.assign(row, row.type.parse(splitList(row, value), current));
      }
      for (const [row, name] of rows) {
        at = name;
        if (row.volatile || this.textOf(row) !== before.get(row)?.text) this.apply(row);
      }
    } catch (error) {
      const changed = [...before].filter(([row, parsed]) => this.textOf(row) !== parsed.text);
      for (const [row, parsed] of before) this.assign(row, parsed);
      // Some may depend on several options, so all have their old values by now.
      if (!(error instanceof BadValue)) for (const [row] of changed) this.applyAgain(row);
      throw refused(at, (error as Error).message);
    }
  }

  /** Everything that is not as by default, for `createConfig` in another thread. */
  changes(): Pair[] {
    return [...this.parsed]
      .filter(([row, { text }]) => text !== standard(row).text)
      .map(([row, { text }]) => [row.directive, text]);
  }

  /**
   * CONFIG REWRITE: writes the values into the file that the server was started with.
   * @throws ReplyError with Redis's text if there is none, or it cannot be written
   */
  rewrite(): void {
    const { file } = this;
    if (file === undefined) throw genericError('The server is running without a config file');
    try {
      replaceFile(file, rewritten(contentOf(file), this.states()));
    } catch (error) {
      const failure = systemErrorText(error);
      this.onRewrite?.(failure);
      throw genericError(`Rewriting config file: ${failure}`);
    }
    this.onRewrite?.(undefined);
  }

  /** The directives of options that were set but do nothing here. */
  inertChanges(): string[] {
    return this.changes()
      .map(([directive]) => directive)
      .filter((directive) => findOption(directive)?.inert === true);
  }

  private states(): OptionState[] {
    return allOptions.map((row) => ({
      row,
      text: this.textOf(row),
      standard: standard(row).text,
    }));
  }

  private apply(row: Option<unknown>): void {
    for (const apply of this.appliers.get(row) ?? []) apply(this.parsedOf(row).value);
  }

  /** That it worked once does not mean that it must again: a port may be gone meanwhile. */
  private applyAgain(row: Option<unknown>): void {
    try {
      this.apply(row);
    } catch {
      // Who refused it has said why in the log.
    }
  }

  private assign(row: Option<unknown>, parsed: Parsed<unknown>): void {
    this.parsed.set(row, parsed);
    const field = fieldOf.get(row);
    if (field !== undefined) Object.assign(this, { [field]: parsed.value });
  }

  private parsedOf(row: Option<unknown>): Parsed<unknown> {
    return this.parsed.get(row) ?? standard(row);
  }

  private textOf(row: Option<unknown>): string {
    return this.parsedOf(row).text;
  }
}

/** Fields to read (`config.port`), CONFIG GET and SET, and `onChange`. */
export type Config = OptionValues & Settings;

/**
 * @param settings fields that differ from their defaults
 * @throws BadValue
 */
export function createConfig(settings: Partial<Settings> = {}): Config {
  const config = new OptionValues() as Config;
  for (const [name, value] of Object.entries(settings)) {
    const row: Option<unknown> = options[name as keyof Settings];
    config.load(row, splitList(row, row.type.format(value)));
  }
  return config;
}

/** The configuration that `changes` and `file` were taken from. */
export function configFromChanges(changes: readonly Pair[], file?: string): Config {
  const config = createConfig();
  config.file = file;
  for (const [directive, value] of changes) {
    const row = findOption(directive);
    if (row !== undefined) config.load(row, splitList(row, value));
  }
  return config;
}

/** Nothing for a file that has gone. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

const fieldOf = new Map<Option<unknown>, string>(
  Object.entries(options).map(([field, row]) => [row, field]),
);

const standards = new Map<Option<unknown>, Parsed<unknown>>();

function standard(row: Option<unknown>): Parsed<unknown> {
  let parsed = standards.get(row);
  if (parsed === undefined) {
    parsed = row.type.parse(splitList(row, row.default), undefined);
    standards.set(row, parsed);
  }
  return parsed;
}

/** A list in one string, as CONFIG SET has it: single spaces, and an empty string is no words. */
function splitList(row: Option<unknown>, value: string): string[] {
  if (!row.type.list) return [value];
  return value === '' ? [] : value.split(' ');
}

const refused = (name: string, reason: string): Error =>
  genericError(`CONFIG SET failed (possibly related to argument '${name}') - ${reason}`);
