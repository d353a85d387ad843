#!/usr/bin/env node
'use strict';
/*
 * Starts goredis: reads the configuration, runs the server in a worker thread whose heap may take
 * the machine's memory (that of the main thread was fixed when Node started), and minds the
 * process: signals, the exit code, and the one line on stderr that says why it could not go on.
 * One process, so that killing it, in whatever way, frees its port.
 */
const { existsSync } = require('node:fs');
const { totalmem } = require('node:os');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const { version } = require('../package.json');

/** Short of the 5 s that service managers and tests count on. */
const STOP_WITHIN_MS = 4800;

/**
 * A second signal ends the process at once, but not one that comes with the first: Ctrl-C under npm
 * arrives from the terminal and from npm, and timeout(1) signals the process and its group.
 */
const SAME_SIGNAL_MS = 500;

const dist = join(__dirname, '../dist');
if (!existsSync(join(dist, 'main.js'))) {
  process.stderr.write('goredis: not compiled yet: run `npm ci` or `npm run build`\n');
  process.exit(1);
}
const {
  ConfigError,
  LineLogger,
  heapLimits,
  loadConfig,
  logWriter,
  readCommandLine,
  systemClock,
  usage,
  writeNow,
} = require('../dist/launcher');

main();

function main() {
  try {
    const line = readCommandLine(process.argv.slice(2));
    if (line.kind === 'help') print(usage());
    else if (line.kind === 'version') print(`goredis v=${version} node=${process.version}\n`);
    else run(loadConfig(line, process.env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail(error.message);
  }
}

/** @param {import('../dist/launcher').Config} config */
function run(config) {
  const log = new LineLogger(config.logLevel, logWriter(config.logFile), systemClock);
  const limits = heapLimits(config.maxHeapBytes, totalmem(), process.constrainedMemory());
  const worker = new Worker(join(dist, 'main.js'), {
    workerData: {
      changes: config.changes(),
      maxHeapBytes: limits.maxBytes,
      configFile: config.file,
    },
    resourceLimits: {
      maxOldGenerationSizeMb: limits.maxOldGenerationSizeMb,
      maxYoungGenerationSizeMb: limits.maxYoungGenerationSizeMb,
    },
  });
  const outOfMemory = () =>
    fail(`out of memory: --max-heap ${shownBytes(limits.maxBytes)} is full`);

  worker.on('message', (/** @type {import('../dist/main').MessageToMain} */ message) => {
    if (message.kind === 'stopping') endSoon();
    if (message.kind === 'closed') process.exit(0);
    if (message.kind === 'full') outOfMemory();
    if (message.kind === 'failed') fail(message.reason);
  });
  worker.on('error', (error) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') outOfMemory();
    log.warning(`Uncaught exception, exiting: ${error.stack ?? error}`);
    process.exit(1);
  });
  worker.on('exit', () => fail('the server ended unexpectedly'));

  const endSoon = () => {
    setTimeout(() => {
      log.warning('Clients did not take their replies in time, exiting');
      process.exit(0);
    }, STOP_WITHIN_MS);
  };
  let stoppingSinceMs = 0;
  const stop = (/** @type {string} */ signal) => {
    const nowMs = performance.now();
    if (stoppingSinceMs > 0) {
      if (nowMs - stoppingSinceMs < SAME_SIGNAL_MS) return;
      log.warning(`Received ${signal} again, exiting at once`);
      process.exit(1);
    }
    stoppingSinceMs = nowMs;
    log.warning(`Received ${signal}, stopping`);
    worker.postMessage('stop');
    endSoon();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // As Redis: a terminal that closes does not take the server with it.
  process.on('SIGHUP', () => {});
}

/** @param {number} bytes */
function shownBytes(bytes) {
  return bytes < 2 ** 20 ? `${bytes}` : `${Math.floor(bytes / 2 ** 20)}mb`;
}

/** @param {string} text */
function print(text) {
  writeNow(1, text);
}

/**
 * @param {string} reason one line
 * @returns {never}
 */
function fail(reason) {
  writeNow(2, `goredis: ${reason}\n`);
  process.exit(1);
}
