/** The seed of this run: TEST_SEED, or drawn. A failing test names it, so that it can run again. */
export function seedOf(): number {
  const given = Number(process.env['TEST_SEED']);
  return given > 0 ? given : 1 + Math.floor(Math.random() * (2 ** 31 - 1));
}

/** Whether this is `npm run test:long`. */
export const isLongRun = process.env['TEST_LONG'] === '1';
