// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * How to start redis-server 7: the binary, and the name it must be started under.
 *
 * @typedef {object} RedisBinary
 * @property {string} file
 * @property {string} argv0
 * @property {string} version for example `7.0.15`
 */

/** What to tell a person whose machine has none. */
export const MISSING_REDIS =
  'redis-server 7 is missing: install it (Debian, Ubuntu: the package redis-tools is enough)';

/**
 * Finds redis-server 7 on PATH; where there is none, `redis-check-rdb`, which is the same binary:
 * it looks at the name it was started under. Debian's redis-tools has only that one.
 *
 * @returns {RedisBinary | undefined}
 */
export function findRedis() {
  for (const name of ['redis-server', 'redis-check-rdb']) {
    const file = findProgram(name);
    const version = file && versionOf(file);
    if (file && version?.startsWith('7.')) return { file, argv0: 'redis-server', version };
  }
  return undefined;
}

/**
 * The path of an executable on PATH.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @param {string} file */
function versionOf(file) {
  const { stdout } = spawnSync(file, ['--version'], { argv0: 'redis-server', encoding: 'utf8' });
  return /\bv=(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
}
