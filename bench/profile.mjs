// @ts-check
/** Where the server's processor time goes: the functions with the most time of their own. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTable } from './lib/cached.mjs';
import { drive } from './lib/driver.mjs';
import { fail, readOptions } from './lib/options.mjs';
import { commandName, COMMANDS, measure } from './lib/redis-benchmark.mjs';
import { machine, progress, table } from './lib/report.mjs';
import {
  delay,
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/profile.mjs [options]', {
  command: { kind: 'text', initial: 'SET', help: Object.keys(COMMANDS).join(' ') },
  depth: { kind: 'number', initial: '16', help: 'pipeline depth' },
  requests: { kind: 'number', initial: '2000000', help: 'requests that are profiled' },
  connections: { kind: 'number', initial: '50', help: 'connections' },
  keys: { kind: 'number', initial: '1000000', help: 'keys' },
  'value-bytes': { kind: 'number', initial: '64', help: 'length of a value' },
  top: { kind: 'number', initial: '30', help: 'functions to print' },
  out: { kind: 'text', help: 'folder for the .cpuprofile files, for Chrome or speedscope' },
  store: { kind: 'text', initial: 'memory', help: 'memory, or cached' },
  server: { kind: 'text', help: SERVER_HELP },
});

/** @typedef {{ nodes: ProfileNode[], samples: number[], timeDeltas: number[] }} Profile */
/** @typedef {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }} ProfileNode */

/** The lines of the programs, by path. @type {Map<string, string[]>} */
const linesOf = new Map();

const out = options.text('out');
if (out !== undefined) mkdirSync(out, { recursive: true });
const folder = out === undefined ? mkdtempSync(join(tmpdir(), 'goredis-profile-')) : resolve(out);
const hook = fileURLToPath(new URL('lib/profile-hook.cjs', import.meta.url));

const command = commandName(options.text('command') ?? 'SET');
const keys = options.number('keys');
const valueBytes = options.number('value-bytes');
const load = {
  command,
  depth: options.number('depth'),
  requests: options.number('requests'),
  connections: options.number('connections'),
  keys,
  valueBytes,
};

console.log(`${machine(redisProgram())}\n`);
const cachedOver =
  options.text('store') === 'cached' ? await startTable({ keys, valueBytes }) : undefined;
const program = withOptions(testedProgram(options.text('server')), cachedOver?.options ?? []);
const server = await startServer(program, {
  ...process.env,
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${hook}`,
  BENCH_PROFILE_DIR: folder,
});
const { prefix } = COMMANDS[command];
if (prefix !== undefined) {
  const value = command === 'INCR' ? '0' : 'x'.repeat(valueBytes);
  await drive(server.port, { kind: 'fill', prefix, keys, value });
}
progress('warm-up');
await measure(server, load);
progress('profile');
process.kill(server.pid, 'SIGUSR2');
await delay(300);
const { rate, nsPerCommand } = await measure(server, load);
process.kill(server.pid, 'SIGUSR2');
const profiles = await written();
await server.stop();
cachedOver?.stop();

console.log(
  `${command}, depth ${load.depth}: ${Math.round(rate)} /s, ` +
    `${(nsPerCommand / 1000).toFixed(2)} µs of processor time a command, while being profiled\n`,
);
const [busiest] = profiles.map(selfTimes).sort((a, b) => b.busyMs - a.busyMs);
if (busiest === undefined) fail('no profile was written: is the server a Node program?');
const { busyMs, functions } = /** @type {ReturnType<typeof selfTimes>} */ (busiest);
console.log(
  table(
    ['share, %', 'ms', 'function', 'where'],
    functions
      .slice(0, options.number('top'))
      .map(({ name, where, ms }) => [
        ((ms / busyMs) * 100).toFixed(1),
        ms.toFixed(0),
        name,
        where === '' ? '-' : where,
      ]),
  ),
);
console.log(`\n(program) is native code, system calls too. Profiles: ${folder}`);

/** The profiles, when each thread has written its own. */
async function written() {
  for (let tries = 0, quiet = 0, seen = 0; tries < 100; tries++) {
    await delay(200);
    const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
    quiet = files.length === seen ? quiet + 1 : 0;
    seen = files.length;
    if (files.length > 0 && quiet >= 5) {
      return files.map(
        (file) => /** @type {Profile} */ (JSON.parse(readFileSync(join(folder, file), 'utf8'))),
      );
    }
  }
  return [];
}

/**
 * Time in each function itself, without what it calls, the longest first; idle time left out.
 *
 * @param {Profile} profile
 */
function selfTimes({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  /** @type {Map<string, { name: string, where: string, ms: number }>} */
  const sums = new Map();
  let busyMs = 0;
  samples.forEach((id, index) => {
    const frame = byId.get(id);
    if (frame === undefined || frame.functionName === '(idle)') return;
    const ms = (timeDeltas[index + 1] ?? 0) / 1000;
    const where = place(frame.url, frame.lineNumber);
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const entry = sums.get(`${name} ${where}`) ?? { name, where, ms: 0 };
    entry.ms += ms;
    busyMs += ms;
    sums.set(`${name} ${where}`, entry);
  });
  return { busyMs, functions: [...sums.values()].sort((a, b) => b.ms - a.ms) };
}

/**
 * @param {string} url
 * @param {number} line
 */
function place(url, line) {
  if (url === '') return '';
  if (!url.startsWith('file:')) return `${url}:${line + 1}`;
  const path = fileURLToPath(url);
  return `${moduleAt(path, line) ?? relative(process.cwd(), path)}:${line + 1}`;
}

/**
 * The module that a line of a bundle comes from: esbuild names each above its code.
 *
 * @param {string} path
 * @param {number} line
 */
function moduleAt(path, line) {
  const lines = linesOf.get(path) ?? readFileSync(path, 'utf8').split('\n');
  linesOf.set(path, lines);
  for (let at = Math.min(line, lines.length - 1); at >= 0; at--) {
    const [, found] = /^\s*\/\/ (src\/\S+)$/.exec(lines[at] ?? '') ?? [];
    if (found !== undefined) return `${relative(process.cwd(), path)} (${found})`;
  }
  return undefined;
}
