// @ts-check
/**
 * What following the stream takes of a node of the store `cached` that nobody else uses, by how much
 * other nodes write. The records are those of a stub, so that the machine is the node's; keys that
 * the node knows, and that it has read before, so that each of them is one to take in.
 */
import { drive } from './lib/driver.mjs';
import { startTable } from './lib/cached.mjs';
import { info } from './lib/info.mjs';
import { readOptions } from './lib/options.mjs';
import { processorNs } from './lib/processes.mjs';
import { COMMANDS } from './lib/redis-benchmark.mjs';
import { machine, progress, table } from './lib/report.mjs';
import {
  delay,
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/following.mjs [options]', {
  writes: { kind: 'numbers', initial: '10,100,1000', help: 'writes of others, a second' },
  seconds: { kind: 'number', initial: '20', help: 'how long each is measured' },
  keys: { kind: 'number', initial: '20000', help: 'keys that are written' },
  'value-bytes': { kind: 'number', initial: '64', help: 'length of a value' },
  server: { kind: 'text', help: SERVER_HELP },
});
const seconds = options.number('seconds');
const keys = options.number('keys');
const valueBytes = options.number('value-bytes');

const rows = [];
for (const writes of options.numbers('writes')) rows.push(await row(writes));
console.log(`${machine(redisProgram())}\n`);
console.log(
  table(
    ['writes of others, /s', 'records taken in, /s', 'calls, /s', 'processor, %', 'a record, µs'],
    rows,
  ),
);

/** @param {number} writes */
async function row(writes) {
  const over = await startTable({ keys, valueBytes, foreignWrites: writes });
  const program = withOptions(testedProgram(options.text('server')), over.options);
  const server = await startServer(program);
  while ((await info(server.port, 'streams')).get('state') !== 'following') await delay(50);
  const prefix = COMMANDS['GET'].prefix ?? '';
  await drive(server.port, { kind: 'fill', prefix, keys, value: 'x'.repeat(valueBytes) });
  await delay(3000);
  const before = await figures(server);
  await delay(seconds * 1000);
  const after = await figures(server);
  await server.stop();
  over.stop();
  progress(`${writes} writes a second: done`);
  const [records, calls, ns] = after.map((figure, i) => (figure - (before[i] ?? 0)) / seconds);
  return [
    ...[String(writes), (records ?? 0).toFixed(0), (calls ?? 0).toFixed(1)],
    ((ns ?? 0) / 1e7).toFixed(1),
    records === 0 ? '-' : ((ns ?? 0) / 1000 / (records ?? 1)).toFixed(0),
  ];
}

/** @param {{ port: number, pid: number }} server */
async function figures({ port, pid }) {
  const streams = await info(port, 'streams');
  const figure = (/** @type {string} */ name) => Number(streams.get(name) ?? NaN);
  return [figure('records'), figure('calls'), processorNs(pid)];
}
