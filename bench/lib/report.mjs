// @ts-check
import { cpus, release, totalmem, type } from 'node:os';

/**
 * What the figures were measured on, as one line.
 *
 * @param {{ version: string }} redis
 */
export function machine(redis) {
  const cores = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return [
    `${cores[0]?.model.trim() ?? 'unknown processor'}, ${cores.length} cores, ${memory}`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `redis-server ${redis.version}`,
  ].join('; ');
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/**
 * A Markdown table, aligned so that it can be read as text; numbers stand to the right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = head.map((_, column) =>
    rows.every((row) => /^[\d.,]+$/.test(row[column] ?? '')),
  );
  /** @param {readonly string[]} cells */
  const line = (cells) => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    isNumber[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/**
 * Says what is going on, beside the report, which goes to standard output.
 *
 * @param {string} text
 */
export function progress(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {number} value */
export function thousands(value) {
  return Math.round(value).toLocaleString('en-US');
}
