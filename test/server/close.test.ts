import { connect } from 'node:net';
import { once } from 'node:events';
import { assembleServer } from '../../src/assemble';
import { ManualClock } from '../../src/lib/clock';
import { SlowStore } from '../stores/slow';
import { startGoredis } from '../support/goredis';
import { connectRaw, encodeRequest } from '../support/raw-client';
import { readBytes, readToEnd } from '../support/read-stream';
import { turns, until } from '../support/until';
import { nthSession } from './transports';

const MB = 1 << 20;

describe('close', () => {
  it('answers what was asked for, then ends every connection', async () => {
    const store = new SlowStore({ seed: 1 });
    const { port, server, stop } = await startGoredis({ store });
    const clients = await Promise.all([1, 2, 3].map(() => connectRaw(port)));
    const requests = Buffer.concat(Array.from({ length: 50 }, () => encodeRequest(['INCR', 'n'])));
    for (const client of clients) client.send(requests);
    await nthSession(server, 3);
    const sessions = [...server.sessions];
    await until(() => sessions.every((session) => session.unanswered === 50));
    const stopped = stop();
    for (const client of clients) client.send('PING\r\n');

    const numbers: number[] = [];
    for (const client of clients) {
      const replies = String(await client.readToClose());
      expect(replies.split('\r\n')).toHaveLength(51);
      numbers.push(
        ...replies
          .split('\r\n')
          .slice(0, 50)
          .map((reply) => Number(reply.slice(1))),
      );
    }
    await stopped;
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
  });

  it('answers what a pause holds', async () => {
    const { port, server, stop } = await startGoredis();
    const client = await connectRaw(port);
    client.send('CLIENT PAUSE 100000\r\nSET a 1\r\nGET a\r\n');
    expect(String(await client.readReply())).toBe('+OK\r\n');
    const session = await nthSession(server, 1);
    await until(() => session.unanswered === 1);
    const stopped = stop();
    expect(String(await client.readToClose())).toBe('+OK\r\n$1\r\n1\r\n');
    await stopped;
  });

  it('does not run what waits behind a command over the whole store', async () => {
    const store = new SlowStore({ seed: 1 });
    const { port, server, stop } = await startGoredis({ store });
    const client = await connectRaw(port);
    client.send('SET a 1\r\nDBSIZE\r\nSET b 1\r\n');
    const session = await nthSession(server, 1);
    await until(() => session.unanswered === 2);
    const stopped = stop();
    expect(String(await client.readToClose())).toBe('+OK\r\n:1\r\n');
    await stopped;
    expect(store.truth(0, 'b').value).toBeUndefined();
  });

  it('waits for a client to take a long reply', async () => {
    const { port, server, stop } = await startGoredis();
    const client = connect(port, '127.0.0.1');
    client.write(encodeRequest(['SET', 'k', Buffer.alloc(20 * MB)]));
    expect(String(await readBytes(client, 5))).toBe('+OK\r\n');
    client.write('GET k\r\nPING\r\n');
    const session = await nthSession(server, 1);
    await until(() => session.outputBytes > MB);
    const stopped = stop();
    expect(await readToEnd(client)).toHaveLength('$20971520\r\n\r\n'.length + 20 * MB);
    await stopped;
  });

  it('does not wait for ever for a client that reads nothing', async () => {
    const clock = new ManualClock();
    const { port, server, stop } = await startGoredis({ clock });
    const client = await connectRaw(port);
    await client.command('SET', 'k', Buffer.alloc(20 * MB));
    client.stream.pause();
    client.send('GET k\r\n');
    const session = await nthSession(server, 1);
    await until(() => session.outputBytes > MB);
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await turns(100);
    expect(stopped).toBe(false);
    clock.advance(5000);
    await stopping;
    client.destroy();
  });

  it('accepts nobody any more, and can be called twice', async () => {
    const { port, server, stop } = await startGoredis();
    await Promise.all([stop(), server.close(), stop()]);
    const late = connect(port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('leaves the port free for the next server at once', async () => {
    const first = await startGoredis();
    const client = await connectRaw(first.port);
    await client.command('PING');
    await first.stop();
    const second = await startGoredis({ port: first.port });
    expect(second.port).toBe(first.port);
    await second.stop();
  });

  it('leaves no socket open', async () => {
    const open = (): number =>
      process.getActiveResourcesInfo().filter((resource) => resource.startsWith('TCP')).length;
    // Of the tests before.
    await until(() => open() === 0);
    const { port, server, stop } = await startGoredis({ timeoutSeconds: 100 });
    const clients = await Promise.all([1, 2, 3].map(() => connectRaw(port)));
    await clients[0]!.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1 100');
    await clients[0]!.command('SET', 'k', 'v', 'PX', '100000');
    await clients[1]!.command('SET', 'k2', Buffer.alloc(100_000));
    await clients[1]!.command('GET', 'k2');
    await clients[2]!.command('QUIT');
    await stop();
    await Promise.all(clients.map((client) => client.closed));
    expect(server.sessions.size).toBe(0);
    await until(() => open() === 0);
  });

  it('cancels every timer', async () => {
    const clock = new ManualClock();
    let timers = 0;
    const after = clock.after.bind(clock);
    clock.after = (delayMs, run) => {
      timers++;
      let over = false;
      const end = (): void => {
        if (!over) timers--;
        over = true;
      };
      const cancel = after(delayMs, () => {
        end();
        run();
      });
      return () => {
        end();
        cancel();
      };
    };
    const { port, server, stop } = await startGoredis({ clock, timeoutSeconds: 100 });
    const client = await connectRaw(port);
    await client.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1mb 100');
    await client.command('SET', 'k', Buffer.alloc(20 * MB));
    const slow = await connectRaw(port);
    slow.stream.pause();
    slow.send('GET k\r\n');
    const session = await nthSession(server, 2);
    await until(() => session.outputBytes > MB);
    expect(timers).toBeGreaterThanOrEqual(2);
    const stopped = stop();
    slow.stream.resume();
    await stopped;
    expect(timers).toBe(0);
    client.destroy();
  });
});

it('a client that never closes its side is none after QUIT, and dropped a moment later', async () => {
  const clock = new ManualClock();
  const { port, server, stop } = await startGoredis({ clock });
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  socket.write('QUIT\r\nPING\r\n');
  expect(String(await readToEnd(socket))).toBe('+OK\r\n');
  expect(server.sessions.size).toBe(0);
  let stopped = false;
  const stopping = stop().then(() => (stopped = true));
  await turns(20);
  expect(stopped).toBe(false);
  clock.advance(1000);
  await stopping;
  socket.destroy();
});

it('a server that never listened can be closed', async () => {
  await assembleServer().close();
});
