// @ts-check
/** How long KEYS and SCAN take over all keys, beside redis-server. */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { drive } from './lib/driver.mjs';
import { readOptions } from './lib/options.mjs';
import { processorNs } from './lib/processes.mjs';
import { encode } from './lib/raw.mjs';
import { machine, median, progress, table } from './lib/report.mjs';
import { redisProgram, SERVER_HELP, startServer, testedProgram } from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/iterate.mjs [options]', {
  keys: { kind: 'number', initial: '1000000', help: 'keys in the database' },
  'scan-counts': { kind: 'numbers', initial: '10,1000', help: 'COUNT of each SCAN' },
  rounds: { kind: 'number', initial: '5', help: 'of each; the median counts' },
  server: { kind: 'text', help: SERVER_HELP },
});
const PREFIX = 'key:';
const keys = options.number('keys');
const redis = redisProgram();
const servers = [];
for (const program of [redis, testedProgram(options.text('server'))]) {
  progress(`${program.name}: ${keys} keys`);
  const server = await startServer(program);
  await drive(server.port, { kind: 'fill', prefix: PREFIX, keys, value: 'x' });
  servers.push({ name: program.name, server });
}

/** Asks for the keys that match; answers when all have come. @param {number} port @param {string} pattern @param {number} matches */
async function keysCommand(port, pattern, matches) {
  // The reply's length is known: nothing is spent on reading it.
  const key = `$${PREFIX.length + 12}\r\n${PREFIX}${'0'.repeat(12)}\r\n`;
  let missing = `*${matches}\r\n`.length + matches * key.length;
  const socket = connect(port, '127.0.0.1');
  socket.write(encode(['KEYS', pattern]));
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing === 0) resolve(undefined);
      if (missing < 0) reject(new Error('KEYS: a longer reply than expected'));
    });
  });
  socket.destroy();
}

/** @param {number} port @param {number} count */
async function scanAll(port, count) {
  const found = await drive(port, { kind: 'scan', count });
  if (found !== keys) throw new Error(`SCAN: ${found} of ${keys} keys`);
}

/** @type {{ name: string, run: (port: number) => Promise<void> }[]} */
const subjects = [
  { name: 'KEYS *', run: (port) => keysCommand(port, '*', keys) },
  { name: 'KEYS of a pattern, a tenth', run: (port) => keysCommand(port, '*:*7', keys / 10) },
  ...options.numbers('scan-counts').map((count) => ({
    name: `SCAN of all, COUNT ${count}`,
    run: (/** @type {number} */ port) => scanAll(port, count),
  })),
];

const rows = [];
for (const { name, run } of subjects) {
  progress(name);
  const times = servers.map(() => ({
    /** @type {number[]} */ ms: [],
    /** @type {number[]} */ processorMs: [],
  }));
  for (let round = 0; round <= options.number('rounds'); round++) {
    for (const [i, { server }] of servers.entries()) {
      const startedNs = processorNs(server.pid);
      const startedMs = performance.now();
      await run(server.port);
      if (round === 0) continue;
      times[i]?.ms.push(performance.now() - startedMs);
      times[i]?.processorMs.push((processorNs(server.pid) - startedNs) / 1e6);
    }
  }
  const [theirs = { ms: [], processorMs: [] }, ours = theirs] = times;
  rows.push([
    name,
    ...[theirs, ours].map(({ ms }) => median(ms).toFixed(0)),
    (median(ours.ms) / median(theirs.ms)).toFixed(2),
    ...[theirs, ours].map(({ processorMs }) => median(processorMs).toFixed(0)),
    (median(ours.processorMs) / median(theirs.processorMs)).toFixed(2),
  ]);
}
for (const { server } of servers) await server.stop();

const [a = '', b = ''] = servers.map(({ name }) => name);
console.log(`${machine(redis)}\n`);
console.log(
  table(
    ['', `${a}, ms`, `${b}, ms`, 'ratio', `${a}, processor ms`, `${b}, processor ms`, 'ratio'],
    rows,
  ),
);
