import { connect } from 'node:net';
import { once } from 'node:events';
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
