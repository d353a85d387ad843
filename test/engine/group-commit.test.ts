import { StoreError } from '../../src/errors';
import { connectRaw } from '../support/raw-client';
import { startGoredis } from '../support/goredis';
import { SlowStore } from '../stores/slow';

it('answers 1,000 concurrent INCR with 1 to 1000, each once, in fewer than 50 commits', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const clients = await Promise.all(Array.from({ length: 100 }, () => connectRaw(goredis.port)));
  const replies = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 10 }, () => client.command('INCR', 'n'))),
  );
  const numbers = replies.map((reply) => Number(reply.toString().slice(1))).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  expect(store.recorded.commits).toBeLessThan(50);
  await Promise.all(clients.map((client) => client.end()));
  await goredis.stop();
});

it('sends a plain SET without a read', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  await client.command('SET', 'a', '1');
  await client.command('SETEX', 'b', '100', '1');
  expect(store.recorded).toMatchObject({ loads: 0, commits: 2 });
  await client.end();
  await goredis.stop();
});

it('commits nothing for a command that changes nothing', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  expect(String(await client.command('DEL', 'none'))).toBe(':0\r\n');
  expect(String(await client.command('SET', 'none', '1', 'XX'))).toBe('$-1\r\n');
  expect(store.recorded.commits).toBe(0);
  await client.end();
  await goredis.stop();
});

it('loads the misses of one pipeline together', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  client.send(Array.from({ length: 50 }, (_, i) => `GET key:${i}\r\n`).join(''));
  await client.readReplies(50);
  expect(store.recorded).toMatchObject({ loads: 1, loadedKeys: 50 });
  await client.end();
  await goredis.stop();
});

it('reads several keys of one command as one snapshot', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  await client.command('MGET', 'a', 'b', 'c');
  expect(store.recorded).toMatchObject({ loads: 1, snapshots: 1, loadedKeys: 3 });
  await client.end();
  await goredis.stop();
});

it('reads anew after it has paused, so that who comes later does not win each time', async () => {
  const store = new SlowStore({ seed: 1 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  const commit = store.commit.bind(store);
  let commits = 0;
  store.commit = async (changes, reads) => {
    // Four races are lost: the first, and three at once. Another writer comes during the pause.
    if (++commits <= 4) store.foreignWrite(0, 'n', commits * 10);
    const result = await commit(changes, reads);
    if (commits === 4) store.foreignWrite(0, 'n', 50);
    return result;
  };
  expect(String(await client.command('INCR', 'n'))).toBe(':51\r\n');
  expect(commits).toBe(5);
  expect(goredis.server.engine.stats.conflicts).toBe(4);
  await client.end();
  await goredis.stop();
});

it('validates a decision not to write that was made from a stale cache', async () => {
  const store = new SlowStore({ seed: 1, cache: true });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  await client.command('SET', 'lock', 'mine');
  // Another node deletes the key; this node's cache does not know it yet.
  store.foreignWrite(0, 'lock', undefined);
  expect(String(await client.command('SET', 'lock', 'mine again', 'NX'))).toBe('+OK\r\n');
  store.foreignWrite(0, 'n', 41);
  expect(String(await client.command('INCR', 'n'))).toBe(':42\r\n');
  await client.end();
  await goredis.stop();
});

it('runs each command alone when a batch is over the limit of the store', async () => {
  const store = new SlowStore({ seed: 1, maxKeys: 2 });
  const goredis = await startGoredis({ store });
  const client = await connectRaw(goredis.port);
  client.send('MSET a 1 b 2\r\nMSET a 1 b 2 c 3\r\nINCR a\r\nGET c\r\n');
  expect((await client.readReplies(4)).map(String)).toEqual([
    '+OK\r\n',
    '-ERR store: too many keys in one commit\r\n',
    ':2\r\n',
    '$-1\r\n',
  ]);
  await client.end();
  await goredis.stop();
});

describe('more keys than the store takes at once', () => {
  const keys = Array.from({ length: 25 }, (_, i) => `k${i}`);

  it('are removed in several commits', async () => {
    const store = new SlowStore({ seed: 1, maxKeys: 10 });
    const goredis = await startGoredis({ store });
    const client = await connectRaw(goredis.port);
    for (const key of keys) await client.command('SET', key, 'v');
    const before = { ...store.recorded };
    client.send(`SET k3 w\r\nDEL ${keys.join(' ')} none k1\r\nSET k3 x\r\nUNLINK k3 k4 k5 k1\r\n`);
    const replies = (await client.readReplies(4)).map(String);
    expect(replies).toEqual(['+OK\r\n', ':25\r\n', '+OK\r\n', ':1\r\n']);
    // SET, three parts, SET and UNLINK; perhaps a SET shares a commit.
    expect(store.recorded.commits - before.commits).toBeLessThanOrEqual(6);
    expect(store.recorded.changes - before.changes).toBe(28);
    await client.end();
    await goredis.stop();
  });

  it('of which some cannot be removed answer an outcome that is not known', async () => {
    const store = new SlowStore({ seed: 1, maxKeys: 10 });
    const goredis = await startGoredis({ store });
    const client = await connectRaw(goredis.port);
    for (const key of keys) await client.command('SET', key, 'v');
    const commit = store.commit.bind(store);
    let commits = 0;
    store.commit = (changes, reads) =>
      ++commits === 2
        ? Promise.reject(new StoreError('unavailable', 'not now'))
        : commit(changes, reads);
    expect(String(await client.command('DEL', ...keys))).toBe(
      '-UNKNOWNOUTCOME store: the write may or may not have happened: 10 keys are done, what came behind them failed\r\n',
    );
    expect(String(await client.command('DBSIZE'))).toBe(':15\r\n');
    await client.end();
    await goredis.stop();
  });

  it('are read as of several moments', async () => {
    const store = new SlowStore({ seed: 1, maxKeys: 10 });
    const goredis = await startGoredis({ store });
    const client = await connectRaw(goredis.port);
    for (const key of keys) await client.command('SET', key, key);
    const before = { ...store.recorded };
    const values = keys.map((key) => `$${key.length}\r\n${key}\r\n`).join('');
    expect(String(await client.command('MGET', ...keys))).toBe(`*25\r\n${values}`);
    expect(store.recorded.snapshots - before.snapshots).toBe(3);
    expect(String(await client.command('EXISTS', ...keys, 'k1', 'none'))).toBe(':26\r\n');
    client.send(`SET k1 w\r\nTOUCH ${keys.join(' ')} none\r\n`);
    expect((await client.readReplies(2)).map(String)).toEqual(['+OK\r\n', ':25\r\n']);
    await client.end();
    await goredis.stop();
  });

  it('are refused where one moment matters', async () => {
    const store = new SlowStore({ seed: 1, maxKeys: 10 });
    const goredis = await startGoredis({ store });
    const client = await connectRaw(goredis.port);
    const tooMany = '-ERR store: too many keys in one commit\r\n';
    const pairs = keys.flatMap((key) => [key, 'v']);
    expect(String(await client.command('MSET', ...pairs))).toBe(tooMany);
    client.send(
      `MULTI\r\nDEL ${keys.join(' ')}\r\nEXEC\r\nMULTI\r\nMGET ${keys.join(' ')}\r\nEXEC\r\n`,
    );
    const replies = (await client.readReplies(6)).map(String);
    const tooManyLoaded = '-ERR store: too many keys in one load\r\n';
    expect([replies[2], replies[5]]).toEqual([tooManyLoaded, tooManyLoaded]);
    expect(String(await client.command('DBSIZE'))).toBe(':0\r\n');
    await client.end();
    await goredis.stop();
  });
});
