// @ts-check
/**
 * `npm run dynamodb`: DynamoDB Local for development, in memory, until Ctrl-C. `-- --port 8001` takes
 * another port than 8000, `-- --data folder` keeps the data in a folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dynamoLocalCommand } from '../test/support/find-java.cjs';

const { port, data } = readArguments();
await checkFree(port);
const { file, args, cwd } = command();
const child = spawn(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

let stopping = false;
const stop = () => {
  stopping = true;
  child.kill();
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);
child.on('error', (error) => fail(`${file}: ${error.message}`));
child.on('exit', (code, signal) => {
  if (!stopping) fail(`DynamoDB Local ended by itself (${signal ?? code})`);
  process.exit(0);
});

while (!stopping && !(await accepts(port))) await new Promise((done) => setTimeout(done, 50));
const endpoint = `http://127.0.0.1:${port}`;
console.log(`DynamoDB Local serves on ${endpoint}, ${data ? `data in ${data}` : 'in memory'}. In another terminal:

  node bin/goredis.js --store dynamodb --dynamodb-endpoint ${endpoint}

Ctrl-C ends it.`);

function readArguments() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string', default: '8000' }, data: { type: 'string' } },
    });
    const number = Number(values.port);
    if (!Number.isInteger(number) || number < 1 || number > 65535) {
      return fail(`--port ${values.port}: is no port`);
    }
    return { port: number, data: values.data };
  } catch (error) {
    return fail(`${/** @type {Error} */ (error).message.split('\n')[0]}`);
  }
}

function command() {
  try {
    if (data !== undefined) mkdirSync(data, { recursive: true });
    return dynamoLocalCommand(port, data && resolve(data));
  } catch (error) {
    return fail(/** @type {Error} */ (error).message);
  }
}

/**
 * Java would end with a page of stack trace.
 *
 * @param {number} number
 */
async function checkFree(number) {
  const probe = createServer();
  await new Promise((done) => {
    probe.once('error', (/** @type {NodeJS.ErrnoException} */ { code }) =>
      fail(`port ${number}: ${code === 'EADDRINUSE' ? 'something listens there already' : code}`),
    );
    probe.listen(number, () => probe.close(done));
  });
}

/**
 * @param {number} number
 * @returns {Promise<boolean>}
 */
function accepts(number) {
  return new Promise((done) => {
    const socket = connect(number, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(`dynamodb: ${message}`);
  process.exit(1);
}
