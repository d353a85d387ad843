import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startRedisServer } from './redis-server';

it('starts a redis-server 7 that answers and is gone after stop', async () => {
  const server = await startRedisServer(['--requirepass', 'bacon']);
  const socket = connect(server.port, '127.0.0.1');
  socket.write('PING\r\n');
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(reply.toString()).toBe('-NOAUTH Authentication required.\r\n');

  await server.stop();
  const late = connect(server.port, '127.0.0.1');
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});

it('does not let redis-server survive a test process that is killed', async () => {
  const script = `
    const { transformFileSync } = require('@swc/core');
    const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } };
    const loaded = { exports: {} };
    new Function('require', 'exports', transformFileSync(process.argv[1], options).code)(require, loaded.exports);
    loaded.exports.startRedisServer().then((server) => process.stdout.write(String(server.port)));
  `;
  const child = spawn(process.execPath, ['-e', script, join(__dirname, 'redis-server.ts')]);
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  child.kill('SIGKILL');
  await closed;
});
