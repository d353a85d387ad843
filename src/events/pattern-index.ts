/**
 * Glob patterns with something to each, found by a text they match. A pattern begins with a literal
 * part, perhaps an empty one, that the text must begin with too. Patterns lie under that part, and
 * a text looks up its own beginnings, of the lengths that there are: of 100,000 patterns `user:N:*`
 * only those are tried that begin as the text does.
 */
import { compileGlob, type Matcher } from '../lib/glob';

interface Entry<T> {
  readonly matches: Matcher;
  readonly value: T;
}

type Group<T> = Map<string, Entry<T>>;

export class PatternIndex<T> {
  private readonly byPrefix = new Map<string, Group<T>>();
  /** How many literal parts there are of a length. */
  private readonly lengths = new Map<number, number>();
  size = 0;

  get(pattern: string): T | undefined {
    return this.byPrefix.get(literalPart(pattern))?.get(pattern)?.value;
  }

  /** The pattern must not be there yet. */
  set(pattern: string, value: T): void {
    const prefix = literalPart(pattern);
    let group = this.byPrefix.get(prefix);
    if (group === undefined) {
      group = new Map();
      this.byPrefix.set(prefix, group);
      this.lengths.set(prefix.length, (this.lengths.get(prefix.length) ?? 0) + 1);
    }
    group.set(pattern, { matches: compileGlob(pattern), value });
    this.size++;
  }

  delete(pattern: string): void {
    const prefix = literalPart(pattern);
    const group = this.byPrefix.get(prefix);
    if (group?.delete(pattern) !== true) return;
    this.size--;
    if (group.size > 0) return;
    this.byPrefix.delete(prefix);
    const left = this.lengths.get(prefix.length)! - 1;
    if (left === 0) this.lengths.delete(prefix.length);
    else this.lengths.set(prefix.length, left);
  }

  forEachMatch(text: string, visit: (pattern: string, value: T) => void): void {
    for (const length of this.lengths.keys()) {
      if (length > text.length) continue;
      const group = this.byPrefix.get(text.slice(0, length));
      if (group === undefined) continue;
      for (const [pattern, { matches, value }] of group) if (matches(text)) visit(pattern, value);
    }
  }
}

/** What comes before the first character with a meaning of its own. */
function literalPart(pattern: string): string {
  const end = pattern.search(/[*?[\\]/);
  return end === -1 ? pattern : pattern.slice(0, end);
}
