// @ts-check
/**
 * Makes sure that the tests find redis-server 7, which they compare goredis with. As root on
 * Debian or Ubuntu it installs what is missing: the package redis-tools, which holds the binary
 * but no service, so that nothing takes port 6379. Elsewhere it stops and says what to install.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findRedis, MISSING_REDIS } from './support/find-redis.mjs';

if (!findRedis()) {
  if (mayInstall()) {
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', 'redis-tools');
  }
  if (!findRedis()) stop(MISSING_REDIS);
}

function mayInstall() {
  if (process.getuid?.() !== 0) return false;
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
  } catch {
    return false;
  }
}

/** @param {string[]} args */
function apt(...args) {
  const { status, error } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) {
    stop(`${MISSING_REDIS}: apt-get ${args.join(' ')} failed ${error?.message ?? `(${status})`}`);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  console.error(message);
  process.exit(1);
}
