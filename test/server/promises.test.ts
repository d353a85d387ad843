import { createHook } from 'node:async_hooks';
import { assembleServer } from '../../src/assemble';
import { duplexPair } from '../support/duplex-pair';
import { encodeRequest } from '../support/raw-client';
import { until } from '../support/until';

const COMMANDS = 10_000;

/** How many promises come into being while `run` does its work. */
function promisesMadeBy(run: () => void): number {
  let count = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') count++;
    },
  }).enable();
  run();
  hook.disable();
  return count;
}

it('commands on memory create no promise', async () => {
  const server = assembleServer();
  const [client, far] = duplexPair();
  const session = server.handle(far)!;
  let replies = 0;
  client.on('data', (chunk: Buffer) => (replies += chunk.length));

  const chunks: Buffer[] = [];
  for (let i = 0; i < COMMANDS / 2; i++) {
    const key = `key:${i % 100}`;
    const requests = [
      ['SET', key, 'x'.repeat(64)],
      ['GET', key],
    ].map(encodeRequest);
    // Some alone and some in pipelines, and some cut apart.
    if (i % 3 === 0) chunks.push(...requests);
    else if (i % 3 === 1) chunks.push(Buffer.concat(requests));
    else chunks.push(requests[0]!.subarray(0, 20), Buffer.concat(requests).subarray(20));
  }
  const made = promisesMadeBy(() => {
    for (const chunk of chunks) session.receive(chunk, 0, chunk.length);
  });
  expect(server.engine.stats.calls.total).toBe(COMMANDS);
  expect(made).toBe(0);
  const expected = (COMMANDS / 2) * ('+OK\r\n'.length + '$64\r\n\r\n'.length + 64);
  await until(() => replies >= expected);
  expect(replies).toBe(expected);
  client.destroy();
});

it('a promise a command would be counted', () => {
  const made = promisesMadeBy(() => {
    for (let i = 0; i < COMMANDS; i++) void Promise.resolve();
  });
  expect(made).toBe(COMMANDS);
});
