// @ts-check
/** What the process takes while keys are evicted at a limit, for small, medium and large values. */
import { drive } from './lib/driver.mjs';
import { megabytes, settled } from './lib/memory.mjs';
import { readOptions } from './lib/options.mjs';
import { residentBytes } from './lib/processes.mjs';
import { machine, progress, table, thousands } from './lib/report.mjs';
import {
  delay,
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/memory-limit.mjs [options]', {
  'limit-mb': { kind: 'number', initial: '200', help: 'maxmemory, in MB (2^20 bytes)' },
  'value-bytes': { kind: 'numbers', initial: '10,1000,1000000', help: 'lengths of values' },
  fields: { kind: 'number', help: 'fields of a hash; without it values are strings' },
  seconds: { kind: 'number', initial: '90', help: 'how long new keys are set' },
  last: { kind: 'number', initial: '30', help: 'the highest of so many last seconds counts' },
  alone: { kind: 'flag', help: 'without redis-server beside it' },
  server: { kind: 'text', help: SERVER_HELP },
});

const SAMPLE_MS = 200;

const redis = redisProgram();
const tested = testedProgram(options.text('server'));
const limitBytes = options.number('limit-mb') * 2 ** 20;
const fields = options.text('fields') === undefined ? 0 : options.number('fields');
const seconds = options.number('seconds');
const lastMs = Math.min(seconds, options.number('last')) * 1000;

const rows = [];
for (const program of options.flag('alone') ? [tested] : [redis, tested]) {
  for (const valueBytes of options.numbers('value-bytes')) {
    progress(`${program.name}: values of ${thousands(valueBytes)} bytes`);
    rows.push(await measure(program, valueBytes));
  }
}
console.log(`${machine(redis)}\n`);
console.log(
  table(
    [
      'server',
      'value, bytes',
      'SETs a second',
      'empty, MB',
      'last, MB',
      'peak, MB',
      'beyond empty',
    ],
    rows,
  ),
);

/**
 * @param {import('./lib/servers.mjs').Program} program
 * @param {number} valueBytes
 */
async function measure(program, valueBytes) {
  const limit = ['--maxmemory', String(limitBytes), '--maxmemory-policy', 'allkeys-lru'];
  const server = await startServer(withOptions(program, limit));
  const empty = await settled(server.pid);
  const value = 'x'.repeat(valueBytes);
  const startMs = performance.now();
  let running = true;
  const load = drive(server.port, { kind: 'churn', seconds, value, fields }).finally(() => {
    running = false;
  });
  let highest = 0;
  while (running) {
    await delay(SAMPLE_MS);
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > seconds * 1000 - lastMs) {
      highest = Math.max(highest, residentBytes(server.pid).now);
    }
  }
  const rate = (await load) / seconds;
  const { peak } = residentBytes(server.pid);
  await server.stop();
  const factor = (highest - empty) / limitBytes;
  return [
    program.name,
    thousands(valueBytes),
    thousands(rate),
    megabytes(empty),
    megabytes(highest),
    megabytes(peak),
    `${factor.toFixed(2)} x limit`,
  ];
}
