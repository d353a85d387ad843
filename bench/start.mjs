// @ts-check
/** How long it takes from the start of a process to the first reply, and how much processor time. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readOptions } from './lib/options.mjs';
import { processorNs } from './lib/processes.mjs';
import { machine, median, table } from './lib/report.mjs';
import { redisProgram } from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/start.mjs [options]', {
  rounds: { kind: 'number', initial: '30', help: 'starts of each kind' },
});

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const library = `require(${JSON.stringify(file('../dist/index.js'))})`;

// Its processor time is read afterwards.
const stay = 'setInterval(() => {}, 1e9)';

/** Each prints a line with the port to ask, or with 0 when it has had its reply. */
const subjects = [
  { name: 'Node.js alone', args: ['-e', `console.log('0'); ${stay}`] },
  {
    name: 'library, client without a socket',
    args: [
      '-e',
      `${library}.createServer().connect().send('PING').then(() => { console.log('0'); ${stay}; })`,
    ],
  },
  {
    name: 'library, over a socket',
    args: [
      '-e',
      `${library}.createServer({ port: 0 }).listen().then((s) => console.log(s.address.port))`,
    ],
  },
  { name: '`bin/goredis.js`', args: [file('../bin/goredis.js'), '--port', '0'] },
];

/** @param {readonly string[]} args */
async function start(args) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const [, found] = /(?:^|:)(\d+)(?:\n|, store)/m.exec(text) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`ended before it was ready: ${text}`)));
  });
  if (port > 0) {
    const socket = connect(port, '127.0.0.1');
    socket.write('PING\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
  }
  const ms = performance.now() - startedMs;
  const processorMs = processorNs(child.pid ?? 0) / 1e6;
  await new Promise((resolve) => {
    if (child.exitCode !== null) resolve(undefined);
    child.removeAllListeners('exit').once('exit', resolve);
    child.kill('SIGKILL');
  });
  return { ms, processorMs };
}

/** @type {Map<string, { ms: number, processorMs: number }[]>} */
const starts = new Map(subjects.map(({ name }) => [name, []]));
// In turns, so that a slow spell of the machine meets all of them; the first round warms the disk's cache.
for (let round = 0; round <= options.number('rounds'); round++) {
  for (const { name, args } of subjects) {
    const one = await start(args);
    if (round > 0) starts.get(name)?.push(one);
  }
}

/** @param {{ ms: number, processorMs: number }[]} list */
function figures(list) {
  const times = list.map(({ ms }) => ms);
  return [median(times), Math.min(...times), median(list.map(({ processorMs }) => processorMs))];
}

const node = figures(starts.get('Node.js alone') ?? []);
console.log(`${machine(redisProgram())}\n`);
console.log(
  table(
    [
      'start to first reply',
      'median, ms',
      'fastest, ms',
      'processor time, ms',
      'beyond Node, median',
      'beyond Node, fastest',
      'beyond Node, processor time',
    ],
    [...starts].map(([name, list]) => {
      const own = figures(list);
      const beyond = own.map((figure, i) => figure - (node[i] ?? 0));
      return [name, ...[...own, ...beyond].map((figure) => figure.toFixed(0))];
    }),
  ),
);
