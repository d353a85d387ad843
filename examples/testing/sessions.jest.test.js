'use strict';
const { createServer, manualClock } = require('goredis');
const { Redis } = require('ioredis');
const { Sessions } = require('./sessions');

const clock = manualClock();
let server;
let redis;

beforeAll(async () => {
  server = await createServer({ port: 0, clock }).listen();
  redis = new Redis(server.address);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test('a session ends 20 minutes after its last use', async () => {
  const sessions = new Sessions(redis);
  const id = await sessions.begin('ada');

  clock.advance('19m');
  expect(await sessions.use(id)).toBe('ada');

  clock.advance('19m');
  expect(await sessions.use(id)).toBe('ada');

  clock.advance('20m');
  expect(await sessions.use(id)).toBeNull();
});
