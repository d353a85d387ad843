/** Spans of time as people write them. */

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A number and its unit: `'250ms'`, `'20s'`, `'1.5h'`. */
export type Duration = `${number}${keyof typeof UNITS}`;

/**
 * Milliseconds of a duration.
 * @param duration a number is milliseconds
 * @throws TypeError for anything else, and unless it is a whole number of milliseconds from 0
 */
export function durationMs(duration: number | Duration): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? [];
  const ms =
    typeof duration === 'number'
      ? duration
      : // Rounded, because 1.001 times 1000 is not 1001.
        Math.round(Number(digits) * UNITS[unit as keyof typeof UNITS] * 1e6) / 1e6;
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new TypeError(
      `a duration must be whole milliseconds, or text such as '20s': ${String(duration)}`,
    );
  }
  return ms;
}
