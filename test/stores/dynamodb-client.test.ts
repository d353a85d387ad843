/** How long a request may take, whatever the other side does. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { failureOf } from '../../src/stores/dynamodb/failures';
import { clientOn } from '../support/on-dynamodb';

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 20\r\n';

it.each([
  ['is not answered', ''],
  ['gets half a head', HEAD],
  ['gets half an answer', `${HEAD}\r\n{"Item"`],
])('a request that %s fails in time, with an unknown outcome', async (_what, answer) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = clientOn(`http://127.0.0.1:${port}`, { requestTimeoutMs: 200 });
  const command = new GetItemCommand({ TableName: 'table', Key: { p: { S: 'p' } } });
  const error = await client.send(command).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(failureOf(error)).toBe('lost');
  client.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
});

it('a request that is answered ever so slowly fails in time', async () => {
  const sockets: Socket[] = [];
  const timers: NodeJS.Timeout[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(HEAD);
      timers.push(setInterval(() => socket.write('X-Slow: yes\r\n'), 50));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = clientOn(`http://127.0.0.1:${port}`, { requestTimeoutMs: 500 });
  const command = new GetItemCommand({ TableName: 'table', Key: { p: { S: 'p' } } });
  const error = await client.send(command).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'TimeoutError' });
  client.destroy();
  for (const timer of timers) clearInterval(timer);
  for (const socket of sockets) socket.destroy();
  server.close();
}, 20_000);

it('a connection that is not made in time has carried nothing', async () => {
  const sockets: Socket[] = [];
  // Accepts, but knows no TLS.
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = clientOn(`https://127.0.0.1:${port}`, { connectTimeoutMs: 100 });
  const command = new GetItemCommand({ TableName: 'table', Key: { p: { S: 'p' } } });
  const error = await client.send(command).catch((reason: unknown) => reason);
  expect((error as Error).message).toBe('no connection within 100 ms');
  expect(failureOf(error)).toBe('again');
  client.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
});

it('a request that is not sent for lack of credentials has not happened', async () => {
  const client = clientOn('', { region: 'us-east-1', requestTimeoutMs: 200 });
  const error = Object.assign(new Error('gone'), { name: 'CredentialsProviderError' });
  client.config.credentials = () => Promise.reject(error);
  const command = new GetItemCommand({ TableName: 'table', Key: { p: { S: 'p' } } });
  const reason = await client.send(command).catch((thrown: unknown) => thrown);
  expect(failureOf(reason)).toBe('again');
  client.destroy();
});

it('a request is signed with the credentials of its time, and says who asks', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(request.headers);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = clientOn(`http://127.0.0.1:${port}`, { region: 'eu-west-1' });
  let asked = 0;
  client.config.credentials = () => {
    asked++;
    if (asked === 1) return Promise.reject(new Error('not yet'));
    const expiration = new Date(0);
    return Promise.resolve({ accessKeyId: `key${asked}`, secretAccessKey: 'secret', expiration });
  };
  const ask = () => client.send(new GetItemCommand({ TableName: 't', Key: { p: { S: 'p' } } }));
  await expect(ask()).rejects.toThrow('not yet');
  await ask();
  await ask();
  const signers = seen.map(
    ({ authorization }) => /Credential=(key\d+)\//.exec(authorization!)?.[1],
  );
  expect(signers).toHaveLength(2);
  expect(signers[0]).toMatch(/^key\d+$/);
  expect(signers[1]).not.toBe(signers[0]);
  expect(seen[1]).toMatchObject({
    'user-agent': 'goredis',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    authorization: expect.stringContaining('/eu-west-1/dynamodb/aws4_request') as string,
  });
  client.destroy();
  server.close();
});

it.each([
  ['connect', 'EHOSTUNREACH', 'again'],
  ['getaddrinfo', 'ENOTFOUND', 'again'],
  ['read', 'EHOSTUNREACH', 'lost'],
  ['write', 'ENETUNREACH', 'lost'],
  ['read', 'ECONNRESET', 'lost'],
])('an error of %s, %s, means: %s', (syscall, code, failure) => {
  expect(failureOf(Object.assign(new Error(`${syscall} ${code}`), { syscall, code }))).toBe(
    failure,
  );
});
