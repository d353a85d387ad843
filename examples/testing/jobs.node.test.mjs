import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer, manualClock } from 'goredis';
import { createClient } from 'redis';

const clock = manualClock();
let server;
let redis;

before(async () => {
  server = await createServer({ port: 0, clock, notifyKeyspaceEvents: 'Ex' }).listen();
  redis = await createClient({ socket: server.address }).connect();
});
after(async () => {
  redis.destroy();
  await server.close();
});

test('a job whose worker is silent for 30 seconds is told of', async () => {
  const watcher = server.connect();
  await watcher.send('SUBSCRIBE', '__keyevent@0__:expired');
  await redis.set('alive:job-1', 'worker-a', { EX: 30 });
  await redis.set('alive:job-2', 'worker-b', { EX: 10 });

  clock.advance('30s');

  // Both events are here when advance returns, in the order of the deadlines.
  assert.deepEqual(watcher.takeMessages(), [
    ['message', '__keyevent@0__:expired', 'alive:job-2'],
    ['message', '__keyevent@0__:expired', 'alive:job-1'],
  ]);
});
