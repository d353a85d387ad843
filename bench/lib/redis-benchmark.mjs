// @ts-check
import { spawn } from 'node:child_process';
import { findProgram } from '../../test/support/find-redis.mjs';
import { fail } from './options.mjs';
import { processorNs } from './processes.mjs';

/** The commands measured, and the keys that redis-benchmark gives them. */
export const COMMANDS = {
  PING: { test: 'ping_mbulk', prefix: undefined },
  GET: { test: 'get', prefix: 'key:' },
  SET: { test: 'set', prefix: 'key:' },
  INCR: { test: 'incr', prefix: 'counter:' },
  MSET: { test: 'mset', prefix: 'key:' },
};

/** @typedef {keyof typeof COMMANDS} CommandName */

/**
 * @typedef {object} Load
 * @property {CommandName} command
 * @property {number} depth
 * @property {number} requests
 * @property {number} connections
 * @property {number} keys
 * @property {number} valueBytes
 */

/**
 * @param {string} name
 * @returns {CommandName}
 */
export function commandName(name) {
  const upper = name.toUpperCase();
  if (Object.hasOwn(COMMANDS, upper)) return /** @type {CommandName} */ (upper);
  return fail(`no such command: ${name} (there are ${Object.keys(COMMANDS).join(' ')})`);
}

/**
 * One run of redis-benchmark: requests a second, and the server's processor time a command.
 *
 * @param {{ port: number, pid: number }} server
 * @param {Load} load
 */
export async function measure(server, load) {
  const before = processorNs(server.pid);
  const output = await redisBenchmark([
    ...['-p', String(server.port), '-t', COMMANDS[load.command].test, '--csv'],
    ...['-n', String(load.requests), '-c', String(load.connections), '-P', String(load.depth)],
    ...['-r', String(load.keys), '-d', String(load.valueBytes)],
  ]);
  const spentNs = processorNs(server.pid) - before;
  const rate = Number(/^"[^"]*","([\d.]+)"/m.exec(output.split('\n').slice(1).join('\n'))?.[1]);
  if (!(rate > 0)) fail(`redis-benchmark printed no rate:\n${output}`);
  return { rate, nsPerCommand: spentNs / load.requests };
}

/**
 * @param {string[]} args
 * @returns {Promise<string>} what it printed
 */
function redisBenchmark(args) {
  const file =
    findProgram('redis-benchmark') ??
    fail('redis-benchmark is missing: install it (Debian, Ubuntu: the package redis-tools)');
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('close', (code) => {
      if (code !== 0) fail(`redis-benchmark ${args.join(' ')} failed (${code}):\n${errors}`);
      resolve(output);
    });
  });
}
