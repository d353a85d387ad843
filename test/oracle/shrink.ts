/**
 * A shorter list that still fails: takes out runs of items, half of the list at first and single
 * ones at last, and keeps what still fails without them.
 * @param attempts how often `fails` is asked at most
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
  attempts: number,
): Promise<readonly T[]> {
  let shortest = items;
  let left = attempts;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size > 1 ? size >> 1 : 0) {
    for (let at = 0; at < shortest.length && left > 0; left--) {
      const shorter = shortest.filter((_, i) => i < at || i >= at + size);
      if (await fails(shorter)) shortest = shorter;
      else at += size;
    }
  }
  return shortest;
}
