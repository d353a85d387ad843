/** Arguments near the limits of V8 and Node. Buffers of zeros take no memory until they are touched. */
import { assembleServer } from '../../src/assemble';
import { MAX_BYTES, MAX_TEXT_BYTES } from '../../src/lib/bytes';
import { SlowStore } from '../stores/slow';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';
import { nthSession } from './transports';

const tooLong = '-ERR argument is too long for a key, a field or a pattern\r\n';
const stringTooLong = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';

describe.each([
  ['memory', () => startGoredis()],
  ['a slow store', () => startGoredis({ store: new SlowStore({ seed: 1 }) })],
])('on %s', (_name, start: () => Promise<Goredis>) => {
  it('a key that no string can hold is refused', async () => {
    const goredis = await start();
    const client = await connectRaw(goredis.port);
    expect(String(await client.command('PING'))).toBe('+PONG\r\n');
    const session = await nthSession(goredis.server, 1);
    const huge = Buffer.alloc(MAX_TEXT_BYTES + 1);
    for (const words of [['GET'], ['SET', 'v'], ['KEYS'], ['MGET', 'a'], ['TYPE']]) {
      const command = goredis.server.commands.get(words[0]!.toLowerCase())!;
      expect(session.run(command, [words[0]!, huge, ...words.slice(1)])).toBe(tooLong);
    }
    client.destroy();
    await goredis.stop();
  });
});

it('a transaction with a key that no string can hold answers an error, and ends', async () => {
  const goredis = await startGoredis({ store: new SlowStore({ seed: 1 }) });
  const client = await connectRaw(goredis.port);
  client.send('WATCH w\r\nMULTI\r\nSET a 1\r\n');
  await client.readReplies(3);
  const session = await nthSession(goredis.server, 1);
  const command = goredis.server.commands.get('get')!;
  session.queue({ command, argv: ['GET', Buffer.alloc(MAX_TEXT_BYTES + 1)] });
  client.send('EXEC\r\nGET a\r\n');
  expect(String(Buffer.concat(await client.readReplies(2)))).toBe(`${tooLong}$-1\r\n`);
  client.destroy();
  await goredis.stop();
});

it('no value grows beyond what a Buffer holds, whatever the limit', async () => {
  const goredis = await startGoredis({ maxBulkBytes: 2 ** 50 });
  const client = await connectRaw(goredis.port);
  await client.command('SET', 'k', 'x');
  for (const offset of [MAX_BYTES, MAX_BYTES - 1, 2 ** 40, 2 ** 53]) {
    const reply = await client.command('SETRANGE', 'k', String(offset), 'ab');
    expect(String(reply)).toBe(stringTooLong);
  }
  client.send(`*2\r\n$3\r\nGET\r\n$${MAX_BYTES + 1}\r\n`);
  expect(String(await client.readReply())).toBe('-ERR Protocol error: invalid bulk length\r\n');
  const other = await connectRaw(goredis.port);
  await other.command('CONFIG', 'SET', 'proto-max-bulk-len', '1mb');
  expect(String(await other.command('SETRANGE', 'k', '1048575', 'ab'))).toBe(stringTooLong);
  await other.command('CONFIG', 'SET', 'proto-max-bulk-len', '9223372036854775807');
  expect(goredis.server.maxBulkBytes).toBe(MAX_BYTES);
  expect(assembleServer().maxBulkBytes).toBe(512 * 1024 * 1024);
  other.destroy();
  client.destroy();
  await goredis.stop();
});
