/** What tests of the written pages need: the pages, and what of the project they name. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** @param path relative to the project's folder */
export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function exists(path: string): boolean {
  return existsSync(join(root, path));
}

/** Whether the file has a test, a case or a group of this title. */
export function hasTitle(path: string, title: string): boolean {
  if (!exists(path)) return false;
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // A title stands behind it(, test.each(...)(, [ of a row, or title: of a case.
  return new RegExp(`(?:[(\\[]|title:)\\s*['"\`]${escaped}['"\`]`).test(readPage(path));
}
