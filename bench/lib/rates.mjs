// @ts-check
import { drive } from './driver.mjs';
import { COMMANDS, measure } from './redis-benchmark.mjs';
import { median, progress, table, thousands } from './report.mjs';
import { startServer } from './servers.mjs';

/**
 * @typedef {import('./servers.mjs').Program} Program
 * @typedef {import('./servers.mjs').Server} Server
 * @typedef {import('./redis-benchmark.mjs').CommandName} CommandName
 * @typedef {Awaited<ReturnType<typeof measure>>} Figures
 */

/**
 * @typedef {object} RateOptions
 * @property {CommandName[]} commands
 * @property {number[]} depths
 * @property {number} rounds
 * @property {number | undefined} requests a run; undefined: more of them the deeper the pipeline
 * @property {number} connections
 * @property {number} keys
 * @property {number} valueBytes
 * @property {boolean} preload
 */

/**
 * Rate and processor time per command of both servers. They run beside each other, and the load
 * goes to one and then the other, so that what else happens on the machine meets both. The ratios
 * are medians of each round's own ratio, the first round (compilers warm up) is thrown away.
 *
 * @param {Program} redis
 * @param {Program} tested
 * @param {RateOptions} options
 * @returns {Promise<string>}
 */
export async function compareRates(redis, tested, options) {
  const servers = [await startServer(redis), await startServer(tested)];
  const rows = [];
  for (const command of options.commands) {
    for (const server of servers) await prepare(server, command, options);
    for (const depth of options.depths) rows.push(await row(servers, command, depth, options));
  }
  for (const server of servers) await server.stop();
  return table(
    [
      'command',
      'depth',
      `${redis.name}, /s`,
      `${tested.name}, /s`,
      'rate ratio',
      'lowest',
      'highest',
      `${redis.name}, µs`,
      `${tested.name}, µs`,
      'processor time ratio',
    ],
    rows,
  );
}

/**
 * Every key that will be asked for exists, so that GET finds values and the size stays the same.
 *
 * @param {Server} server
 * @param {CommandName} command
 * @param {RateOptions} options
 */
async function prepare(server, command, options) {
  await drive(server.port, { kind: 'flush' });
  const { prefix } = COMMANDS[command];
  if (prefix === undefined || !options.preload) return;
  progress(`${command}: ${thousands(options.keys)} keys for ${server.name}`);
  const value = command === 'INCR' ? '0' : 'x'.repeat(options.valueBytes);
  const { keys } = options;
  // What the table has is read into the cache: it always has everything.
  if (server.name === 'cached') await drive(server.port, { kind: 'read', prefix, keys });
  else await drive(server.port, { kind: 'fill', prefix, keys, value });
}

/**
 * @param {Server[]} servers
 * @param {CommandName} command
 * @param {number} depth
 * @param {RateOptions} options
 */
async function row(servers, command, depth, options) {
  const { connections, keys, valueBytes } = options;
  // An MSET sets ten keys.
  const usual = Math.round((200_000 * Math.sqrt(depth)) / (command === 'MSET' ? 5 : 1));
  const requests = options.requests ?? usual;
  const load = { command, depth, requests, connections, keys, valueBytes };
  /** @type {{ redis: Figures, tested: Figures }[]} */
  const rounds = [];
  for (let round = 0; round <= options.rounds; round++) {
    /** @type {Figures[]} */
    const figures = [];
    // Whoever comes second may find a warmer or a more throttled machine: take turns.
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      figures[index] = await measure(/** @type {Server} */ (servers[index]), load);
    }
    const [redis, tested] = /** @type {[Figures, Figures]} */ (figures);
    if (round > 0) rounds.push({ redis, tested });
    progress(
      `${command} depth ${depth} ${round === 0 ? 'warm-up' : `round ${round}`}: ` +
        `${thousands(redis.rate)} and ${thousands(tested.rate)} /s`,
    );
  }
  const ratios = rounds.map(({ redis, tested }) => tested.rate / redis.rate);
  return [
    command,
    String(depth),
    thousands(median(rounds.map(({ redis }) => redis.rate))),
    thousands(median(rounds.map(({ tested }) => tested.rate))),
    median(ratios).toFixed(2),
    Math.min(...ratios).toFixed(2),
    Math.max(...ratios).toFixed(2),
    (median(rounds.map(({ redis }) => redis.nsPerCommand)) / 1000).toFixed(2),
    (median(rounds.map(({ tested }) => tested.nsPerCommand)) / 1000).toFixed(2),
    median(rounds.map(({ redis, tested }) => tested.nsPerCommand / redis.nsPerCommand)).toFixed(2),
  ];
}
