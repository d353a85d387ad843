/** Short replies that the kernel does not take at once keep their order and are all sent. */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { startGoredis, type Goredis } from '../support/goredis';
import { until } from '../support/until';
import { encodeRequest } from '../support/raw-client';

let goredis: Goredis;
let socket: Socket;

beforeEach(async () => {
  // The kernel holds far less for a Unix socket than for TCP.
  const path = join(mkdtempSync(join(tmpdir(), 'goredis-direct-')), 'socket');
  goredis = await startGoredis({ unixSocket: path });
  socket = connect(path);
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await goredis.stop();
});

const REPLIES = 2000;
const text = (i: number): string => `${i}:`.padEnd(900, String(i % 10));

it('to a client that reads late', async () => {
  const received: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    length += chunk.length;
  });
  socket.pause();
  // One at a time, so that each reply is a write of its own, until the kernel takes no more.
  let sent = 0;
  const session = [...goredis.server.sessions][0]!;
  for (; sent < REPLIES && session.outputBytes === 0; sent++) {
    socket.write(encodeRequest(['ECHO', text(sent)]));
    // The request arrives, its reply is queued, and written.
    for (let i = 0; i < 4; i++) await turn();
  }
  expect(sent).toBeLessThan(REPLIES);
  for (const end = sent + 20; sent < end; sent++) socket.write(encodeRequest(['ECHO', text(sent)]));
  const expected = Array.from({ length: sent }, (_, i) => `$900\r\n${text(i)}\r\n`).join('');
  socket.resume();
  await until(() => length >= expected.length);
  expect(Buffer.concat(received).toString('latin1') === expected).toBe(true);
  await until(() => session.outputBytes === 0);
});

it('and are lost with the connection, without harm to the server', async () => {
  socket.on('error', () => undefined);
  for (let i = 0; i < 100; i++) socket.write(encodeRequest(['ECHO', text(i)]));
  socket.destroy();
  await until(() => goredis.server.sessions.size === 0);
});
