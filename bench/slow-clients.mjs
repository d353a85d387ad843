// @ts-check
/**
 * What clients wait while another one misbehaves: it does not read its replies, it sends and asks
 * for a value of 100 MB again and again, or it begins requests and does not end them. The bad one
 * works in a thread of its own.
 */
import { connect } from 'node:net';
import { constants } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { readOptions } from './lib/options.mjs';
import { prefer } from './lib/processes.mjs';
import { encode } from './lib/raw.mjs';
import { machine, progress, table } from './lib/report.mjs';
import { delay, redisProgram, SERVER_HELP, startServer, testedProgram } from './lib/servers.mjs';

const KINDS = ['nobody', 'reads nothing', 'a value of 100 MB', 'half a request'];
const LARGE_BYTES = 100 * 1024 * 1024;
const PAUSE_MS = 4;

/** @param {number} port */
async function open(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  // The server may close one that behaves badly.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** @param {{ port: number, kind: string }} task */
async function misbehave({ port, kind }) {
  prefer(constants.priority.PRIORITY_LOW);
  const socket = await open(port);
  if (kind === 'reads nothing') {
    socket.pause();
    const gets = encode(['GET', 'key']).repeat(1000);
    for (;;) if (!socket.write(gets)) await delay(1);
  } else if (kind === 'a value of 100 MB') {
    const value = Buffer.alloc(LARGE_BYTES, 'x');
    const replyBytes = '+OK\r\n'.length + `$${LARGE_BYTES}\r\n\r\n`.length + LARGE_BYTES;
    for (;;) {
      let missing = replyBytes;
      const answered = new Promise((resolve) => {
        socket.on('data', (chunk) => {
          missing -= chunk.length;
          if (missing === 0) resolve(undefined);
        });
      });
      socket.write(`*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n$${LARGE_BYTES}\r\n`);
      socket.write(value);
      socket.write(`\r\n${encode(['GET', 'large'])}`);
      await answered;
      socket.removeAllListeners('data');
    }
  } else {
    const half = '*1000000\r\n$4\r\nMGET\r\n' + '$3\r\nkey\r\n'.repeat(500);
    for (;;) {
      const another = await open(port);
      another.write(half);
      await delay(2);
      if (Math.random() < 0.9) another.destroy();
    }
  }
}

/**
 * @param {number} port
 * @param {number} clients
 * @param {number} seconds
 */
async function waits(port, clients, seconds) {
  /** @type {number[]} */
  const waitedMs = [];
  const endMs = performance.now() + seconds * 1000;
  const request = encode(['GET', 'key']);
  const own = monitorEventLoopDelay({ resolution: 1 });
  own.enable();
  await Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const socket = await open(port);
      await delay((i * PAUSE_MS) / clients);
      while (performance.now() < endMs) {
        const sentMs = performance.now();
        socket.write(request);
        await new Promise((resolve) => socket.once('data', resolve));
        waitedMs.push(performance.now() - sentMs);
        await delay(PAUSE_MS);
      }
      socket.destroy();
    }),
  );
  waitedMs.sort((a, b) => a - b);
  own.disable();
  return [
    ...[0.5, 0.99, 1].map((part) => waitedMs[Math.ceil(waitedMs.length * part) - 1] ?? NaN),
    // What the clock's own resolution adds to each is not the process's.
    own.percentile(99) / 1e6 - 1,
  ].map((ms) => ms.toFixed(2));
}

async function main() {
  const options = readOptions('npm run build && node bench/slow-clients.mjs [options]', {
    clients: { kind: 'number', initial: '50', help: 'clients that are measured' },
    seconds: { kind: 'number', initial: '10', help: 'of each phase' },
    only: { kind: 'text', help: `one bad client: ${KINDS.join(', ')}` },
    alone: { kind: 'flag', help: 'without redis-server beside it' },
    server: { kind: 'text', help: SERVER_HELP },
  });
  const redis = redisProgram();
  const tested = testedProgram(options.text('server'));
  const rows = [];
  prefer(constants.priority.PRIORITY_HIGHEST);
  for (const program of options.flag('alone') ? [tested] : [redis, tested]) {
    const server = await startServer(program);
    const first = await open(server.port);
    first.write(encode(['SET', 'key', 'x'.repeat(64)]));
    await new Promise((resolve) => first.once('data', resolve));
    for (const kind of KINDS.filter((name) => name === (options.text('only') ?? name))) {
      progress(`${program.name}: ${kind}`);
      const bad =
        kind === 'nobody'
          ? undefined
          : new Worker(new URL(import.meta.url), { workerData: { port: server.port, kind } });
      // Once to warm up.
      await waits(server.port, options.number('clients'), 1);
      const figures = await waits(
        server.port,
        options.number('clients'),
        options.number('seconds'),
      );
      rows.push([program.name, kind, ...figures]);
      await bad?.terminate();
    }
    first.destroy();
    await server.stop();
  }
  console.log(`${machine(redis)}\n`);
  console.log(
    table(
      [
        'server',
        'the bad client',
        'p50, ms',
        'p99, ms',
        'longest, ms',
        'this process itself, p99, ms',
      ],
      rows,
    ),
  );
}

if (isMainThread) await main();
else await misbehave(workerData);
