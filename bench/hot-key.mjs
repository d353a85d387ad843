// @ts-check
/** Many clients increment one key over several nodes: how much shares a commit, and who waits how long. */
import { startFakeProcess, startLocal } from './lib/dynamodb.mjs';
import { info } from './lib/info.mjs';
import { readOptions } from './lib/options.mjs';
import { encode, open } from './lib/raw.mjs';
import { machine, progress, table, thousands } from './lib/report.mjs';
import {
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/hot-key.mjs [options]', {
  nodes: { kind: 'numbers', initial: '1,4', help: 'how many nodes' },
  clients: { kind: 'number', initial: '64', help: 'connections, of all nodes together' },
  depth: { kind: 'number', initial: '16', help: 'pipeline depth' },
  seconds: { kind: 'number', initial: '10', help: 'how long' },
  'delay-ms': { kind: 'number', initial: '5', help: 'how long the fake endpoint takes' },
  server: { kind: 'text', help: SERVER_HELP },
});
const clients = options.number('clients');
const depth = options.number('depth');
const delayMs = options.number('delay-ms');
const KEY = 'hot';

console.log(`${machine(redisProgram())}\n`);
const rows = [];
for (const count of options.numbers('nodes')) {
  const local = await startLocal();
  rows.push(await row('DynamoDB Local', local.endpoint, count));
  local.stop();
  const fake = await startFakeProcess(delayMs);
  rows.push(await row(`the tests' fake, ${delayMs} ms`, fake.endpoint, count));
  fake.stop();
}
console.log(
  table(
    [
      'over',
      'nodes',
      'INCR, /s',
      'commands a commit',
      'conflicts a commit',
      'wait p50, ms',
      'p99, ms',
      'longest, ms',
      'refused',
      'total',
    ],
    rows,
  ),
);
process.exit(0);

/**
 * @param {string} name
 * @param {string} endpoint
 * @param {number} count
 */
async function row(name, endpoint, count) {
  const store = ['--store', 'dynamodb', '--dynamodb-endpoint', endpoint];
  const program = withOptions(testedProgram(options.text('server')), store);
  /** @type {import('./lib/servers.mjs').Server[]} */
  const servers = [];
  // One after another: the first makes the table.
  for (let i = 0; i < count; i++) servers.push(await startServer(program));
  progress(`${name}: ${count} nodes`);
  // A connection and a first commit of each node cost more than those that follow.
  await load(servers, 1);
  for (const { port } of servers) await ask(port, ['CONFIG', 'RESETSTAT']);
  const before = await valueOf(servers);
  const { waitsMs, answered, refused } = await load(servers, options.number('seconds'));
  const sums = { commits: 0, conflicts: 0 };
  for (const { port } of servers) {
    const stats = await info(port, 'stats');
    sums.commits += Number(stats.get('store_commits'));
    sums.conflicts += Number(stats.get('store_conflicts'));
  }
  const grown = (await valueOf(servers)) - before;
  for (const server of servers) await server.stop();
  waitsMs.sort((a, b) => a - b);
  const percentile = (/** @type {number} */ share) =>
    (waitsMs[Math.ceil(waitsMs.length * share) - 1] ?? NaN).toFixed(0);
  return [
    name,
    String(count),
    thousands(answered / options.number('seconds')),
    (answered / sums.commits).toFixed(1),
    (sums.conflicts / sums.commits).toFixed(2),
    percentile(0.5),
    percentile(0.99),
    percentile(1),
    String(refused),
    grown === answered ? 'exact' : `${grown} for ${answered}`,
  ];
}

/**
 * How long each client waited for each of its pipelines, and how many INCR were done and refused.
 *
 * @param {import('./lib/servers.mjs').Server[]} servers
 * @param {number} seconds
 */
async function load(servers, seconds) {
  const pipeline = encode(['INCR', KEY]).repeat(depth);
  /** @type {number[]} */
  const waitsMs = [];
  let refused = 0;
  const endMs = performance.now() + seconds * 1000;
  const client = async (/** @type {number} */ i) => {
    const { port } = servers[i % servers.length] ?? { port: 0 };
    const connection = await open(port, undefined, () => refused++);
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      await connection.send(pipeline, depth);
      waitsMs.push(performance.now() - sentMs);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
  return { waitsMs, answered: waitsMs.length * depth - refused, refused };
}

/** @param {import('./lib/servers.mjs').Server[]} servers */
async function valueOf([server]) {
  return Number(await ask(server?.port ?? 0, ['GET', KEY]));
}

/**
 * @param {number} port
 * @param {string[]} words
 */
async function ask(port, words) {
  /** @type {unknown} */
  let answer;
  const connection = await open(port, undefined, undefined, (reply) => (answer = reply));
  await connection.send(encode(words), 1);
  connection.close();
  return answer;
}
