/**
 * Splits a line into words as Redis does for redis.conf lines and inline commands: blanks separate,
 * `"..."` knows \n \r \t \b \a \xHH and \ before any other character, `'...'` knows only \'. A
 * closing quote must be followed by a blank or the end. Characters are bytes (latin1).
 * Source: sdssplitargs in sds.c
 *
 * @returns undefined for unbalanced quotes
 */
export function splitWords(text: string): string[] | undefined {
  // It reads a C string.
  const line = text.replace(/\0[^]*$/, '');
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line.charAt(at))) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !ENDS_WORD.has(line.charAt(at))) {
      const quote = line.charAt(at);
      if (quote !== '"' && quote !== "'") {
        word += quote;
        at++;
        continue;
      }
      const end = quote === '"' ? endOfDouble(line, at + 1) : endOfSingle(line, at + 1);
      if (end === -1) return undefined;
      const inside = line.slice(at + 1, end);
      word += quote === '"' ? unescapeDouble(inside) : inside.replaceAll("\\'", "'");
      at = end + 1;
      if (at < line.length && !isSpace(line.charAt(at))) return undefined;
      // A quote ends its word even before a blank that does not end a bare one (\v, \f).
      break;
    }
    words.push(word);
  }
}

const ENDS_WORD = new Set([' ', '\n', '\r', '\t']);
const CONTROLS = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
]);

/** isspace of the C locale. */
function isSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}

function endOfDouble(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line.charAt(at) === '"') return at;
    if (line.charAt(at) === '\\') at++;
  }
  return -1;
}

function endOfSingle(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    if (line.charAt(at) === "'") return at;
    if (line.startsWith("\\'", at)) at++;
  }
  return -1;
}

function unescapeDouble(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex?: string, character?: string) =>
    hex !== undefined
      ? String.fromCharCode(parseInt(hex, 16))
      : (CONTROLS.get(character ?? '') ?? character ?? ''),
  );
}
