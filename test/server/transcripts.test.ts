/** What a person sees who types lines into telnet. */
import { connect, type Socket } from 'node:net';
import { readBytes } from '../support/read-stream';
import { connectRaw } from '../support/raw-client';
import { startGoredis } from '../support/goredis';

/** Types a line, and expects to see these lines and nothing else. */
async function type(socket: Socket, line: string, ...answer: string[]): Promise<void> {
  const expected = answer.map((text) => `${text}\r\n`).join('');
  socket.write(`${line}\r\n`);
  expect((await readBytes(socket, expected.length)).toString('latin1')).toBe(expected);
}

it('a value is set and got', async () => {
  const goredis = await startGoredis();
  const telnet = connect(goredis.port, '127.0.0.1');
  await type(telnet, 'SET key value', '+OK');
  await type(telnet, 'GET key', '$5', 'value');
  await type(telnet, "  set \"two words\"  'and a \\'quote\\''", '+OK');
  await type(telnet, 'get "two\\x20words"', '$13', "and a 'quote'");
  await goredis.stop();
});

it('a password is wanted', async () => {
  const goredis = await startGoredis({ requirepass: 'bacon' });
  const telnet = connect(goredis.port, '127.0.0.1');
  await type(telnet, 'AUTH cabbage', '-ERR invalid password');
  await type(telnet, 'GET bacon', '-NOAUTH Authentication required.');
  await type(telnet, 'AUTH bacon', '+OK');
  await type(telnet, 'GET bacon', '$-1');
  await goredis.stop();
});

it.each(['POST / HTTP/1.1', 'Host: localhost:6379', 'post'])(
  'closes on %s, so that a web page cannot send commands',
  async (line) => {
    const goredis = await startGoredis();
    const client = await connectRaw(goredis.port);
    client.send(`SET before 1\r\n${line}\r\nSET pwned yes\r\n`);
    await client.closed;
    const other = await connectRaw(goredis.port);
    expect(String(await other.command('EXISTS', 'before', 'pwned'))).toBe(':1\r\n');
    await other.end();
    await goredis.stop();
  },
);
