// @ts-check
/**
 * Makes sure that the tests find redis-server 7, which they compare goredis with, and Java 17, which
 * runs DynamoDB Local. As root on Debian or Ubuntu it installs what is missing, from packages that
 * hold the programs but no service, so that nothing takes port 6379. Elsewhere it stops and says
 * what to install.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { findJava, MISSING_JAVA, OLDEST_JAVA } from './support/find-java.cjs';
import { findRedis, MISSING_REDIS } from './support/find-redis.mjs';

/**
 * @typedef {object} Program
 * @property {() => unknown} find undefined if it is missing
 * @property {string} missing what to tell then
 * @property {() => string} package the package that holds it, once the lists are up to date
 */

/** @type {readonly Program[]} */
const programs = [
  { find: findRedis, missing: MISSING_REDIS, package: () => 'redis-tools' },
  { find: findJava, missing: MISSING_JAVA, package: javaPackage },
];

const missing = programs.filter(({ find }) => find() === undefined);
if (missing.length > 0 && mayInstall()) {
  const what = missing.map((program) => program.missing).join('\n');
  apt(what, 'update', '-qq');
  // Java's package registers manual pages there, and fails in an image that was freed of them.
  mkdirSync('/usr/share/man/man1', { recursive: true });
  const packages = missing.map((program) => program.package());
  apt(what, 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}
const stillMissing = missing.filter(({ find }) => find() === undefined);
if (stillMissing.length > 0) stop(stillMissing.map((program) => program.missing).join('\n'));

function mayInstall() {
  if (process.getuid?.() !== 0) return false;
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
  } catch {
    return false;
  }
}

/** The oldest that is new enough: a distribution has one or two of them, its default may be older. */
function javaPackage() {
  const { stdout } = spawnSync(
    'apt-cache',
    ['search', '--names-only', '^openjdk-[0-9]+-jre-headless$'],
    { encoding: 'utf8' },
  );
  const versions = [...(stdout ?? '').matchAll(/^openjdk-(\d+)-/gm)]
    .map(([, version]) => Number(version))
    .filter((version) => version >= OLDEST_JAVA);
  return versions.length > 0
    ? `openjdk-${Math.min(...versions)}-jre-headless`
    : 'default-jre-headless';
}

/**
 * @param {string} what for the message if it fails
 * @param {string[]} args
 */
function apt(what, ...args) {
  const { status, error } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) {
    stop(`${what}\napt-get ${args.join(' ')} failed ${error?.message ?? `(${status})`}`);
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
