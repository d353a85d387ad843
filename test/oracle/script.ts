/** Ways to write the scripts of cases. */
import { splitWords } from '../../src/lib/words';
import type { OracleCase, Request } from './oracle';

/** Requests as a person types them, one a line, with Redis's quoting: `SET k "\x00\xff"`. */
export function lines(text: string): Request[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const words = splitWords(line);
      if (words === undefined) throw new SyntaxError(`unbalanced quotes: ${line}`);
      return words;
    });
}

/** A case of typed lines. */
export function typed(title: string, text: string): OracleCase {
  return { title, script: lines(text) };
}

/** Every selection of `items`, in every order, of at most `size` of them: [], [a], [b], [a, b], [b, a] ... */
export function arrangements<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  const longer = items.flatMap((item) => {
    const others = items.filter((other) => other !== item);
    return arrangements(others, size - 1).map((rest) => [item, ...rest]);
  });
  return [[], ...longer];
}
