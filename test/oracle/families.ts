/** The cases of `cases/`, a family a file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OracleCase } from './oracle';

const folder = join(__dirname, 'cases');
export const families = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const { cases } = jest.requireActual<{ cases: readonly OracleCase[] }>(join(folder, file));
    return { family: file.slice(0, -'.ts'.length), cases };
  });
