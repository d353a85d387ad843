/** Subscribers of client libraries, and a server that goes away and comes back on the same port. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { startGoredis, type Goredis } from '../support/goredis';
import { until } from '../support/until';

let goredis: Goredis;
beforeEach(async () => (goredis = await startGoredis({ eventClasses: 'Ex' })));
afterEach(() => goredis.stop());

async function restart(): Promise<void> {
  const { port } = goredis;
  await goredis.stop();
  goredis = await startGoredis({ port, eventClasses: 'Ex' });
}

/** Publishes and lets a key expire, when `channels` and patterns are subscribed to. */
async function say(text: string, channels: number, patterns: number): Promise<void> {
  const { hub } = goredis.server;
  await until(() => hub.count('channel') === channels && hub.count('pattern') === patterns);
  const sender = new Redis({ port: goredis.port, host: '127.0.0.1' });
  await sender.publish('news', text);
  await sender.set(text, '', 'PX', 1);
  sender.disconnect();
}

const heardTwice = [
  'news one',
  '__keyevent@0__:expired one',
  'news two',
  '__keyevent@0__:expired two',
];

it('ioredis subscribes again', async () => {
  const heard: string[] = [];
  const client = new Redis({
    port: goredis.port,
    host: '127.0.0.1',
    retryStrategy: () => 10,
  });
  client.on('error', () => undefined);
  client.on('message', (channel, text) => heard.push(`${channel} ${text}`));
  client.on('pmessage', (_pattern, channel, text) => heard.push(`${channel} ${text}`));
  await client.subscribe('news');
  await client.psubscribe('__keyevent*');
  await say('one', 1, 1);
  await until(() => heard.length === 2);
  await restart();
  await say('two', 1, 1);
  await until(() => heard.length === 4);
  expect(heard).toEqual(heardTwice);
  client.disconnect();
});

it.each([2, 3] as const)('node-redis subscribes again over RESP%i', async (RESP) => {
  const heard: string[] = [];
  const client = createClient({
    RESP,
    socket: { port: goredis.port, host: '127.0.0.1', reconnectStrategy: () => 10 },
  });
  client.on('error', () => undefined);
  await client.connect();
  const listener = (text: string, channel: string): void => void heard.push(`${channel} ${text}`);
  await client.subscribe('news', listener);
  await client.pSubscribe('__keyevent*', listener);
  await say('one', 1, 1);
  await until(() => heard.length === 2);
  await restart();
  await say('two', 1, 1);
  await until(() => heard.length === 4);
  expect(heard).toEqual(heardTwice);
  client.destroy();
});
