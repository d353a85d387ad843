/** Which strangers are let in, and what the others are told. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGoredis } from '../support/goredis';
import { connectRaw, RawClient } from '../support/raw-client';
import { readToEnd } from '../support/read-stream';
import { startRedisServer } from '../support/redis-server';

/** All that a server says to a PING from an address that is not 127.0.0.1, up to the close. */
async function heardFar(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  const heard = readToEnd(socket);
  return String(await heard);
}

describe('protected-mode', () => {
  it('refuses who is not on this machine in the words of Redis', async () => {
    const redis = await startRedisServer();
    const goredis = await startGoredis();
    const theirs = await heardFar(redis.port);
    expect(theirs).toMatch(/^-DENIED Redis is running in protected mode .*\r\n$/);
    expect(await heardFar(goredis.port)).toBe(theirs);
    expect(goredis.server.stats.rejectedConnections).toBe(1);
    const near = await connectRaw(goredis.port);
    expect(String(await near.command('PING'))).toBe('+PONG\r\n');
    await near.end();
    await goredis.stop();
    await redis.stop();
  });

  it.each([
    ['there is a password', ['requirepass', 'bacon'], '-NOAUTH Authentication required.\r\n'],
    ['it is off', ['protected-mode', 'no'], '+PONG\r\n'],
  ])('lets everybody in when %s', async (_, option, answer) => {
    const goredis = await startGoredis();
    const near = await connectRaw(goredis.port);
    await near.command('CONFIG', 'SET', ...option);
    const socket = connect({ port: goredis.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    const far = new RawClient(socket);
    expect(String(await far.command('PING'))).toBe(answer);
    far.destroy();
    near.destroy();
    await goredis.stop();
  });
});

describe('unixsocketperm', () => {
  it('sets the permissions of the socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goredis-socket-'));
    const unixSocket = join(folder, 'socket');
    const goredis = await startGoredis({ unixSocket, unixSocketPermissions: 0o720 });
    expect((statSync(unixSocket).mode & 0o777).toString(8)).toBe('720');
    const client = await connectRaw({ path: unixSocket });
    expect(String(await client.command('CONFIG', 'GET', 'unixsocketperm'))).toBe(
      '*2\r\n$14\r\nunixsocketperm\r\n$3\r\n720\r\n',
    );
    await client.end();
    await goredis.stop();
    rmSync(folder, { recursive: true });
  });
});
