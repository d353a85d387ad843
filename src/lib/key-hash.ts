/**
 * A hash of keys, by which stores split and index them, and the comparison of a key with bytes.
 *
 * Both cost several times as much over a string that is a slice of a request as over the bytes that
 * it came from: every character goes through the slice. So the parser, which has the bytes,
 * computes the hash there, and it and the bytes are remembered: whoever asks next for the same key,
 * which is nearly always the store in the same command, has the hash for a comparison of pointers.
 */

/** Drawn at the start, so that nobody can prepare keys that all fall into one place. */
const SEED = Math.floor(Math.random() * 2 ** 32) | 0;

// Named here, because a global is looked up at every use where modules run in a context (jest).
const { imul } = Math;

let lastKey = '';
let lastHash = 0;
/** What `lastKey` was made of, while those bytes are there. */
let lastBytes: Uint8Array | undefined;
let lastStart = 0;

/**
 * 32 bits, all of equal quality, never 0. Regular keys (counters, common prefixes, fixed steps)
 * differ in any of them.
 */
export function hashKey(key: string): number {
  if (key === lastKey && lastHash !== 0) return lastHash;
  const { length } = key;
  let hash = SEED ^ length;
  for (let i = 0; i < length; i++) hash = mixIn(hash, key.charCodeAt(i));
  return finish(hash);
}

/** Computes and remembers the hash of `key`, which is made of bytes [start, end), and the bytes. */
export function rememberHash(key: string, bytes: Uint8Array, start: number, end: number): void {
  let hash = SEED ^ (end - start);
  for (let i = start; i < end; i++) hash = mixIn(hash, bytes[i]!);
  lastHash = finish(hash);
  lastKey = key;
  lastBytes = bytes;
  lastStart = start;
}

/** To be called before the bytes of a remembered key may be overwritten. */
export function forgetBytes(): void {
  lastBytes = undefined;
}

/** Whether the bytes from `at` on, as many as the key has characters, are the key. */
export function isKeyAt(key: string, bytes: Uint8Array, at: number): boolean {
  const { length } = key;
  if (lastBytes !== undefined && key === lastKey) {
    const source = lastBytes;
    const shift = lastStart - at;
    for (let i = at, end = at + length; i < end; i++) {
      if (bytes[i] !== source[i + shift]) return false;
    }
    return true;
  }
  for (let i = 0; i < length; i++) if (bytes[at + i] !== key.charCodeAt(i)) return false;
  return true;
}

/** Whether the key is another one, which is a text of its own and no slice. */
export function isSameKey(key: string, kept: string): boolean {
  const { length } = kept;
  if (key.length !== length) return false;
  if (lastBytes === undefined || key !== lastKey) return key === kept;
  const source = lastBytes;
  const start = lastStart;
  for (let i = 0; i < length; i++) if (source[start + i] !== kept.charCodeAt(i)) return false;
  return true;
}

function mixIn(hash: number, code: number): number {
  return imul(((hash << 5) | (hash >>> 27)) ^ code, 0x9e3779b1);
}

/** The finalizer of MurmurHash3: every bit reaches every other. */
function finish(hash: number): number {
  let mixed = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed === 0 ? 1 : mixed;
}
