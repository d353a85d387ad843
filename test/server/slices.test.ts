/** Nobody waits for all of a large request or a large reply of somebody else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import type { ServerStats } from '../../src/server/stats';
import { makeCertificates, type Certificates } from '../support/certificates';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, encodeRequest } from '../support/raw-client';
import { hashBytes, readToEnd } from '../support/read-stream';
import { freePort } from '../support/redis-server';

const KB = 1024;
const value = Buffer.alloc(20 * KB * KB, 'value');
const getReply = Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]);
const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

let files: Certificates;
let goredis: Goredis;
let tlsPort: number;
beforeAll(async () => {
  files = makeCertificates();
  tlsPort = await freePort();
  goredis = await startGoredis({
    port: await freePort(),
    tlsPort,
    tlsCertFile: files.path('server.crt'),
    tlsKeyFile: files.path('server.key'),
    tlsAuthClients: 'no',
  });
  const client = await connectRaw(goredis.port);
  await client.command('SET', 'large', value);
  await client.end();
});
afterAll(async () => {
  await goredis.stop();
  files.remove();
});

const open = {
  TCP: () => connect(goredis.port, '127.0.0.1'),
  TLS: () =>
    connectTls({
      port: tlsPort,
      host: '127.0.0.1',
      ca: readFileSync(files.path('ca.crt')),
    }),
};

/** The most that a figure of the server grows by in a turn of the event loop until `end`. */
async function mostATurn(figure: keyof ServerStats, end: Promise<unknown>): Promise<number> {
  const { stats } = goredis.server;
  let running = true;
  void end.finally(() => (running = false));
  let most = 0;
  for (let before = stats[figure]; running; before = stats[figure]) {
    await turn();
    most = Math.max(most, stats[figure] - before);
  }
  return most;
}

describe.each(['TCP', 'TLS'] as const)('over %s', (transport) => {
  let socket: Socket;
  beforeEach(() => (socket = open[transport]()));
  afterEach(() => socket.destroy());

  it('a large reply goes out at most 256 KB a turn, and whole', async () => {
    socket.write(encodeRequest(['GET', 'large']));
    const hash = hashBytes(socket, getReply.length);
    expect(await mostATurn('outputBytes', hash)).toBeLessThanOrEqual(256 * KB);
    expect(await hash).toBe(sha1(getReply));
  });

  it.each([
    ['QUIT', encodeRequest(['QUIT'])],
    ['a request that is wrong', Buffer.from('*1\r\nwrong\r\n')],
  ])('%s behind it does not cut it short', async (_name, last) => {
    socket.write(Buffer.concat([encodeRequest(['GET', 'large']), last]));
    const bytes = await readToEnd(socket);
    expect(bytes.subarray(0, getReply.length).equals(getReply)).toBe(true);
    expect(bytes.subarray(getReply.length).toString()).toMatch(
      /^(\+OK|-ERR Protocol error.*)\r\n$/,
    );
  });

  it('nor does a client that has sent its last request', async () => {
    socket.end(encodeRequest(['GET', 'large']));
    expect((await readToEnd(socket)).equals(getReply)).toBe(true);
  });
});

it('what one client sends is read at most 256 KB a turn, and whole', async () => {
  const socket = open.TCP();
  socket.write(encodeRequest(['ECHO', value]));
  const hash = hashBytes(socket, getReply.length);
  expect(await mostATurn('inputBytes', hash)).toBeLessThanOrEqual(256 * KB);
  expect(await hash).toBe(sha1(getReply));
  socket.destroy();
});
