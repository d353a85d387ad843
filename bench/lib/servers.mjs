// @ts-check
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findRedis, MISSING_REDIS } from '../../test/support/find-redis.mjs';
import { fail } from './options.mjs';

/**
 * A server that runs for a benchmark.
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {number} port
 * @property {number} pid
 * @property {() => Promise<void>} stop
 */

/**
 * How to start a server; the port is put in when it starts.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} file
 * @property {string} [argv0]
 * @property {(port: number) => string[]} args
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 20_000;
const STOP_MS = 20_000;

/** Help of the option that every benchmark has. */
export const SERVER_HELP =
  "command of the server under test ({port} is replaced, else --port N is added), or 'redis-server'";

/** The measure: redis-server 7 without persistence. */
export function redisProgram() {
  const found = findRedis() ?? fail(MISSING_REDIS);
  return {
    name: 'redis-server',
    file: found.file,
    argv0: found.argv0,
    version: found.version,
    /** @param {number} port */
    args: (port) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', tmpdir()],
      ...['--save', '', '--appendonly', 'no'],
    ],
  };
}

/**
 * The server under test: goredis, or what `--server` says.
 *
 * @param {string | undefined} command
 * @returns {Program}
 */
export function testedProgram(command) {
  if (command === 'redis-server') return { ...redisProgram(), name: 'redis-server (again)' };
  const words = command?.trim().split(/\s+/) ?? [process.execPath, 'bin/goredis.js'];
  const [file = '', ...rest] = words;
  return {
    name: command === undefined ? 'goredis' : words.slice(0, 2).join(' '),
    file: file === 'node' ? process.execPath : file,
    args: (port) =>
      rest.some((word) => word.includes('{port}'))
        ? rest.map((word) => word.replaceAll('{port}', String(port)))
        : [...rest, '--port', String(port)],
  };
}

/**
 * The same program with further options.
 *
 * @param {Program} program
 * @param {readonly string[]} options
 * @returns {Program}
 */
export function withOptions(program, options) {
  return { ...program, args: (port) => [...program.args(port), ...options] };
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/**
 * Starts a server and waits until it answers.
 *
 * @param {Program} program
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Server>}
 */
export async function startServer(program, env = process.env) {
  const port = await freePort();
  if (program.file.includes('/') && !existsSync(program.file)) fail(`${program.file} is missing`);
  const child = spawn(program.file, program.args(port), {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(program.argv0 === undefined ? {} : { argv0: program.argv0 }),
  });
  running.add(child);
  let log = '';
  /** @param {Buffer} chunk */
  const keep = (chunk) => {
    log = (log + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));

  let ended = false;
  const end = new Promise((resolve) => {
    child.once('close', () => {
      ended = true;
      running.delete(child);
      resolve(undefined);
    });
  });
  const deadline = Date.now() + READY_MS;
  while (!(await answers(port))) {
    if (ended || Date.now() > deadline) fail(`${program.name} does not start:\n${log}`);
    await delay(50);
  }
  return {
    name: program.name,
    port,
    pid: child.pid ?? 0,
    async stop() {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.kill('SIGTERM');
      await end;
      clearTimeout(kill);
    },
  };
}

/** @param {number} port */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.write('*1\r\n$4\r\nPING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** @param {number} ms */
export function delay(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
