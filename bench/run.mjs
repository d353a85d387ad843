// @ts-check
/** Compares goredis with redis-server: rates, processor time, memory, longest stop. */
import { compareCached } from './lib/cached.mjs';
import { measureDynamo } from './lib/dynamodb.mjs';
import { compareMemory } from './lib/memory.mjs';
import { fail, readOptions } from './lib/options.mjs';
import { commandName } from './lib/redis-benchmark.mjs';
import { compareRates } from './lib/rates.mjs';
import { machine } from './lib/report.mjs';
import { redisProgram, SERVER_HELP, testedProgram } from './lib/servers.mjs';
import { compareStops } from './lib/stops.mjs';

const PARTS = ['rates', 'memory', 'stops'];

const options = readOptions('npm run bench -- [options]', {
  parts: { kind: 'list', help: `of ${PARTS.join(',')} (default: all; with --only: rates)` },
  only: { kind: 'list', help: 'commands (default: PING,GET,SET,INCR,MSET)' },
  depths: { kind: 'numbers', initial: '1,16,100', help: 'pipeline depths' },
  rounds: { kind: 'number', initial: '5', help: 'measured rounds, after one that is thrown away' },
  requests: { kind: 'number', help: 'requests a run (default: 200000 to 2000000 by depth)' },
  connections: { kind: 'number', initial: '50', help: 'connections' },
  keys: { kind: 'number', initial: '1000000', help: 'keys of the rates and of the memory table' },
  'value-bytes': { kind: 'number', initial: '64', help: 'length of a value' },
  empty: { kind: 'flag', help: 'do not create the keys first' },
  'stop-keys': { kind: 'number', initial: '2000000', help: 'keys of the longest-stop table' },
  'scan-count': { kind: 'number', initial: '1000', help: 'COUNT of the longest-stop table' },
  store: {
    kind: 'text',
    help: 'memory (default); dynamodb: rates alone, beside nothing; cached: beside the store memory',
  },
  'foreign-writes': {
    kind: 'number',
    help: 'with cached: of another node, a second (default: none)',
  },
  server: { kind: 'text', help: SERVER_HELP },
});

const only = options.list('only');
const commandsOr = (/** @type {string[]} */ usual) =>
  (only.length > 0 ? only : usual).map(commandName);
const commands = commandsOr(['PING', 'GET', 'SET', 'INCR', 'MSET']);
const chosen = options.list('parts');
const parts = chosen.length > 0 ? chosen : only.length > 0 ? ['rates'] : PARTS;
for (const part of parts) if (!PARTS.includes(part)) fail(`no such part: ${part}`);

const redis = redisProgram();
const tested = testedProgram(options.text('server'));
const keys = options.number('keys');
const valueBytes = options.number('value-bytes');

console.log(`${machine(redis)}\n`);
const rates = {
  commands,
  depths: options.numbers('depths'),
  rounds: options.number('rounds'),
  requests: options.text('requests') === undefined ? undefined : options.number('requests'),
  connections: options.number('connections'),
  keys,
  valueBytes,
};
const store = options.text('store') ?? 'memory';
if (store === 'dynamodb') {
  console.log(await measureDynamo(tested, rates));
  process.exit(0);
}
if (store === 'cached') {
  // What the cache holds, and no more: every read is a hit.
  const load = { ...rates, commands: commandsOr(['GET']), preload: true };
  console.log(
    await compareCached(
      tested,
      load,
      options.text('foreign-writes') === undefined ? 0 : options.number('foreign-writes'),
    ),
  );
  process.exit(0);
}
if (store !== 'memory') fail(`no such store: ${store}`);
if (parts.includes('rates')) {
  const preload = !options.flag('empty');
  const report = await compareRates(redis, tested, { ...rates, preload });
  console.log(`${report}\n`);
}
if (parts.includes('memory')) {
  console.log(`${await compareMemory([redis, tested], { keys, valueBytes })}\n`);
}
if (parts.includes('stops')) {
  const stops = {
    keys: options.number('stop-keys'),
    valueBytes,
    scanCount: options.number('scan-count'),
  };
  console.log(`${await compareStops([redis, tested], stops)}\n`);
}
