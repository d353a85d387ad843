import { StoreError } from '../../src/errors';
import { ManualClock } from '../../src/lib/clock';
import { startGoredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';
import { turns, until } from '../support/until';
import { Gated, gate } from './gated';

it('EXEC that fails leaves no SELECT behind', async () => {
  const store = new Gated({ seed: 1 });
  const { port, stop, server } = await startGoredis({ store });
  const c = await connectRaw(port);
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
  c.destroy();
  await stop();
});

it('second flush of EXEC fails: not TRYAGAIN', async () => {
  const store = new Gated({ seed: 1 });
  const { port, stop } = await startGoredis({ store });
  const c = await connectRaw(port);
  await c.command('SET', 'a', '1');
  store.before = (op, db) => {
    if (op === 'flush' && db === 1) throw new StoreError('unavailable', 'x');
  };
  c.send('MULTI\r\nFLUSHDB\r\nSELECT 1\r\nFLUSHDB\r\nEXEC\r\n');
  const replies = (await c.readReplies(5)).map(String);
  const gone = store.truth(0, 'a').value === undefined;
  c.destroy();
  await stop();
  expect([replies[4]!.split(' ')[0], gone]).toEqual(['-UNKNOWNOUTCOME', true]);
});

it('a strong read that joins a batch of reads is not older than a write acknowledged before', async () => {
  const store = new Gated({ seed: 1 });
  const { port, stop } = await startGoredis({ store });
  const a = await connectRaw(port);
  const b = await connectRaw(port);
  const c = await connectRaw(port);
  await a.command('SET', 'k', 'old');
  const gates = [gate(), gate(), gate()];
  let loads = 0;
  store.after = async (op) => {
    if (op === 'load') await gates[loads++]?.wait;
  };
  a.send('GET k\r\nGET k\r\n'); // the first loads alone, the second takes the lane
  await until(() => loads === 1);
  gates[0]!.open();
  await until(() => loads === 2); // the batch of A's second read has loaded 'old', answer held
  c.send('GET k\r\n');
  await until(() => loads === 3);
  expect(String(await b.command('FLUSHALL'))).toBe('+OK\r\n');
  c.send('GET k\r\n'); // after the flush was acknowledged
  await turns(20);
  gates[2]!.open();
  await c.readReply();
  await turns(20);
  gates[1]!.open();
  const reply = String(await c.readReply());
  for (const x of [a, b, c]) x.destroy();
  await stop();
  expect(reply).toBe('$-1\r\n');
});

it('bounded: a read that joins a batch of reads sees its own flush', async () => {
  const store = new Gated({ seed: 1, cache: true, missRate: 1 });
  const { port, stop } = await startGoredis({ store });
  const a = await connectRaw(port);
  const b = await connectRaw(port);
  const c = await connectRaw(port);
  await a.command('SET', 'k', 'old');
  const gates = [gate(), gate(), gate()];
  let loads = 0;
  store.after = async (op) => {
    if (op === 'load') await gates[loads++]?.wait;
  };
  a.send('GET k\r\nGET k\r\n'); // the first loads alone, the second takes the lane
  await until(() => loads === 1);
  gates[0]!.open();
  await until(() => loads === 2); // the batch of A's second read has loaded 'old', answer held
  expect(String(await c.command('FLUSHALL'))).toBe('+OK\r\n');
  c.send('GET k\r\nGET k\r\n');
  await until(() => loads === 3);
  await turns(20);
  gates[2]!.open();
  await c.readReply();
  await turns(20);
  gates[1]!.open();
  const reply = String(await c.readReply());
  for (const x of [a, b, c]) x.destroy();
  await stop();
  expect(reply).toBe('$-1\r\n');
});

it('bounded: own flush is seen by own next read', async () => {
  const store = new Gated({ seed: 1, cache: true, missRate: 1 });
  const { port, stop } = await startGoredis({ store });
  const a = await connectRaw(port);
  const b = await connectRaw(port);
  await a.command('SET', 'k', 'old');
  const g = gate();
  let loads = 0;
  store.after = async (op) => {
    if (op === 'load' && loads++ === 0) await g.wait;
  };
  b.send('GET k\r\n');
  await until(() => loads === 1);
  await a.command('FLUSHALL');
  a.send('GET k\r\n');
  await turns(20);
  g.open();
  const reply = String(await a.readReply());
  for (const x of [a, b]) x.destroy();
  await stop();
  expect(reply).toBe('$-1\r\n');
});

it('a key that was expired when watched, set and expired again, breaks the watch', async () => {
  const clock = new ManualClock();
  const store = new Gated({ seed: 1, clock });
  const { port, stop } = await startGoredis({ store, clock });
  const a = await connectRaw(port);
  const b = await connectRaw(port);
  await a.command('SET', 'k', 'v', 'PX', '10');
  clock.advance(20);
  await a.command('WATCH', 'k');
  await b.command('SET', 'k', 'w', 'PX', '10');
  clock.advance(20);
  await a.command('MULTI');
  await a.command('SET', 'x', '1');
  const reply = String(await a.command('EXEC'));
  for (const x of [a, b]) x.destroy();
  await stop();
  expect(reply).toBe('*-1\r\n');
});

it('DBSIZE inside EXEC that joins a rerun is not older than a write acknowledged before', async () => {
  const store = new Gated({ seed: 1 });
  const { port, stop } = await startGoredis({ store });
  const a = await connectRaw(port);
  const b = await connectRaw(port);
  await a.command('SET', 'k', '0');
  const commits = 0;
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
  void commits;
  for (const x of [a, b]) x.destroy();
  await stop();
  expect(replies[3]).toBe('*2\r\n:2\r\n+OK\r\n');
});
