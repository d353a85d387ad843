import { silentLogger } from '../../src/lib/log';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';
import { SlowStore } from '../stores/slow';

it.each(['memory', 'slow'] as const)(
  'an internal error inside EXEC answers only its own command, %s',
  async (kind) => {
    const store = kind === 'slow' ? { store: new SlowStore({ seed: 1 }) } : {};
    const goredis = await startGoredis({ log: silentLogger, ...store });
    const strlen = goredis.server.commands.get('strlen')! as { run: unknown };
    const { run } = strlen;
    strlen.run = () => {
      throw new RangeError('Invalid string length');
    };
    const client = await connectRaw(goredis.port);
    client.send('MULTI\r\nSET a 1\r\nSTRLEN a\r\nSET b 1\r\nEXEC\r\n');
    const reply = String((await client.readReplies(5))[4]);
    const there = String(await client.command('EXISTS', 'a', 'b'));
    strlen.run = run;
    expect([reply, there]).toEqual(['*3\r\n+OK\r\n-ERR internal error\r\n+OK\r\n', ':2\r\n']);
    client.destroy();
    await goredis.stop();
  },
);
