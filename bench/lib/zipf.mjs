// @ts-check
/**
 * Ranks from 0 to `count` - 1; rank r is drawn in proportion to 1 / (r + 1)^skew.
 *
 * @param {number} count
 * @param {number} skew
 * @param {number} seed
 */
export function zipf(count, skew, seed) {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) sums[rank] = sum += 1 / (rank + 1) ** skew;
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    const target = (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
