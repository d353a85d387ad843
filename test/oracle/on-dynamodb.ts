/** What of the oracle's cases a store on a table of DynamoDB can be asked. */
import type { OracleCase } from './oracle';

/** What is otherwise on purpose (docs/differences.md): limits, and figures that are approximate. */
const DIFFERENT: readonly string[] = [
  // A commit has at most 100 keys.
  'SCAN gives everything in one page if COUNT is large enough',
  // A value is an item, 400 KB.
  'no value grows beyond proto-max-bulk-len',
  'keys and values of any bytes and any size',
  // It is the table's own count, of six hours ago.
  'INFO tells the sizes of the databases',
];

export function isPossible({ title, script, inPlaceOnly }: OracleCase): boolean {
  const swaps = script.some(([name]) => String(name).toUpperCase() === 'SWAPDB');
  return inPlaceOnly !== true && !swaps && !DIFFERENT.includes(title);
}
