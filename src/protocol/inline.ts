import { ownText } from '../lib/bytes';
import { splitWords } from '../lib/words';

const CR = 0x0d;

/**
 * The words of an inline command, as a person types it into telnet: bytes [start, end), which have
 * lost their `\n`. Undefined when quotes are unbalanced.
 * Source: processInlineBuffer in networking.c
 */
export function inlineWords(bytes: Buffer, start: number, end: number): string[] | undefined {
  const lineEnd = end > start && bytes[end - 1] === CR ? end - 1 : end;
  // Words are put together from pieces, or are parts of the line, which would live as long as one.
  return splitWords(bytes.latin1Slice(start, lineEnd))?.map(ownText);
}
