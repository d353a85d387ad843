import { setImmediate as nextTurn } from 'node:timers/promises';

/** Lets the process go on until `condition` holds; the test's time-out ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nextTurn();
}

/** Lets the process go on for so many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}
