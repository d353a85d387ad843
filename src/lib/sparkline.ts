/**
 * Draws numbers as columns of ASCII characters, each with its label below, as Redis's LATENCY GRAPH
 * does. Source: sparkline.c of Redis 7.0
 */

const LEVELS = '_o#';
/** What stands below the top of a column. */
const FILLED = '|';

export interface Column {
  readonly value: number;
  /** Is written downwards. */
  readonly label: string;
}

/** @returns lines, each with its line break; further ones below where columns do not fit beside each other */
export function sparkline(columns: readonly Column[], width: number, rows: number): string {
  const values = columns.map(({ value }) => value);
  const least = Math.min(...values);
  const range = Math.max(...values) - least || 1;
  const steps = LEVELS.length * rows;
  const blocks: string[] = [];
  for (let from = 0; from < columns.length; from += width) {
    const block = columns.slice(from, from + width);
    const tops = block.map(({ value }) =>
      Math.min(Math.trunc(((value - least) * steps) / range), steps - 1),
    );
    const longest = Math.max(...block.map(({ label }) => label.length));
    const lines = [
      ...lineNumbers(rows).map((row) => tops.map((top) => character(top, row)).join('')),
      ' '.repeat(block.length),
      ...lineNumbers(longest)
        .reverse()
        .map((at) => block.map(({ label }) => label[at] ?? ' ').join('')),
    ];
    blocks.push(lines.map((line) => `${line}\n`).join(''));
  }
  return blocks.join('\n');
}

/** From the top to the bottom. */
function lineNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, at) => count - 1 - at);
}

/** What a column shows in a row, counted from the bottom. */
function character(top: number, row: number): string {
  const level = top - row * LEVELS.length;
  return level >= LEVELS.length ? FILLED : (LEVELS[level] ?? ' ');
}
