/** Where options come from: defaults, a file, standard input, environment, command line; later wins. */
import { resolve } from 'node:path';
import { createConfig, type Config } from './config';
import {
  ConfigError,
  codeOf,
  loadDirective,
  loadFile,
  loadLines,
  loadOption,
  shownName,
  systemFiles,
  type ConfigFiles,
} from './directives';
import { allOptions } from './options';
import { splitWords } from '../lib/words';

/** What the command line asks for. Words are bytes, as latin1. */
export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'run';
      readonly file: string | undefined;
      readonly stdin: boolean;
      readonly directives: readonly Directive[];
    };

interface Directive {
  readonly name: string;
  readonly words: string[];
}

/**
 * Reads the command line as redis-server does: a configuration file first, `-` first or last for
 * standard input, and `--directive value value ...`. The argument behind `--directive` is always
 * its value, even if it begins with `--`. Source: main in server.c
 *
 * @param argv without node and script
 * @throws ConfigError
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const directives: Directive[] = [];
  let file: string | undefined;
  let stdin = false;
  let current: Directive | undefined;
  for (const [at, argument] of argv.entries()) {
    const wantsValue = current?.words.length === 0;
    if (at === 0 && argument === '-h') return { kind: 'help' };
    if (at === 0 && argument === '-v') return { kind: 'version' };
    if (!wantsValue && argument === '--help') return { kind: 'help' };
    if (!wantsValue && argument === '--version') return { kind: 'version' };
    if (at === 0 && !argument.startsWith('-')) {
      file = argument;
    } else if (argument === '-' && (at === 0 || at === argv.length - 1)) {
      stdin = true;
    } else if (!wantsValue && argument.startsWith('--')) {
      current = optionOf(argument, argv[at + 1]);
      directives.push(current);
    } else if (current !== undefined) {
      current.words.push(bytes(argument));
    } else {
      // Only the letter: `-abacon` is how redis-cli takes a password.
      const shown = argument.startsWith('-') ? `-${argument.charAt(1)}` : `argument ${at + 1}`;
      throw new ConfigError(`command line: ${shown}`, 'an option begins with --');
    }
  }
  return { kind: 'run', file, stdin, directives: directives.flatMap(named) };
}

/**
 * The configuration to start with.
 * @throws ConfigError
 */
export function loadConfig(
  line: Extract<CommandLine, { kind: 'run' }>,
  env: Readonly<Record<string, string | undefined>>,
  files: ConfigFiles = systemFiles,
): Config {
  const config = createConfig();
  if (line.file !== undefined) {
    loadFile(config, files, line.file);
    config.file = resolve(line.file);
  }
  if (line.stdin) loadLines(config, files, files.stdin(), 'stdin');
  loadEnvironment(config, env);
  for (const { name, words } of line.directives) {
    const place = `command line: --${shownName(name)}`;
    loadDirective(config, files, { place, open: [] }, name, words);
  }
  if (config.logFile !== '') {
    try {
      files.touch(config.logFile);
    } catch (error) {
      const place = config.placeOf('logFile');
      throw new ConfigError(place, `can't open '${config.logFile}': ${codeOf(error)}`);
    }
  }
  return config;
}

function loadEnvironment(config: Config, env: Readonly<Record<string, string | undefined>>): void {
  for (const [variable, value] of Object.entries(env)) {
    if (value === undefined) continue;
    const row = allOptions.find((candidate) => candidate.env === variable);
    if (row !== undefined) {
      loadOption(config, `environment: ${variable}`, row.directive, [bytes(value)]);
    } else if (variable.startsWith('GOREDIS_')) {
      throw new ConfigError(`environment: ${variable}`, 'unknown option');
    }
  }
}

/** `--port`, or `--port 7000` in one argument. */
function optionOf(argument: string, next: string | undefined): Directive {
  const split = splitWords(bytes(argument.slice(2)));
  if (split === undefined) throw new ConfigError('command line', 'unbalanced quotes');
  const [name = '', ...words] = split;
  // Lists of options made by programs leave an empty value out.
  // https://github.com/redis/redis/pull/10866
  const empty = name.toLowerCase() === 'save' && (next === undefined || next.startsWith('--'));
  if (words.length === 0 && empty) words.push('');
  return { name, words };
}

/** Behind a bare `--` the first word is the name; alone it is nothing. */
function named(directive: Directive): Directive[] {
  if (directive.name !== '') return [directive];
  const [name, ...words] = directive.words;
  return name === undefined ? [] : [{ name, words }];
}

const bytes = (argument: string): string => Buffer.from(argument).toString('latin1');
