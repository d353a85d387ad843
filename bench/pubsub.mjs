// @ts-check
/** How fast messages go out with many subscribers, and with many patterns. */
import { performance } from 'node:perf_hooks';
import { readOptions } from './lib/options.mjs';
import { encode, open, sendAll } from './lib/raw.mjs';
import { machine, progress, table, thousands } from './lib/report.mjs';
import { delay, redisProgram, SERVER_HELP, startServer, testedProgram } from './lib/servers.mjs';

const options = readOptions('npm run build && node bench/pubsub.mjs [options]', {
  subscribers: { kind: 'number', initial: '10000', help: 'connections that subscribe' },
  patterns: { kind: 'number', initial: '100000', help: 'patterns with a literal beginning' },
  messages: { kind: 'number', initial: '100000', help: 'messages to one subscriber each' },
  alone: { kind: 'flag', help: 'without redis-server beside it' },
  server: { kind: 'text', help: SERVER_HELP },
});

/** @param {import('./lib/servers.mjs').Program} program */
async function measure(program) {
  const [subscribers, patterns, messages] = [
    options.number('subscribers'),
    options.number('patterns'),
    options.number('messages'),
  ];
  const server = await startServer(program);
  const sender = await open(server.port);
  let heard = 0;
  const hear = () => void heard++;
  /** @param {number} expected */
  const allHeard = async (expected) => {
    while (heard < expected) await delay(1);
  };
  /**
   * @param {number} expected
   * @param {() => Promise<void>} work
   */
  const rate = async (expected, work) => {
    heard = 0;
    const startMs = performance.now();
    await work();
    await allHeard(expected);
    return thousands((expected / (performance.now() - startMs)) * 1000);
  };

  progress(`${program.name}: ${thousands(subscribers)} subscribers`);
  await sender.send(encode(['CONFIG', 'SET', 'maxclients', subscribers + 100]), 1);
  const connections = [];
  for (let i = 0; i < subscribers; i++) {
    const connection = await open(server.port, hear);
    await connection.send(encode(['SUBSCRIBE', `own:${i}`, 'all']), 2);
    connections.push(connection);
  }
  const rounds = Math.max(1, Math.round(messages / subscribers));
  const toAll = await rate(subscribers * rounds, () =>
    sendAll(sender, rounds, () => ['PUBLISH', 'all', 'hello']),
  );
  const toOne = await rate(messages, () =>
    sendAll(sender, messages, (i) => ['PUBLISH', `own:${i % subscribers}`, 'hello']),
  );
  for (const connection of connections) connection.close();

  progress(`${program.name}: ${thousands(patterns)} patterns`);
  // Spread over connections: redis-server searches a connection's patterns for each new one.
  const listeners = [];
  for (let from = 0; from < patterns; from += 1000) {
    const listener = await open(server.port, hear);
    const count = Math.min(1000, patterns - from);
    await sendAll(listener, count, (i) => ['PSUBSCRIBE', `user:${from + i}:*`]);
    listeners.push(listener);
  }
  // redis-server tries every pattern for every message.
  const few = Math.max(1, Math.round(messages / 200));
  const matched = await rate(few, () =>
    sendAll(sender, few, (i) => ['PUBLISH', `user:${(i * 7919) % patterns}:login`, 'hello']),
  );
  for (const listener of listeners) listener.close();
  sender.close();
  await server.stop();
  return [program.name, toAll, toOne, matched];
}

const redis = redisProgram();
const tested = testedProgram(options.text('server'));
console.log(`${machine(redis)}\n`);
const rows = [];
for (const program of options.flag('alone') ? [tested] : [redis, tested]) {
  rows.push(await measure(program));
}
console.log(
  table(
    ['server', 'to all, messages/s', 'to one each, messages/s', 'by pattern, messages/s'],
    rows,
  ),
);
