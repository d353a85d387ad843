// @ts-check
/**
 * How late `expired` comes: some keys whose deadlines lie in a window, among many others that have
 * deadlines far away. Then what a key that is refreshed all the time costs, and how long others
 * wait while very many keys fall due together.
 */
import { performance } from 'node:perf_hooks';
import { residentBytes } from './lib/processes.mjs';
import { fail, readOptions } from './lib/options.mjs';
import { encode, open, sendAll } from './lib/raw.mjs';
import { machine, progress, table, thousands } from './lib/report.mjs';
import { delay, redisProgram, SERVER_HELP, startServer, testedProgram } from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/expiry-lag.mjs [options]', {
  keys: { kind: 'number', initial: '1000000', help: 'other keys with deadlines' },
  'redis-keys': { kind: 'number', initial: '100000', help: 'the same for redis-server' },
  probes: { kind: 'number', initial: '1000', help: 'keys that expire in the window' },
  'window-s': { kind: 'number', initial: '20', help: 'length of the window' },
  alone: { kind: 'flag', help: 'without redis-server beside it' },
  server: { kind: 'text', help: SERVER_HELP },
});

const HOUR_MS = 3_600_000;
const SLACK_MS = 3000;

/**
 * @param {import('./lib/servers.mjs').Program} program
 * @param {number} keys
 */
async function measure(program, keys) {
  const probes = options.number('probes');
  const windowMs = options.number('window-s') * 1000;
  const server = await startServer(program);
  const sender = await open(server.port);
  /** @type {Map<string, number>} */
  const deadlines = new Map();
  /** @type {number[]} */
  const lags = [];
  const listener = await open(server.port, (message) => {
    const deadline = deadlines.get(String(message[2]));
    if (deadline !== undefined) lags.push(Date.now() - deadline);
  });
  await sender.send(encode(['CONFIG', 'SET', 'notify-keyspace-events', 'Ex']), 1);
  await listener.send(encode(['SUBSCRIBE', '__keyevent@0__:expired']), 1);

  progress(`${program.name}: ${thousands(keys)} keys, ${thousands(probes)} probes`);
  await sendAll(sender, keys, (i) => ['SET', `other:${i}`, 'x', 'PX', HOUR_MS + i]);
  const startMs = Date.now() + 1000;
  for (let i = 0; i < probes; i++) {
    deadlines.set(`probe:${i}`, startMs + Math.floor((i * windowMs) / probes));
  }
  const names = [...deadlines];
  await sendAll(sender, probes, (i) => [
    'SET',
    names[i]?.[0] ?? '',
    'x',
    'PXAT',
    names[i]?.[1] ?? 0,
  ]);
  await delay(startMs + windowMs + SLACK_MS - Date.now());
  lags.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => lags[Math.ceil(lags.length * share) - 1] ?? NaN;
  const figures = [
    `${lags.length} of ${probes}`,
    String(lags.filter((lag) => lag < 0).length),
    String(at(0.5)),
    String(at(0.99)),
    String(at(1)),
  ];

  progress(`${program.name}: one key, refreshed ${thousands(keys)} times`);
  await sender.send(encode(['SET', 'lease', 'x']), 1);
  // Once before: the first time only fills the heap up to where it is collected.
  const refresh = () => sendAll(sender, keys, (i) => ['PEXPIRE', 'lease', HOUR_MS + i]);
  await refresh();
  const before = residentBytes(server.pid).now;
  await refresh();
  const grown = (residentBytes(server.pid).now - before) / 2 ** 20;

  progress(`${program.name}: ${thousands(keys)} keys with one deadline`);
  // Reading a million events would hold up the client that measures the stops.
  listener.close();
  await sender.send(encode(['FLUSHALL']), 1);
  const together = Date.now() + 2000 + keys / 20;
  await sendAll(sender, keys, (i) => ['SET', `same:${i}`, 'x', 'PXAT', together]);
  if (Date.now() > together) fail('the keys fell due while they were being filled in');
  let longest = 0;
  const pinger = await open(server.port);
  while (Date.now() < together + SLACK_MS) {
    const sentAt = performance.now();
    await pinger.send(encode(['PING']), 1);
    longest = Math.max(longest, performance.now() - sentAt);
    await delay(1);
  }
  for (const connection of [sender, pinger]) connection.close();
  await server.stop();
  return [program.name, thousands(keys), ...figures, grown.toFixed(1), longest.toFixed(1)];
}

const redis = redisProgram();
console.log(`${machine(redis)}\n`);
const rows = [];
if (!options.flag('alone')) rows.push(await measure(redis, options.number('redis-keys')));
rows.push(await measure(testedProgram(options.text('server')), options.number('keys')));
console.log(
  table(
    [
      ...['server', 'other keys', 'events', 'early', 'p50, ms', 'p99, ms', 'latest, ms'],
      ...['refreshing grows, MB', 'one deadline: longest stop, ms'],
    ],
    rows,
  ),
);
