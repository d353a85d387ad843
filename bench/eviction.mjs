// @ts-check
/** The hit ratio of a cache that is full, by policy, beside redis-server with the same settings. */
import { drive } from './lib/driver.mjs';
import { readOptions } from './lib/options.mjs';
import { machine, progress, table, thousands } from './lib/report.mjs';
import {
  redisProgram,
  SERVER_HELP,
  startServer,
  testedProgram,
  withOptions,
} from './lib/servers.mjs';

const POLICIES = ['allkeys-lru', 'allkeys-lfu', 'volatile-lru', 'volatile-ttl', 'allkeys-random'];

const options = readOptions('npm run build && node bench/eviction.mjs [options]', {
  policies: { kind: 'list', initial: POLICIES.join(','), help: 'values of maxmemory-policy' },
  'limit-mb': { kind: 'number', initial: '20', help: 'maxmemory, in MB (2^20 bytes)' },
  keys: { kind: 'number', initial: '100000', help: 'keys that are asked for' },
  'skew-percent': { kind: 'number', initial: '99', help: "100 times the exponent of Zipf's law" },
  'value-bytes': { kind: 'number', initial: '1000', help: 'length of a value' },
  requests: { kind: 'number', initial: '1000000', help: 'GETs; the second half counts' },
  samples: { kind: 'number', initial: '5', help: 'maxmemory-samples' },
  seed: { kind: 'number', initial: '1', help: 'of the order of requests, the same for all' },
  server: { kind: 'text', help: SERVER_HELP },
});

const redis = redisProgram();
const tested = testedProgram(options.text('server'));
const requests = options.number('requests');

const rows = [];
for (const policy of options.list('policies')) {
  const theirs = await hitPercent(redis, policy);
  const ours = await hitPercent(tested, policy);
  rows.push([policy, theirs.toFixed(2), ours.toFixed(2), (ours - theirs).toFixed(2)]);
}
console.log(`${machine(redis)}\n`);
console.log(table(['policy', `${redis.name}, %`, `${tested.name}, %`, 'difference'], rows));

/**
 * @param {import('./lib/servers.mjs').Program} program
 * @param {string} policy
 */
async function hitPercent(program, policy) {
  progress(`${program.name}: ${policy}, ${thousands(requests)} GETs`);
  const server = await startServer(
    withOptions(program, [
      ...['--maxmemory', `${options.number('limit-mb')}mb`, '--maxmemory-policy', policy],
      ...['--maxmemory-samples', String(options.number('samples'))],
    ]),
  );
  const hits = await drive(server.port, {
    kind: 'cache',
    requests,
    keys: options.number('keys'),
    skew: options.number('skew-percent') / 100,
    seed: options.number('seed'),
    value: 'x'.repeat(options.number('value-bytes')),
    ttl: policy.startsWith('volatile') ? 'all' : 'none',
  });
  await server.stop();
  return (hits / (requests / 2)) * 100;
}
