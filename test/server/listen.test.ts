import { createServer } from '../../src/index';
import { startGoredis } from '../support/goredis';

it('a port in use is one clear error, and nothing stays open', async () => {
  const { port, stop } = await startGoredis();
  const second = createServer({ config: { port, bind: ['127.0.0.1'] } });
  await expect(second.listen()).rejects.toThrow(
    `Could not listen on 127.0.0.1:${port}: Address already in use`,
  );
  await stop();
  const third = await startGoredis({ port });
  await third.stop();
});

it('an optional address that the machine does not have is left out', async () => {
  const server = createServer({ config: { port: 0, bind: ['127.0.0.1', '-192.0.2.1'] } });
  expect(await server.listen()).toEqual([`127.0.0.1:${server.port}`]);
  await server.close();
});

it('an address that the machine must have and does not is an error', async () => {
  const server = createServer({ config: { port: 0, bind: ['127.0.0.1', '192.0.2.1'] } });
  await expect(server.listen()).rejects.toThrow(/^Could not listen on 192\.0\.2\.1:\d+: /);
});

it('all addresses are written with a star', async () => {
  const server = createServer({ config: { port: 0, bind: ['*'] } });
  expect(await server.listen()).toEqual([`0.0.0.0:${server.port}`]);
  await server.close();
});
