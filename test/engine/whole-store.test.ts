/** Transactions over the store as a whole, where it commits later. */
import { StoreError } from '../../src/errors';
import type { CommitResult } from '../../src/store/change';
import { SlowStore } from '../stores/slow';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';

async function replies(store: SlowStore, lines: readonly string[]): Promise<string[]> {
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  client.send(lines.map((line) => `${line}\r\n`).join(''));
  const all = (await client.readReplies(lines.length)).map(String);
  client.destroy();
  await goredis.stop();
  return all;
}

it('RANDOMKEY never answers a key that its transaction has removed', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const script = [
      'MSET a 1 b 1 c 1',
      'MULTI',
      'DEL a b',
      'RANDOMKEY',
      'DEL c',
      'RANDOMKEY',
      'EXEC',
    ];
    const exec = (await replies(new SlowStore({ seed }), script)).at(-1);
    expect(exec).toBe('*4\r\n:2\r\n$1\r\nc\r\n:1\r\n$-1\r\n');
  }
});

it('a cursor that the store never gave is the error of its SCAN alone', async () => {
  const scan = `SCAN ${2n ** 64n - 1n}`;
  const script = [scan, 'MULTI', 'SET a 1', scan, 'EXEC'];
  const [alone, , , , exec] = await replies(new SlowStore({ seed: 1 }), script);
  expect(alone).toBe('-ERR invalid cursor\r\n');
  expect(exec).toBe('*2\r\n+OK\r\n-ERR invalid cursor\r\n');
});

it('RANDOMKEY behind a flush draws from what the transaction has set, or nothing', async () => {
  const script = ['SET a 1', 'MULTI', 'FLUSHDB', 'RANDOMKEY', 'SET b 1', 'RANDOMKEY', 'EXEC'];
  const exec = (await replies(new SlowStore({ seed: 1 }), script)).at(-1);
  expect(exec).toBe('*4\r\n+OK\r\n$-1\r\n+OK\r\n$1\r\nb\r\n');
});

class Refusing extends SlowStore {
  refuses = false;

  override async commit(...args: Parameters<SlowStore['commit']>): Promise<CommitResult> {
    if (this.refuses) throw new StoreError('unavailable', 'refused');
    return super.commit(...args);
  }
}

it('a transaction whose changes fail behind its flush has an unknown outcome', async () => {
  const store = new Refusing({ seed: 1 });
  store.foreignWrite(0, 'a', '1');
  store.refuses = true;
  expect(await replies(store, ['MULTI', 'FLUSHALL', 'SET b 1', 'EXEC'])).toEqual([
    '+OK\r\n',
    '+QUEUED\r\n',
    '+QUEUED\r\n',
    '-UNKNOWNOUTCOME store: the write may or may not have happened: the flush is done, what follows it may not be\r\n',
  ]);
  expect([store.truth(0, 'a').value, store.truth(0, 'b').value]).toEqual([undefined, undefined]);
});

describe('KEYS on a database of several pages', () => {
  const count = 21_000;

  function filled(): SlowStore {
    const store = new SlowStore({ seed: 1 });
    for (let i = 0; i < count; i++) store.foreignWrite(0, `key:${i}`, '1');
    return store;
  }

  it('runs three times, not once a page, and answers each key once', async () => {
    const goredis = await startGoredis({ store: filled() });
    const run = jest.spyOn(goredis.server.commands.get('keys')!, 'run');
    const client = await connectRaw(goredis.port);
    const reply = (await client.command('KEYS', 'key:1*7')).toString();
    const all = Array.from({ length: count }, (_, i) => `key:${i}`);
    const wanted = all.filter((key) => /^key:1.*7$/.test(key)).sort();
    expect(
      reply
        .split('\r\n')
        .filter((line) => line.startsWith('key:'))
        .sort(),
    ).toEqual(wanted);
    expect(reply.startsWith(`*${wanted.length}\r\n`)).toBe(true);
    expect(run).toHaveBeenCalledTimes(3);
    run.mockRestore();
    client.destroy();
    await goredis.stop();
  });

  it('sees what its transaction has set and removed', async () => {
    const script = ['MULTI', 'DEL key:7 key:11', 'MSET key:7x 1 other 1', 'KEYS key:7', 'EXEC'];
    script.splice(4, 0, 'KEYS key:7x', 'KEYS *1', 'FLUSHDB', 'KEYS *', 'SET a 1', 'KEYS *');
    const exec = (await replies(filled(), script)).at(-1)!;
    const ones = Array.from({ length: count }, (_, i) => i).filter((i) => i % 10 === 1).length - 1;
    expect(exec).toMatch(/^\*9\r\n:2\r\n\+OK\r\n\*0\r\n\*1\r\n\$6\r\nkey:7x\r\n\*(\d+)\r\n/);
    expect(exec).toContain(`*${ones}\r\n`);
    expect(exec).not.toContain('key:11\r\n');
    expect(exec.endsWith('+OK\r\n*0\r\n+OK\r\n*1\r\n$1\r\na\r\n')).toBe(true);
  });
});
