import { SlowStore } from '../stores/slow';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';
import { until } from '../support/until';
import { nthSession } from './transports';

describe.each([
  ['memory', () => 'memory' as const],
  ['a slow store', () => new SlowStore({ seed: 1 })],
])('SHUTDOWN on %s', (_name, store) => {
  it('answers what came before, itself not, and runs nothing behind it', async () => {
    const { port, server } = await startGoredis({ store: store() });
    const client = await connectRaw(port);
    client.send('SET a 1\r\nINCR a\r\nSHUTDOWN nosave NOW force\r\nSET a 3\r\nGET a\r\n');
    expect(String(await client.readToClose())).toBe('+OK\r\n:2\r\n');
    await server.close();
    await expect(connectRaw(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('answers what others have asked for', async () => {
    const { port, server } = await startGoredis({ store: store() });
    const [other, client] = [await connectRaw(port), await connectRaw(port)];
    other.send('CLIENT PAUSE 100000 WRITE\r\nSET a 1\r\nGET a\r\n');
    const session = await nthSession(server, 1);
    await until(() => session.unanswered === 1);
    client.send('SHUTDOWN\r\n');
    expect(String(await client.readToClose())).toBe('');
    expect(String(await other.readToClose())).toBe('+OK\r\n+OK\r\n$1\r\n1\r\n');
    await server.close();
  });
});

it('SHUTDOWN SAVE is an error without FORCE', async () => {
  const { port, server } = await startGoredis();
  const client = await connectRaw(port);
  expect(String(await client.command('SHUTDOWN', 'save'))).toBe(
    '-ERR goredis does not save: the memory store does not persist\r\n',
  );
  client.send('SHUTDOWN SAVE FORCE\r\n');
  expect(String(await client.readToClose())).toBe('');
  await server.close();
});
