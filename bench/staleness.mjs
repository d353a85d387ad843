// @ts-check
/**
 * How long after a write was acknowledged on one node of the store `cached` another one shows it, by
 * how often the stream is asked; and what a node takes that nobody uses. Over DynamoDB Local, whose
 * stream has everything at once: AWS's adds what it takes.
 */
import { createClient } from 'redis';
import { startLocal } from './lib/dynamodb.mjs';
import { readOptions } from './lib/options.mjs';
import { processorNs } from './lib/processes.mjs';
import { machine, progress, table } from './lib/report.mjs';
import {
  delay,
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/staleness.mjs [options]', {
  calls: { kind: 'numbers', initial: '1,4,20', help: 'values of stream-calls-per-second' },
  writes: { kind: 'number', initial: '100', help: 'writes that are waited for' },
  'idle-seconds': { kind: 'number', initial: '10', help: 'how long a node is left alone' },
  server: { kind: 'text', help: SERVER_HELP },
});

const rows = [];
for (const calls of options.numbers('calls')) rows.push(await row(calls));
console.log(`${machine(redisProgram())}\n`);
console.log(
  table(
    [
      ...['calls a second, at most', 'p50, ms', 'p99, ms', 'longest, ms'],
      ...['idle: calls a second', 'idle: processor, %'],
    ],
    rows,
  ),
);

/** @param {number} calls */
async function row(calls) {
  const local = await startLocal();
  const program = withOptions(testedProgram(options.text('server')), [
    ...['--store', 'cached', '--dynamodb-endpoint', local.endpoint],
    ...['--stream-calls-per-second', String(calls), '--max-staleness', '4000'],
  ]);
  const [a, b] = [await startServer(program), await startServer(program)];
  const writer = await createClient({ socket: { port: a.port } }).connect();
  const reader = await createClient({ socket: { port: b.port } }).connect();
  await until(async () => (await streams(reader)).get('state') === 'following');
  /** @type {number[]} */
  const waits = [];
  for (let i = 0; i < options.number('writes'); i++) {
    // At any moment between two calls.
    await delay(Math.random() * 300);
    await reader.get('key');
    await writer.set('key', String(i));
    const writtenMs = performance.now();
    await until(async () => (await reader.get('key')) === String(i));
    waits.push(performance.now() - writtenMs);
  }
  waits.sort((x, y) => x - y);
  const seconds = options.number('idle-seconds');
  await delay(2000);
  const before = { ns: processorNs(b.pid), calls: Number((await streams(reader)).get('calls')) };
  await delay(seconds * 1000);
  const made = Number((await streams(reader)).get('calls')) - before.calls;
  const percent = ((processorNs(b.pid) - before.ns) / (seconds * 1e9)) * 100;
  writer.destroy();
  reader.destroy();
  await a.stop();
  await b.stop();
  local.stop();
  progress(`${calls} calls a second: done`);
  const at = (/** @type {number} */ part) =>
    (waits[Math.floor(waits.length * part)] ?? 0).toFixed(0);
  return [
    ...[String(calls), at(0.5), at(0.99), (waits.at(-1) ?? 0).toFixed(0)],
    ...[(made / seconds).toFixed(1), percent.toFixed(1)],
  ];
}

/** @param {() => Promise<boolean>} holds */
async function until(holds) {
  while (!(await holds())) await delay(1);
}

/**
 * @param {{ info(section: string): Promise<string> }} client
 * @returns {Promise<Map<string, string>>}
 */
async function streams(client) {
  const lines = (await client.info('streams')).split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => /** @type {[string, string]} */ (line.split(':'))));
}
