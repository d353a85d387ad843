/**
 * Glob patterns as Redis matches them (KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET), byte by byte over
 * latin1 text: `*`, `?`, `[abc]`, `[a-z]`, `[^...]` and `\x` for x itself.
 *
 * A pattern is compiled to one token per byte that it consumes, with the stars between them, so
 * that everything Redis's matcher does with malformed patterns is decided once. Matching remembers
 * only the last star: a longer match of an earlier one can never help, since the part behind it
 * would have to match later in the same text. That keeps `a*a*a*b` from taking exponential time.
 * Source: stringmatchlen in Redis's util.c
 */

export type Matcher = (text: string) => boolean;

const STAR = -1;
const ANY = -2;

/** A byte's code, STAR, ANY, or a set of bytes as a table of 256. */
type Token = number | Uint8Array;

/**
 * Compiles a pattern to a function that tells whether a text matches.
 *
 * As in Redis the empty text matches the empty pattern only: `*` does not match it. (KEYS and SCAN
 * take `*` for no pattern at all before they come here.)
 * @param options.nocase ASCII letters match whatever their case, except escaped ones in brackets
 */
export function compileGlob(pattern: string, options: { nocase?: boolean } = {}): Matcher {
  const tokens = parse(pattern, options.nocase === true);
  return fastPath(tokens) ?? ((text) => matches(tokens, text));
}

/** Literals, `prefix*`, `*suffix` and `*` need no walk over tokens. */
function fastPath(tokens: readonly Token[]): Matcher | undefined {
  const first = tokens.findIndex((token) => token === STAR);
  const only = first === tokens.findLastIndex((token) => token === STAR);
  if (!only || tokens.some((token) => typeof token !== 'number' || token === ANY)) return undefined;
  const text = (part: readonly Token[]): string =>
    part.map((token) => String.fromCharCode(token as number)).join('');
  if (first === -1) {
    const literal = text(tokens);
    return (candidate) => candidate === literal;
  }
  if (tokens.length === 1) return (candidate) => candidate.length > 0;
  if (first === tokens.length - 1) {
    const prefix = text(tokens.slice(0, -1));
    return (candidate) => candidate.startsWith(prefix);
  }
  if (first === 0) {
    const suffix = text(tokens.slice(1));
    return (candidate) => candidate.endsWith(suffix);
  }
  return undefined;
}

function matches(tokens: readonly Token[], text: string): boolean {
  if (text === '') return tokens.length === 0;
  let at = 0;
  let token = 0;
  let starToken = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = tokens[token];
    if (expected === STAR) {
      starToken = token++;
      starAt = at;
    } else if (expected !== undefined && accepts(expected, text.charCodeAt(at))) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === STAR) token++;
  return token === tokens.length;
}

function accepts(token: Token, code: number): boolean {
  if (typeof token === 'number') return token === code || token === ANY;
  return token[code] === 1;
}

function parse(pattern: string, nocase: boolean): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at]!;
    if (char === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === '?') {
      tokens.push(ANY);
    } else if (char === '[') {
      const { table, end } = parseSet(pattern, at + 1, nocase);
      tokens.push(table);
      at = end;
      continue;
    } else {
      // A backslash at the very end stands for itself.
      if (char === '\\' && at + 1 < pattern.length) at++;
      tokens.push(nocase ? bothCases(pattern.charCodeAt(at)) : pattern.charCodeAt(at));
    }
    at++;
  }
  return tokens;
}

/** A set from behind its bracket on; one that is never closed ends with the pattern. */
function parseSet(
  pattern: string,
  from: number,
  nocase: boolean,
): { table: Uint8Array; end: number } {
  const table = new Uint8Array(256);
  let at = from;
  const not = pattern[at] === '^';
  if (not) at++;
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    const left = pattern.length - at;
    if (pattern[at] === '\\' && left >= 2) {
      at++;
      // Redis compares an escaped letter with regard to case even when it folds all others.
      table[pattern.charCodeAt(at)] = 1;
    } else if (left >= 3 && pattern[at + 1] === '-') {
      addRange(table, pattern.charCodeAt(at), pattern.charCodeAt(at + 2), nocase);
      at += 2;
    } else {
      addRange(table, pattern.charCodeAt(at), pattern.charCodeAt(at), nocase);
    }
  }
  if (not) for (let code = 0; code < 256; code++) table[code] = table[code]! ^ 1;
  return { table, end: at + 1 };
}

/** Redis compares the ends of a range as signed chars: bytes from 0x80 on come before 0x00. */
function addRange(table: Uint8Array, a: number, b: number, nocase: boolean): void {
  const folded = nocase ? lower : (code: number): number => code;
  const start = folded(Math.min(signed(a), signed(b)));
  const end = folded(Math.max(signed(a), signed(b)));
  for (let code = 0; code < 256; code++) {
    const compared = folded(signed(code));
    if (compared >= start && compared <= end) table[code] = 1;
  }
}

function signed(code: number): number {
  return code < 0x80 ? code : code - 0x100;
}

/** ASCII only, as in the C locale. */
function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

function bothCases(code: number): Token {
  const letter = lower(code);
  if (letter < 0x61 || letter > 0x7a) return code;
  const table = new Uint8Array(256);
  table[letter] = table[letter - 0x20] = 1;
  return table;
}
