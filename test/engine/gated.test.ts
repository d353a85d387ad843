import { StoreError } from '../../src/errors';
import { ManualClock } from '../../src/lib/clock';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { turns, until } from '../support/until';
import type { SlowStoreOptions } from '../stores/slow';
import { Gated, gate } from './gated';

interface Open {
  readonly store: Gated;
  readonly server: Goredis['server'];
  connect(): Promise<RawClient>;
}

let ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function open(options: Partial<SlowStoreOptions> = {}): Promise<Open> {
  const store = new Gated({ seed: 1, ...options });
  const { clock } = options;
  const { port, server, stop } = await startGoredis({ store, ...(clock && { clock }) });
  ends.push(stop);
  const connect = async (): Promise<RawClient> => {
    const client = await connectRaw(port);
    ends.push(() => client.destroy());
    return client;
  };
  return { store, server, connect };
}

/** Holds the answers of the first loads back, each behind a gate of its own. */
function gatedLoads(
  store: Gated,
  count: number,
): { gates: ReturnType<typeof gate>[]; loads: () => number } {
  const gates = Array.from({ length: count }, gate);
  let loads = 0;
  store.after = async (op) => {
    if (op === 'load') await gates[loads++]?.wait;
  };
  return { gates, loads: () => loads };
}

it('EXEC that fails leaves no SELECT behind', async () => {
  const { connect, server, store } = await open();
  const c = await connect();
  store.before = (op) => {
    if (op === 'commit') throw new StoreError('unavailable', 'x');
  };
  c.send('MULTI\r\nSELECT 1\r\nHELLO 3\r\nSET a 1\r\nEXEC\r\n');
  const replies = (await c.readReplies(5)).map(String);
  expect(replies[4]).toMatch(/^-TRYAGAIN/);
  store.before = () => undefined;
  await c.command('SET', 'x', '1');
  const [s] = [...server.sessions];
  expect([s!.db, s!.form.version]).toEqual([0, 2]);
});

it('second flush of EXEC fails: not TRYAGAIN', async () => {
  const { connect, store } = await open();
  const c = await connect();
  await c.command('SET', 'a', '1');
  store.before = (op, db) => {
    if (op === 'flush' && db === 1) throw new StoreError('unavailable', 'x');
  };
  c.send('MULTI\r\nFLUSHDB\r\nSELECT 1\r\nFLUSHDB\r\nEXEC\r\n');
  const replies = (await c.readReplies(5)).map(String);
  const gone = store.truth(0, 'a').value === undefined;
  expect([replies[4]!.split(' ')[0], gone]).toEqual(['-UNKNOWNOUTCOME', true]);
});

it('a strong read that joins a batch of reads is not older than a write acknowledged before', async () => {
  const { connect, store } = await open();
  const a = await connect();
  const b = await connect();
  const c = await connect();
  await a.command('SET', 'k', 'old');
  const { gates, loads } = gatedLoads(store, 3);
  a.send('GET k\r\nGET k\r\n'); // the first loads alone, the second takes the lane
  await until(() => loads() === 1);
  gates[0]!.open();
  await until(() => loads() === 2); // the batch of A's second read has loaded 'old', answer held
  c.send('GET k\r\n');
  await until(() => loads() === 3);
  expect(String(await b.command('FLUSHALL'))).toBe('+OK\r\n');
  c.send('GET k\r\n'); // after the flush was acknowledged
  await turns(20);
  gates[2]!.open();
  await c.readReply();
  await turns(20);
  gates[1]!.open();
  const reply = String(await c.readReply());
  expect(reply).toBe('$-1\r\n');
});

it('bounded: a read that joins a batch of reads sees its own flush', async () => {
  const { connect, store } = await open({ cache: true, missRate: 1 });
  const a = await connect();
  const c = await connect();
  await a.command('SET', 'k', 'old');
  const { gates, loads } = gatedLoads(store, 3);
  a.send('GET k\r\nGET k\r\n'); // the first loads alone, the second takes the lane
  await until(() => loads() === 1);
  gates[0]!.open();
  await until(() => loads() === 2); // the batch of A's second read has loaded 'old', answer held
  expect(String(await c.command('FLUSHALL'))).toBe('+OK\r\n');
  c.send('GET k\r\nGET k\r\n');
  await until(() => loads() === 3);
  await turns(20);
  gates[2]!.open();
  await c.readReply();
  await turns(20);
  gates[1]!.open();
  const reply = String(await c.readReply());
  expect(reply).toBe('$-1\r\n');
});

it('bounded: own flush is seen by own next read', async () => {
  const { connect, store } = await open({ cache: true, missRate: 1 });
  const a = await connect();
  const b = await connect();
  await a.command('SET', 'k', 'old');
  const { gates, loads } = gatedLoads(store, 1);
  b.send('GET k\r\n');
  await until(() => loads() === 1);
  await a.command('FLUSHALL');
  a.send('GET k\r\n');
  await turns(20);
  gates[0]!.open();
  const reply = String(await a.readReply());
  expect(reply).toBe('$-1\r\n');
});

it('a key that was expired when watched, set and expired again, breaks the watch', async () => {
  const clock = new ManualClock();
  const { connect } = await open({ clock });
  const a = await connect();
  const b = await connect();
  await a.command('SET', 'k', 'v', 'PX', '10');
  clock.advance(20);
  await a.command('WATCH', 'k');
  await b.command('SET', 'k', 'w', 'PX', '10');
  clock.advance(20);
  await a.command('MULTI');
  await a.command('SET', 'x', '1');
  const reply = String(await a.command('EXEC'));
  expect(reply).toBe('*-1\r\n');
});

it('DBSIZE inside EXEC that joins a rerun is not older than a write acknowledged before', async () => {
  const { connect, store } = await open();
  const a = await connect();
  const b = await connect();
  await a.command('SET', 'k', '0');
  const g = gate();
  let sizes = 0;
  store.after = async (op) => {
    if (op === 'size' && sizes++ === 0) await g.wait;
  };
  a.send('MULTI\r\nDBSIZE\r\nSET k 1\r\nEXEC\r\n');
  await until(() => sizes === 1);
  await b.command('SET', 'other', '1');
  b.send('MULTI\r\nDBSIZE\r\nSET k 1\r\nEXEC\r\n');
  await turns(30);
  g.open();
  const replies = (await b.readReplies(4)).map(String);
  expect(replies[3]).toBe('*2\r\n:2\r\n+OK\r\n');
});

it('MGET behind a write of its connection sees one moment of its keys', async () => {
  const { connect, store } = await open();
  const client = await connect();
  let round = 0;
  let writing = true;
  // Another node, which writes both keys at once.
  const otherNode = (async () => {
    for (; writing; round++) {
      for (const key of ['a', 'b']) store.foreignWrite(0, key, String(round));
      await turns(1);
    }
  })();
  ends.push(() => {
    writing = false;
    return otherNode;
  });
  for (let i = 0; i < 30; i++) {
    client.send('SET c 1\r\nMGET a b c\r\n');
    const last = String((await client.readReplies(2))[1]);
    const [, a, b] = /^\*3\r\n\$\d+\r\n(\d+)\r\n\$\d+\r\n(\d+)\r\n/.exec(last) ?? [];
    expect(a).toBeDefined();
    expect(a).toBe(b);
  }
});

it('a conflict does not show who came meanwhile what was replaced before they came', async () => {
  const { connect, store } = await open();
  const a = await connect();
  const b = await connect();
  const { open: tell, wait } = gate();
  let commits = 0;
  store.before = (op) => {
    if (op === 'commit' && commits === 0) store.foreignWrite(0, 'k', 'short');
  };
  store.after = async (op) => {
    if (op === 'commit' && commits++ === 0) await wait;
  };
  a.send('SETNX k a\r\n');
  await until(() => commits === 1); // refused for 'short', the answer is on its way
  store.foreignWrite(0, 'k', undefined);
  b.send('GETEX k\r\n'); // a write, as far as lanes know
  await turns(20);
  tell();
  expect(String(await a.readReply())).toBe(':1\r\n');
  expect(String(await b.readReply())).toBe('$1\r\na\r\n');
});

it('EXEC behind a read of its connection sees nothing older', async () => {
  const { connect, store } = await open();
  const a = await connect();
  const b = await connect();
  await a.command('SET', 'k', 'old');
  const [read, batch] = [gate(), gate()];
  let loads = 0;
  let loaded = 0;
  store.before = async (op) => {
    if (op === 'load' && loads++ === 0) await read.wait;
  };
  store.after = async (op) => {
    if (op === 'load' && loaded++ === 0) await batch.wait;
  };
  a.send('GET k\r\nMULTI\r\nGETEX k\r\nEXEC\r\n');
  await until(() => loads === 1); // not read yet
  b.send('SETNX k b\r\n');
  await until(() => loaded === 1); // has read 'old', the answer is on its way
  store.foreignWrite(0, 'k', 'new');
  read.open();
  expect(String(await a.readReply())).toBe('$3\r\nnew\r\n');
  await turns(20);
  batch.open();
  expect((await a.readReplies(3)).map(String).at(-1)).toBe('*1\r\n$3\r\nnew\r\n');
});
