import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { newReadBuffer, shareReads } from '../../src/server/shared-read';

interface Handle {
  onconnection: unknown;
}

const refuse = (): undefined => undefined;

async function listening(): Promise<[server: Server, handle: Handle]> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, (server as unknown as { _handle: Handle })._handle];
}

it('sockets of this Node can be made to share a buffer', async () => {
  const [server, handle] = await listening();
  const ordinary = handle.onconnection;
  expect(shareReads(server, newReadBuffer(), refuse)).toBe(true);
  expect(handle.onconnection).not.toBe(ordinary);
  server.close();
});

it('nothing is changed where a server does not look as expected', async () => {
  const [server, handle] = await listening();
  const ordinary = handle.onconnection;
  handle.onconnection = undefined;
  expect(shareReads(server, newReadBuffer(), refuse)).toBe(false);
  expect(handle.onconnection).toBeUndefined();
  handle.onconnection = ordinary;
  server.close();
  expect(shareReads(createServer(), newReadBuffer(), refuse)).toBe(false);
});

it('an accepted handle that does not look as expected goes the ordinary way', async () => {
  const [server, handle] = await listening();
  const seen: unknown[][] = [];
  const original = handle.onconnection;
  handle.onconnection = (...args: unknown[]) => seen.push(args);
  shareReads(server, newReadBuffer(), () => {
    throw new Error('must not be accepted');
  });
  const onconnection = handle.onconnection as (error: number, accepted: unknown) => void;
  const strange = { readStart: () => undefined };
  onconnection(0, strange);
  onconnection(-24, undefined);
  expect(seen).toEqual([
    [0, strange],
    [-24, undefined],
  ]);
  handle.onconnection = original;
  server.close();
});
