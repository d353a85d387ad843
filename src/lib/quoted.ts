import { asText, type Bytes } from './bytes';

/** A string four times as long as this is one that V8 makes without pains. */
const CHUNK_BYTES = 1 << 22;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/**
 * Bytes between quotes, with escapes for all that cannot be printed: what MONITOR shows
 * and CONFIG REWRITE writes.
 * @returns texts that follow each other; long arguments make more than one
 * Source: sdscatrepr in sds.c of Redis 7.0
 */
export function quoted(bytes: Bytes): string[] {
  const texts = ['"'];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const end = Math.min(at + CHUNK_BYTES, bytes.length);
    const chunk =
      typeof bytes === 'string' ? bytes.slice(at, end) : asText(bytes.subarray(at, end));
    texts.push(chunk.replace(/[^ -~]|["\\]/g, escape));
  }
  texts.push('"');
  return texts;
}

function escape(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(2, '0');
  return SHORT_ESCAPES[character] ?? `\\x${code}`;
}
