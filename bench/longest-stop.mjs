// @ts-check
/** The longest stop while a server is filled, scanned and emptied. */
import { readOptions } from './lib/options.mjs';
import { machine } from './lib/report.mjs';
import { redisProgram, SERVER_HELP, testedProgram } from './lib/servers.mjs';
import { compareStops } from './lib/stops.mjs';

const options = readOptions('npm run build && node bench/longest-stop.mjs [options]', {
  keys: { kind: 'number', initial: '2000000', help: 'keys to fill in; 20_000_000 is the design' },
  'value-bytes': { kind: 'number', initial: '64', help: 'length of a value' },
  'scan-count': { kind: 'number', initial: '1000', help: 'COUNT of each SCAN' },
  alone: { kind: 'flag', help: 'without redis-server beside it' },
  server: { kind: 'text', help: SERVER_HELP },
});

const redis = redisProgram();
const tested = testedProgram(options.text('server'));
console.log(`${machine(redis)}\n`);
console.log(
  await compareStops(options.flag('alone') ? [tested] : [redis, tested], {
    keys: options.number('keys'),
    valueBytes: options.number('value-bytes'),
    scanCount: options.number('scan-count'),
  }),
);
