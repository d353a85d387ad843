import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { randomId } from './secrets';

/**
 * Writes a file anew, in one step: whoever reads it sees the old content or the new one, also after
 * a crash. Who may read it stays as it was.
 * @param content bytes, as latin1
 * @throws Error with a `code`; the old file is as it was then, and nothing is left beside it
 */
export function replaceFile(path: string, content: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  const temporary = `${path}.${randomId().slice(0, 12)}`;
  // Nobody else may read it before it has the old file's permissions: it may hold passwords.
  const file = openSync(temporary, 'wx', mode === undefined ? 0o644 : 0o600);
  try {
    try {
      writeFileSync(file, content, 'latin1');
      if (mode !== undefined) fchmodSync(file, mode & 0o777);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncDirectory(dirname(path));
}

/** The new name is in the directory, which is written apart from the file. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
