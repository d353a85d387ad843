/**
 * Inline commands: a line of words, as a person types it into telnet. Words may be quoted: in
 * "..." `\n \r \t \b \a \xHH` mean what they do in C and any other `\c` is `c`; in '...' only
 * `\'` is special. A closing quote ends its word, so a space or the end of the line must follow.
 * Source: sdssplitargs in sds.c
 */

import { ownText } from '../lib/bytes';

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  a: '\x07',
};

/** What ends a word outside quotes. */
const wordEnd = /[ \n\r\t\0]/;
/** C's isspace. More than what ends a word: `a\vb` is one word, but `"a"\vb` is two. */
const space = /[ \n\r\t\v\f]/;
const hexByte = /^[0-9a-fA-F]{2}$/;

/** The words of a line without its line break; undefined when its quotes are unbalanced. */
export function splitInline(text: string): string[] | undefined {
  // sdssplitargs reads a C string.
  const zero = text.indexOf('\0');
  const line = zero === -1 ? text : text.slice(0, zero);
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && space.test(line[at]!)) at++;
    if (at === line.length) return words;
    let word = '';
    while (at < line.length && !wordEnd.test(line[at]!)) {
      const quote = line[at]!;
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const pieces: string[] = [];
      const close =
        quote === '"' ? readDouble(line, at + 1, pieces) : readSingle(line, at + 1, pieces);
      if (close === -1) return undefined;
      word += pieces.join('');
      at = close + 1;
      if (at < line.length && !space.test(line[at]!)) return undefined;
      break;
    }
    words.push(ownText(word));
  }
}

/** Reads up to the closing quote and returns its position, -1 when there is none. */
function readDouble(line: string, from: number, pieces: string[]): number {
  let at = from;
  for (; at < line.length; at++) {
    const char = line[at]!;
    if (char === '"') return at;
    if (char !== '\\' || at + 1 === line.length) {
      pieces.push(char);
      continue;
    }
    const next = line[at + 1]!;
    const digits = line.slice(at + 2, at + 4);
    if (next === 'x' && hexByte.test(digits)) {
      pieces.push(String.fromCharCode(parseInt(digits, 16)));
      at += 3;
    } else {
      pieces.push(escapes[next] ?? next);
      at += 1;
    }
  }
  return -1;
}

function readSingle(line: string, from: number, pieces: string[]): number {
  for (let at = from; at < line.length; at++) {
    const char = line[at]!;
    if (char === "'") return at;
    if (char === '\\' && line[at + 1] === "'") {
      pieces.push("'");
      at++;
    } else {
      pieces.push(char);
    }
  }
  return -1;
}
