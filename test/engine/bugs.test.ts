/** A store or a command that breaks its contract: the client gets an answer, the connection lives. */
import { MemoryStore } from '../../src/stores/memory/memory-store';
import { systemClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import type { Rec } from '../../src/store/record';
import type { RecRef } from '../../src/store/in-place';
import type { Store } from '../../src/store/store';
import { SlowStore } from '../stores/slow';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';

class BrokenMemory extends MemoryStore {
  override find(db: number, key: string): RecRef {
    if (key === 'bad') throw new Error('planted\n    bug');
    return super.find(db, key);
  }
}

class BrokenSlow extends SlowStore {
  override async load(...args: Parameters<SlowStore['load']>): Promise<readonly Rec[]> {
    if (args[0].some(({ key }) => key === 'bad')) throw new Error('planted\n    bug');
    return super.load(...args);
  }
}

// In place the command finds the bug, and EXEC goes on; else the load before EXEC runs at all.
it.each<[string, Store, string, string]>([
  [
    'in place',
    new BrokenMemory({ databases: 16, clock: systemClock, random: seeded(1) }),
    '*1\r\n-ERR internal error\r\n',
    'get',
  ],
  ['that commits later', new BrokenSlow({ seed: 1 }), '-ERR internal error\r\n', 'exec'],
])(
  'a bug in a store %s is logged in one line and answered vaguely',
  async (_title, store, exec, during) => {
    const lines: string[] = [];
    const log = new LineLogger('warning', (line) => void lines.push(line), systemClock);
    const goredis = await startGoredis({ store, log });
    const client = await connectRaw(goredis.port);
    const internal = '-ERR internal error\r\n';
    expect(String(await client.command('GET', 'bad'))).toBe(internal);
    expect(String(await client.command('INCR', 'bad'))).toBe(internal);
    await client.command('MULTI');
    await client.command('GET', 'bad');
    expect(String(await client.command('EXEC'))).toBe(exec);
    expect(String(await client.command('INCR', 'good'))).toBe(':1\r\n');
    expect(
      lines.map((line) => /Internal error in (\w+): Error: planted \| bug/.exec(line)?.[1]),
    ).toEqual(['get', 'incr', during]);
    client.destroy();
    await goredis.stop();
  },
);
