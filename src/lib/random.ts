/** Where chance comes from. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  below(below: number): number;
}

export const systemRandom: Random = {
  next: Math.random,
  below: (below) => Math.floor(Math.random() * below),
};

/**
 * A repeatable source (mulberry32): the same seed gives the same numbers. Not for secrets.
 * @throws TypeError
 */
export function seeded(seed: number): Random {
  if (!Number.isFinite(seed)) throw new TypeError(`a seed must be a number: ${String(seed)}`);
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (below) => Math.floor(next() * below) };
}
