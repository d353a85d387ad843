/** Numbers of bytes as redis.conf writes them: `100mb`. */

const UNITS = new Map([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1000n ** 2n],
  ['mb', 1024n ** 2n],
  ['g', 1000n ** 3n],
  ['gb', 1024n ** 3n],
]);

const ULLONG_MAX = 2n ** 64n - 1n;

/**
 * Bytes as memtoull reads them: digits and a unit in any case; no digits are 0, too many saturate,
 * and the product wraps. Undefined for anything else.
 */
export function parseMemory(word: string): bigint | undefined {
  const match = /^([0-9]{0,127})([a-z]{0,2})$/i.exec(word);
  const unit = UNITS.get(match?.[2]?.toLowerCase() ?? '-');
  if (match === null || unit === undefined) return undefined;
  const digits = BigInt(match[1] ?? '');
  return BigInt.asUintN(64, (digits > ULLONG_MAX ? ULLONG_MAX : digits) * unit);
}

/** In the largest unit of which it is a whole number. Inverse of `parseMemory`. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    const size = UNITS.get(unit) ?? 1n;
    if (bytes > 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
