// @ts-check
import { parseArgs } from 'node:util';

/**
 * One option of a benchmark. A number's value may carry `_` or `,` between digits.
 *
 * @typedef {object} Option
 * @property {'number' | 'text' | 'list' | 'numbers' | 'flag'} kind
 * @property {string} [initial] what stands when it is not given
 * @property {string} help
 */

/**
 * Reads the command line, prints the help and ends on `--help`, and ends with one line on a
 * mistake.
 *
 * @param {string} usage
 * @param {Record<string, Option>} options
 */
export function readOptions(usage, options) {
  const given = parse(options);
  if (given.help === true) {
    console.log(helpText(usage, options));
    process.exit(0);
  }
  /** @param {string} name */
  const text = (name) => {
    const value = given[name] ?? options[name]?.initial;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  /** @param {string} name */
  const list = (name) => text(name)?.split(',') ?? [];
  return {
    text,
    list,
    /** @param {string} name */
    flag: (name) => given[name] === true,
    /** @param {string} name */
    number: (name) => toNumber(name, text(name)),
    /** @param {string} name */
    numbers: (name) => list(name).map((each) => toNumber(name, each)),
  };
}

/** @param {Record<string, Option>} options */
function parse(options) {
  /** @type {Record<string, { type: 'string' | 'boolean' }>} */
  const shapes = { help: { type: 'boolean' } };
  for (const [name, { kind }] of Object.entries(options)) {
    shapes[name] = { type: kind === 'flag' ? 'boolean' : 'string' };
  }
  try {
    return parseArgs({ options: shapes }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function toNumber(name, text = '') {
  const value = Number(text.replaceAll('_', ''));
  return Number.isSafeInteger(value) && value > 0 ? value : fail(`--${name} wants a count`);
}

/**
 * @param {string} usage
 * @param {Record<string, Option>} options
 */
function helpText(usage, options) {
  const lines = Object.entries(options).map(([name, { kind, initial, help }]) => {
    const left = kind === 'flag' ? `--${name}` : `--${name} <${kind}>`;
    return `  ${left.padEnd(26)} ${help}${initial === undefined ? '' : ` (default: ${initial})`}`;
  });
  return [usage, '', ...lines].join('\n');
}

/**
 * Ends the program with one line.
 *
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
