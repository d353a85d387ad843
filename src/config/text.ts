/** What people read of the table: `--help` and docs/configuration.md. */
import { allOptions } from './options';
import type { Option } from './option';

const INTRODUCTION = `# Configuration

This page is made from the table in \`src/config/options.ts\` by \`npm run docs\`.

Options come from these sources; a later one wins:

1. the defaults,
2. a file in the form of redis.conf, the first argument: \`goredis goredis.conf\`; \`-\` as first or last argument reads standard input,
3. the environment: \`GOREDIS_\` and the option's name in upper case with \`_\` for \`-\`, but \`REQUIREPASS\` for the password,
4. the command line: \`goredis --port 7000 --requirepass bacon --bind 127.0.0.1 ::1\`.

A file holds one directive a line; \`#\` begins a comment line; words may be quoted as in Redis; \`include path\` reads another file there (relative to the working directory; \`*\`, \`?\` and \`[...]\` match files). Bytes may have a unit: \`1k\` is 1000, \`1kb\` 1024, likewise \`m\`, \`mb\`, \`g\`, \`gb\`.

An unknown option, a bad value or a file that cannot be read stops the start with exit code 1 and one line that names file, line and directive, or the variable, or the argument. It never shows the value.

\`CONFIG REWRITE\` writes the values of the running server into the file it was started with, whatever source they came from: a password of the environment or the command line, too. Comments and the order of lines stay, included files are left alone, and the file is replaced in one step.

In Kubernetes a Service named \`goredis\` puts variables such as \`GOREDIS_PORT=tcp://...\` into the environment of every pod beside it: name it otherwise, or set \`enableServiceLinks: false\`.
`;

/** docs/configuration.md. */
export function configurationMarkdown(): string {
  const effective = allOptions.filter((row) => !row.inert);
  const inert = allOptions.filter((row) => row.inert);
  return [
    INTRODUCTION,
    '## Options\n',
    'Options marked "live" can be changed with `CONFIG SET` while the server runs.\n',
    ...effective.map(section),
    '## Accepted without effect\n',
    'Clients and test suites set these options of Redis. goredis accepts and echoes them, and does nothing else with them; one that is set at the start is named in a warning in the log.\n',
    table(
      ['option', 'alias', 'values', 'default'],
      inert.map((row) => [
        code(row.directive),
        row.alias === undefined ? '' : code(row.alias),
        row.type.label,
        code(row.default),
      ]),
    ),
    '',
  ].join('\n');
}

/** `--help`. */
export function usage(): string {
  const width = Math.max(...allOptions.map((row) => row.directive.length)) + 4;
  const lines = allOptions
    .filter((row) => !row.inert)
    .map((row) => {
      const standard = row.default === '' ? '' : ` (${row.default})`;
      return `  ${`--${row.directive}`.padEnd(width)}${row.help.replaceAll('`', '')}${standard}\n`;
    });
  return `Usage: goredis [/path/to/goredis.conf] [-] [--option value ...]
       goredis --help | -h | --version | -v

A server that speaks the Redis protocol. "-" reads configuration from standard input.
Environment variables: REQUIREPASS for the password, GOREDIS_PORT and so on for the others.

Options (defaults in parentheses), see docs/configuration.md:
${lines.join('')}
Examples:
  goredis --port 7000 --requirepass bacon
  goredis goredis.conf --bind 127.0.0.1 ::1
`;
}

function section(row: Option<unknown>): string {
  const facts = [
    `- values: ${row.type.label}`,
    `- default: ${row.default === '' ? 'empty' : code(row.default)}`,
    ...(row.unit === undefined ? [] : [`- unit: ${row.unit}`]),
    `- environment: ${code(row.env)}`,
    `- ${row.live ? 'live' : 'set at the start only'}`,
  ];
  return `### ${row.directive}\n\n${row.help}\n\n${facts.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => (text === '' ? 'empty' : `\`${text}\``);
