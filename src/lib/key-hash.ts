/**
 * A hash of keys, by which stores split and index them.
 *
 * Computing it over a string that is a slice of a request costs several times as much as over the
 * bytes that it came from: every character goes through the slice. So the parser, which has the
 * bytes, computes it there, and the last result is remembered: whoever asks next for the same key,
 * which is nearly always the store in the same command, has it for a comparison of pointers.
 */

/** Drawn at the start, so that nobody can prepare keys that all fall into one place. */
const SEED = Math.floor(Math.random() * 2 ** 32) | 0;

let lastKey = '';
let lastHash = 0;

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

/** Computes and remembers the hash of `key`, which is made of bytes [start, end). */
export function rememberHash(key: string, bytes: Uint8Array, start: number, end: number): void {
  let hash = SEED ^ (end - start);
  for (let i = start; i < end; i++) hash = mixIn(hash, bytes[i]!);
  lastHash = finish(hash);
  lastKey = key;
}

function mixIn(hash: number, code: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ code, 0x9e3779b1);
}

/** The finalizer of MurmurHash3: every bit reaches every other. */
function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return mixed === 0 ? 1 : mixed;
}
