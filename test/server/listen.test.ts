import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleServer } from '../../src/assemble';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';

it('a port in use is one clear error, and nothing stays open', async () => {
  const { port, stop } = await startGoredis();
  const second = assembleServer({ config: { port, bind: ['127.0.0.1'] } });
  await expect(second.listen()).rejects.toThrow(
    `Could not listen on 127.0.0.1:${port}: Address already in use`,
  );
  await stop();
  const third = await startGoredis({ port });
  await third.stop();
});

it('an optional address that the machine does not have is left out', async () => {
  const server = assembleServer({ config: { port: 0, bind: ['127.0.0.1', '-192.0.2.1'] } });
  expect(await server.listen()).toEqual([`127.0.0.1:${server.port}`]);
  await server.close();
});

it('an address that the machine must have and does not is an error', async () => {
  const server = assembleServer({ config: { port: 0, bind: ['127.0.0.1', '192.0.2.1'] } });
  await expect(server.listen()).rejects.toThrow(/^Could not listen on 192\.0\.2\.1:\d+: /);
});

it('a name that is no address is looked up, and one that nobody has is an error', async () => {
  const server = assembleServer({ config: { port: 0, bind: ['localhost'] } });
  expect(await server.listen()).toEqual([`localhost:${server.port}`]);
  await server.close();
  const lost = assembleServer({ config: { port: 0, bind: ['nobody.invalid'] } });
  await expect(lost.listen()).rejects.toThrow(
    /^Could not listen on nobody\.invalid:0: getaddrinfo /,
  );
});

it('all addresses are written with a star', async () => {
  const server = assembleServer({ config: { port: 0, bind: ['*'] } });
  expect(await server.listen()).toEqual([`0.0.0.0:${server.port}`]);
  await server.close();
});

it('a Unix socket in a folder that is not there is one clear error', async () => {
  const server = assembleServer({ config: { bind: [], unixSocket: '/nowhere/at/all/socket' } });
  await expect(server.listen()).rejects.toThrow(
    'Could not listen on /nowhere/at/all/socket: No such directory',
  );
});

it('a Unix socket on which another server listens is one clear error, and stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'goredis-listen-'));
  const unixSocket = join(folder, 'socket');
  const first = assembleServer({ config: { bind: [], unixSocket } });
  expect(await first.listen()).toEqual([unixSocket]);
  const second = assembleServer({ config: { bind: [], unixSocket } });
  await expect(second.listen()).rejects.toThrow(
    `Could not listen on ${unixSocket}: Address already in use`,
  );
  const client = await connectRaw({ path: unixSocket });
  expect(String(await client.command('PING'))).toBe('+PONG\r\n');
  client.destroy();
  await first.close();
  rmSync(folder, { recursive: true });
});
