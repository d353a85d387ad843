/**
 * The sizes of blocks in an arena, in units of 16 bytes: each up to 16 units, then eight for every
 * doubling, so that a block is at most an eighth larger than what lies in it.
 */

export const UNIT_BYTES = 16;
/** Of the largest class. */
export const MAX_UNITS = 512;

/** Units of a block by class. */
export const CLASS_UNITS: readonly number[] = sizes();

const classes = classByUnits();

/** The smallest class that holds so many units, from 1 to MAX_UNITS. */
export function classOf(units: number): number {
  return classes[units]!;
}

function sizes(): number[] {
  const units: number[] = [];
  for (let next = 1; next <= MAX_UNITS; next += Math.max(1, 2 ** Math.floor(Math.log2(next)) / 8)) {
    units.push(next);
  }
  return units;
}

function classByUnits(): Uint8Array {
  const table = new Uint8Array(MAX_UNITS + 1);
  for (let units = 1, size = 0; units <= MAX_UNITS; units++) {
    if (units > CLASS_UNITS[size]!) size++;
    table[units] = size;
  }
  return table;
}
