// @ts-check
/**
 * goredis over DynamoDB Local, which shows that it works and little else, and over a stub that
 * answers at once, which shows goredis's own cost. The stub runs in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { dynamoLocalCommand } from '../../test/support/find-java.cjs';
import { callsOf, info } from './info.mjs';
import { fail } from './options.mjs';
import { processorNs } from './processes.mjs';
import { measure } from './redis-benchmark.mjs';
import { median, progress, table, thousands } from './report.mjs';
import { delay, freePort, startServer, withOptions } from './servers.mjs';

/**
 * @typedef {object} DynamoOptions
 * @property {import('./redis-benchmark.mjs').CommandName[]} commands
 * @property {number[]} depths
 * @property {number} rounds
 * @property {number | undefined} requests
 * @property {number} connections
 * @property {number} keys
 * @property {number} valueBytes
 */

/**
 * @param {import('./servers.mjs').Program} program
 * @param {DynamoOptions} options
 * @returns {Promise<string>}
 */
export async function measureDynamo(program, options) {
  const local = await startLocal();
  const stub = await startStubProcess(local.endpoint);
  const rows = [];
  for (const [name, endpoint] of [
    ['DynamoDB Local', local.endpoint],
    ['stub', stub.endpoint],
  ]) {
    const store = ['--store', 'dynamodb', '--dynamodb-endpoint', String(endpoint)];
    const server = await startServer(withOptions(program, store));
    for (const command of options.commands) {
      for (const depth of options.depths) {
        rows.push([String(name), ...(await row(server, command, depth, options))]);
      }
    }
    await server.stop();
  }
  stub.stop();
  local.stop();
  return table(['over', 'command', 'depth', 'commands, /s', 'processor time, µs'], rows);
}

/**
 * @param {import('./servers.mjs').Server} server
 * @param {import('./redis-benchmark.mjs').CommandName} command
 * @param {number} depth
 * @param {DynamoOptions} options
 */
async function row(server, command, depth, options) {
  const { connections, keys, valueBytes } = options;
  const requests = options.requests ?? (command === 'MSET' ? 1000 : 5000);
  const load = { command, depth, requests, connections, keys, valueBytes };
  const rounds = [];
  for (let round = 0; round <= options.rounds; round++) {
    const figures = await measureToTheEnd(server, load);
    if (round > 0) rounds.push(figures);
    progress(`${command} depth ${depth}: ${thousands(figures.rate)} /s`);
  }
  return [
    command,
    String(depth),
    thousands(median(rounds.map(({ rate }) => rate))),
    (median(rounds.map(({ nsPerCommand }) => nsPerCommand)) / 1000).toFixed(0),
  ];
}

/**
 * With a pipeline redis-benchmark sends more than it was asked for, and leaves when it has enough
 * answers: so the server's own count is taken, when nothing is left to do.
 *
 * @param {import('./servers.mjs').Server} server
 * @param {import('./redis-benchmark.mjs').Load} load
 */
async function measureToTheEnd(server, load) {
  const { port, pid } = server;
  const calls = await callsOf(port, load.command);
  const spentNs = processorNs(pid);
  const startedMs = performance.now();
  await measure(server, load);
  while ((await info(port, 'dynamodb')).get('in_flight') !== '0') await delay(5);
  const seconds = (performance.now() - startedMs) / 1000;
  const done = (await callsOf(port, load.command)) - calls;
  return { rate: done / seconds, nsPerCommand: (processorNs(pid) - spentNs) / done };
}

export async function startLocal() {
  const port = await freePort();
  const { file, args, cwd } = dynamoLocalCommand(port);
  const child = spawn(file, args, { cwd, stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const there = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (there) break;
    if (child.exitCode !== null || tries > 400) fail('DynamoDB Local does not start');
    await delay(50);
  }
  return { endpoint, stop: () => child.kill('SIGKILL') };
}

/**
 * @param {string} endpoint
 * @param {{ foreignWrites: number, keys: number, valueBytes: number }} [writes]
 */
export function startStubProcess(endpoint, writes) {
  return startProcess('dynamodb-stub-process.mjs', [endpoint, JSON.stringify(writes ?? {})]);
}

/** @param {number} delayMs how long each request takes */
export function startFakeProcess(delayMs) {
  return startProcess('fake-dynamodb-process.mjs', [String(delayMs)]);
}

/**
 * An endpoint that prints where it is.
 *
 * @param {string} name
 * @param {string[]} args
 */
async function startProcess(name, args) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { endpoint: String(line).trim(), stop: () => child.kill('SIGKILL') };
}
