'use strict';
/**
 * Preloaded into every thread of the server that bench/profile.mjs watches. SIGUSR2 to the process
 * starts a processor profile in each thread; the next one ends it and writes
 * `BENCH_PROFILE_DIR/thread-N.cpuprofile`. `node --cpu-prof` would also hold the start and the
 * warm-up, and writes a worker's profile only if the worker ends by itself.
 */
const { writeFileSync, renameSync } = require('node:fs');
const { Session } = require('node:inspector');
const { join } = require('node:path');
const { BroadcastChannel, isMainThread, threadId } = require('node:worker_threads');

const channel = new BroadcastChannel('goredis-profile');
channel.onmessage = toggle;
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage('toggle');
    toggle();
  });
}

const MICROSECONDS = 200;
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: MICROSECONDS });
let running = false;

function toggle() {
  running = !running;
  if (running) {
    session.post('Profiler.start');
    return;
  }
  session.post('Profiler.stop', (error, result) => {
    if (error) throw error;
    const file = join(process.env.BENCH_PROFILE_DIR ?? '.', `thread-${threadId}.cpuprofile`);
    // Under its final name only when it is whole: the reader waits for the name.
    writeFileSync(`${file}.part`, JSON.stringify(result.profile));
    renameSync(`${file}.part`, file);
  });
}
