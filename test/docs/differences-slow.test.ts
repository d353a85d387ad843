/** What docs/differences.md says of stores that commit later. */
import { ManualClock } from '../../src/lib/clock';
import type { Cursor, ScanPage } from '../../src/store/store';
import { SlowStore, type SlowStoreOptions } from '../stores/slow';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { turns, until } from '../support/until';

interface Opened {
  readonly store: SlowStore;
  readonly goredis: Goredis;
  readonly client: RawClient;
}

let opened: Opened | undefined;

async function open(store: SlowStore, clock?: ManualClock): Promise<Opened> {
  const goredis = await startGoredis({ store, ...(clock && { clock }) });
  const client = await connectRaw(goredis.port);
  return (opened = { store, goredis, client });
}

const openSlow = (options: Partial<SlowStoreOptions> = {}): Promise<Opened> =>
  open(new SlowStore({ seed: 1, ...options }));

async function close(): Promise<void> {
  opened?.client.destroy();
  await opened?.goredis.stop();
  opened = undefined;
}

afterEach(close);

const send = async (client: RawClient, script: string): Promise<string[]> => {
  const lines = script.split(';').map((line) => line.trim());
  client.send(lines.map((line) => `${line}\r\n`).join(''));
  return (await client.readReplies(lines.length)).map(String);
};

it('pipelined writes to different keys may become visible in another order than sent', async () => {
  let otherOrder = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const { store, client } = await openSlow({ seed });
    let done = false;
    const replies = send(client, 'SET a 1; SET b 1').finally(() => (done = true));
    while (!done) {
      const there = ['a', 'b'].map((key) => store.truth(0, key).value !== undefined);
      if (there[1] && !there[0]) {
        otherOrder++;
        break;
      }
      await turns(1);
    }
    expect(await replies).toEqual(['+OK\r\n', '+OK\r\n']);
    await close();
  }
  expect(otherOrder).toBeGreaterThan(0);
});

it('SWAPDB inside MULTI is refused', async () => {
  const { client } = await openSlow();
  expect(await send(client, 'SET a 1; MULTI; SWAPDB 0 1; GET a; EXEC')).toEqual([
    '+OK\r\n',
    '+OK\r\n',
    '+QUEUED\r\n',
    '+QUEUED\r\n',
    '*2\r\n-ERR SWAPDB inside MULTI is not supported by this store\r\n$1\r\n1\r\n',
  ]);
});

it('a store may refuse SWAPDB altogether', async () => {
  const { client } = await openSlow({ swap: false });
  expect(await send(client, 'SWAPDB 0 1')).toEqual([
    '-ERR store: databases cannot be exchanged\r\n',
  ]);
});

it('others may see the flush of a transaction before its other changes', async () => {
  const { store, client } = await openSlow();
  await send(client, 'SET a 1');
  let seenEmpty = false;
  const replies = send(client, 'MULTI; FLUSHALL; SET a 2; EXEC');
  await until(() => {
    seenEmpty ||= store.truth(0, 'a').value === undefined;
    return store.truth(0, 'a').value === '2';
  });
  expect((await replies).at(-1)).toBe('*2\r\n+OK\r\n+OK\r\n');
  expect(seenEmpty).toBe(true);
});

it('OBJECT IDLETIME is 0, and INFO has no figures on deadlines', async () => {
  const clock = new ManualClock();
  const { client } = await open(new SlowStore({ seed: 1, clock }), clock);
  await send(client, 'SET a 1 EX 1000; SET b 1');
  clock.advance(100_000);
  expect(await send(client, 'OBJECT IDLETIME a')).toEqual([':0\r\n']);
  const info = (await send(client, 'INFO'))[0]!;
  expect(info).toContain('\r\ndb0:keys=2,expires=0,avg_ttl=0\r\n');
});

it('a store that cannot be reached is answered with TRYAGAIN', async () => {
  const { client } = await openSlow({ failureRate: 1 });
  expect(await send(client, 'GET a; SET a 1; PING')).toEqual([
    '-TRYAGAIN store: injected failure\r\n',
    '-TRYAGAIN store: injected failure\r\n',
    '+PONG\r\n',
  ]);
});

it('a write that others always come before is answered with TRYAGAIN after some seconds', async () => {
  const clock = new ManualClock();
  const { client } = await open(new SlowStore({ seed: 1, clock, conflictRate: 1 }), clock);
  let reply: string | undefined;
  void send(client, 'INCR a').then(([first]) => (reply = first));
  await until(() => {
    clock.advance(10);
    return reply !== undefined;
  });
  expect(reply).toBe('-TRYAGAIN store: too many conflicting writes to the same key\r\n');
});

it('a write of which nobody knows whether it happened is answered with UNKNOWNOUTCOME', async () => {
  const { client } = await openSlow({ unknownRate: 1 });
  expect(await send(client, 'SET a 1')).toEqual([
    '-UNKNOWNOUTCOME store: the write may or may not have happened: injected loss of an answer\r\n',
  ]);
});

it('a command that changes more than the store can commit at once fails and changes nothing', async () => {
  const { client } = await openSlow({ maxKeys: 1 });
  expect(await send(client, 'MSET a 1 b 2; MGET a b')).toEqual([
    '-ERR store: too many keys in one commit\r\n',
    '*2\r\n$-1\r\n$-1\r\n',
  ]);
});

it('inside MULTI, SCAN and RANDOMKEY prefer what the transaction has written', async () => {
  const { client } = await openSlow();
  await send(client, 'MSET a 1 b 1 c 1');
  const script = 'MULTI; SET x 1; SET y 1; RANDOMKEY; SCAN 0 COUNT 1; EXEC';
  const exec = (await send(client, script)).at(-1)!;
  expect(exec).toMatch(/^\*4\r\n\+OK\r\n\+OK\r\n\$1\r\n[xy]\r\n\*2\r\n\$\d+\r\n\d+\r\n\*3\r\n/);
  expect(exec).toMatch(/\$1\r\nx\r\n\$1\r\ny\r\n$/);
});

/** Between two pages the first key of the first one is removed. */
class Removing extends SlowStore {
  removed: string | undefined;

  override async scan(db: number, cursor: Cursor, count: number): Promise<ScanPage> {
    const page = await super.scan(db, cursor, count);
    if (this.removed === undefined) {
      this.removed = page.keys[0]!.key;
      this.foreignWrite(db, this.removed, undefined);
    }
    return page;
  }
}

it('KEYS may answer keys that were removed while it ran', async () => {
  const store = new Removing({ seed: 1 });
  for (let i = 0; i < 10_001; i++) store.foreignWrite(0, `k${i}`, 'v');
  const { client } = await open(store);
  const [reply] = await send(client, 'KEYS *');
  expect(store.recorded.scans).toBe(2);
  expect(reply).toContain(`\r\n${store.removed}\r\n`);
  expect(await send(client, `EXISTS ${store.removed}`)).toEqual([':0\r\n']);
});

it('a store with a cache may answer reads with a value that another node has replaced', async () => {
  const { store, client } = await openSlow({ cache: true });
  await send(client, 'SET a old');
  store.foreignWrite(0, 'a', 'new');
  expect(await send(client, 'GET a')).toEqual(['$3\r\nold\r\n']);
  await store.idle();
  expect(await send(client, 'GET a')).toEqual(['$3\r\nnew\r\n']);
  store.foreignWrite(0, 'a', '7');
  expect(await send(client, 'INCR a')).toEqual([':8\r\n']);
});
