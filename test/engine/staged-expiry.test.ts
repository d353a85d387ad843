/** Keys of a store that several nodes use go at their deadlines, by one of the nodes. */
import { StoreError, type StoreErrorCode } from '../../src/errors';
import { ManualClock } from '../../src/lib/clock';
import { LineLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import type { Change, CommitResult, ReadCheck } from '../../src/store/change';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { turns, until } from '../support/until';
import { SlowStore } from '../stores/slow';

class Table extends SlowStore {
  failNext = 0;
  failure: StoreErrorCode = 'unavailable';
  commits = 0;

  override async commit(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
  ): Promise<CommitResult> {
    this.commits++;
    if (this.failNext > 0) {
      this.failNext--;
      throw new StoreError(this.failure, 'not now');
    }
    return super.commit(changes, reads);
  }
}

interface Node {
  readonly goredis: Goredis;
  readonly client: RawClient;
  /** `expired` events that its subscribers have heard, by key. */
  readonly heard: string[];
}

let clock: ManualClock;
let table: Table;
let nodes: Node[] = [];
/** Lines of the log about expiry, without their times. */
let lines: string[];

beforeEach(() => {
  clock = new ManualClock();
  lines = [];
  table = new Table({ seed: 3, clock });
});

afterEach(async () => {
  for (const { goredis, client } of nodes) {
    client.destroy();
    await goredis.stop();
  }
  nodes = [];
});

async function startNode(seed = 1): Promise<Node> {
  const goredis = await startGoredis({
    store: table,
    clock,
    random: seeded(seed),
    debugCommand: 'yes',
    log: new LineLogger('notice', keep, clock),
  });
  const client = await connectRaw(goredis.port);
  const heard: string[] = [];
  const { engine } = goredis.server;
  engine.sendEvents((_class, event, _db, key) => event === 'expired' && heard.push(key));
  const node = { goredis, client, heard };
  nodes.push(node);
  return node;
}

function keep(line: string): void {
  const [, text] = /[*#] (Keys .*)\n/.exec(line) ?? [];
  if (text !== undefined) lines.push(text);
}

/** Time passes, and all that it causes. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await turns(20);
    await table.idle();
  }
}

const send = async ({ client }: Node, line: string): Promise<string> =>
  String(await client.command(...line.split(' ')));
const isGone = (key: string): boolean => table.truth(0, key).value === undefined;

it('the node that wrote the key removes it at its deadline and says so, once', async () => {
  const [a, b] = [await startNode(1), await startNode(2)];
  await send(a, 'SET k v PX 1000');
  await send(b, 'GET k');
  await pass(999);
  expect([isGone('k'), a.heard, b.heard]).toEqual([false, [], []]);
  await pass(1);
  expect([isGone('k'), a.heard, b.heard]).toEqual([true, ['k'], []]);
  await pass(120_000);
  expect([a.heard, b.heard]).toEqual([['k'], []]);
  expect(a.goredis.server.engine.stats.expiredKeys).toBe(1);
  expect(a.goredis.server.engine.stats.expiryLag.figures().lastMs).toBe(0);
  expect(b.goredis.server.engine.stats.expiredKeys).toBe(0);
});

it('a node that has read the key removes it a little later if its writer is gone', async () => {
  const [a, b] = [await startNode(1), await startNode(2)];
  await send(a, 'SET k v PX 1000');
  await send(b, 'MGET k other');
  a.goredis.server.engine.stop();
  await pass(1099);
  expect(isGone('k')).toBe(false);
  await pass(401);
  expect([isGone('k'), a.heard, b.heard]).toEqual([true, [], ['k']]);
});

it('the last who wrote counts, whoever wrote before', async () => {
  const [a, b] = [await startNode(1), await startNode(2)];
  await send(a, 'SET k v PX 1000');
  await send(b, 'PEXPIRE k 3000');
  await send(b, 'SETEX never 1 v');
  await send(a, 'PERSIST never');
  await pass(2999);
  expect(isGone('k')).toBe(false);
  await pass(1);
  expect([isGone('k'), isGone('never'), a.heard, b.heard]).toEqual([true, false, [], ['k']]);
});

it('a key that is refreshed again and again goes once, after the last time', async () => {
  const node = await startNode();
  for (let i = 0; i < 50; i++) {
    await send(node, `SET k ${i} PX 1000`);
    clock.advance(500);
  }
  await pass(499);
  expect([isGone('k'), node.heard]).toEqual([false, []]);
  await pass(1);
  expect([isGone('k'), node.heard]).toEqual([true, ['k']]);
});

it('what nobody remembers is found at the start, and once a minute', async () => {
  table.foreignWrite(0, 'before', 'v', clock.nowMs() - 1);
  const node = await startNode();
  await settled();
  expect([isGone('before'), node.goredis.server.engine.stats.expiredKeys]).toEqual([true, 1]);
  table.foreignWrite(0, 'later', 'v', clock.nowMs() + 10);
  await pass(59_999);
  expect(isGone('later')).toBe(false);
  await pass(60_001);
  expect([isGone('later'), node.heard]).toEqual([true, ['before', 'later']]);
});

it('a search that fails is made again after pauses that grow to a minute; the log says so once', async () => {
  const searches: number[] = [];
  const startedMs = clock.nowMs();
  let fails = true;
  table.due = async () => {
    searches.push((clock.nowMs() - startedMs) / 1000);
    if (fails) throw new StoreError('failed', 'no such table');
    return [];
  };
  await startNode();
  for (let i = 0; i < 200; i++) await pass(1000);
  expect(searches).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  expect(lines).toEqual(['Keys whose deadlines have passed are not found: no such table']);
  fails = false;
  for (let i = 0; i < 130; i++) await pass(1000);
  expect(searches.slice(9)).toEqual([243, 303]);
  expect(lines.slice(1)).toEqual(['Keys whose deadlines have passed are found again']);
});

it('a removal that fails is tried again after pauses that grow', async () => {
  const node = await startNode();
  await send(node, 'SET k v PX 1000');
  table.failNext = 3;
  for (let i = 0; i < 7; i++) await pass(1000);
  expect([isGone('k'), table.failNext]).toEqual([false, 0]);
  await pass(1000);
  expect([isGone('k'), node.heard, lines]).toEqual([true, ['k'], []]);
});

it('a key that cannot be read holds up no others, and is left for the next search', async () => {
  const node = await startNode();
  await send(node, 'SET unreadable v PX 1000');
  await send(node, 'SET k v PX 2000');
  table.failNext = 1;
  table.failure = 'unreadable';
  table.commits = 0;
  await pass(1000);
  expect([table.commits, table.failNext]).toEqual([1, 0]);
  for (let i = 0; i < 10; i++) await pass(1000);
  expect([node.heard, table.commits, lines]).toEqual([['k'], 2, []]);
  for (let i = 0; i < 120; i++) await pass(1000);
  expect(isGone('unreadable')).toBe(true);
});

it.each([
  ['unavailable', 64],
  ['failed', 64],
] as const)(
  'while removals fail with %s one is tried at a time, and the log says so once each way',
  async (code, atOnce) => {
    const node = await startNode();
    await Promise.all(Array.from({ length: 200 }, (_, i) => send(node, `SET k${i} v PX 1000`)));
    table.failNext = Infinity;
    table.failure = code;
    table.commits = 0;
    await pass(1000);
    expect(table.commits).toBe(atOnce);
    for (let i = 0; i < 600; i++) await pass(1000);
    // After 1, 2, 4, 8, 16, 32 s, and then once a minute.
    expect(table.commits).toBe(atOnce + 6 + 8);
    expect(lines).toEqual(['Keys cannot be removed at their deadlines: not now']);
    table.failNext = 0;
    for (let i = 0; i < 120; i++) await pass(1000);
    expect(new Set(node.heard).size).toBe(200);
    expect(lines.slice(1)).toEqual(['Keys are removed at their deadlines again']);
  },
);

it('a flush leaves no deadline of its database behind, and those of what was written meanwhile', async () => {
  const node = await startNode();
  await send(node, 'SET flushed v PX 1000');
  await send(node, 'SELECT 1');
  await send(node, 'SET other v PX 1000');
  await send(node, 'SELECT 0');
  const flush = table.flush.bind(table);
  table.flush = async (db) => {
    await flush(db);
    await send(second, 'SET meanwhile v PX 1000');
  };
  const second = { ...node, client: await connectRaw(node.goredis.port) };
  expect(await send(node, 'FLUSHDB')).toBe('+OK\r\n');
  second.client.destroy();
  table.commits = 0;
  await pass(1000);
  expect(table.commits).toBe(2);
  expect(node.heard.sort()).toEqual(['meanwhile', 'other']);
});

it('keys that nobody remembers go page after page, without pauses', async () => {
  for (let i = 0; i < 2500; i++) table.foreignWrite(0, `k${i}`, 'v', clock.nowMs() - 5000);
  const node = await startNode();
  const { stats } = node.goredis.server.engine;
  await until(() => stats.expiredKeys === 2500);
  expect(await send(node, 'DBSIZE')).toBe(':0\r\n');
});

it('a key that is written at its deadline does not lose what was written', async () => {
  const node = await startNode();
  const rounds = 20;
  for (let i = 0; i < rounds; i++) {
    await send(node, `SET k${i} old PX 1000`);
  }
  const writes = Array.from({ length: rounds }, (_, i) => {
    if (i === 10) clock.advance(1000);
    return send(node, `SET k${i} new GET`);
  });
  await Promise.all(writes);
  await settled();
  for (let i = 0; i < rounds; i++) expect(await send(node, `GET k${i}`)).toBe('$3\r\nnew\r\n');
});

it('a thousand keys with one deadline all go', async () => {
  const node = await startNode();
  const atMs = clock.nowMs() + 5000;
  await Promise.all(Array.from({ length: 1000 }, (_, i) => send(node, `SET k${i} v PXAT ${atMs}`)));
  clock.advance(5000);
  await until(() => node.heard.length === 1000);
  expect(new Set(node.heard).size).toBe(1000);
});

it('nothing goes while CLIENT PAUSE lasts or DEBUG SET-ACTIVE-EXPIRE 0 holds', async () => {
  const node = await startNode();
  await send(node, 'SET k v PX 1000');
  await send(node, 'CLIENT PAUSE 5000 WRITE');
  await pass(4999);
  expect([isGone('k'), node.heard]).toEqual([false, []]);
  await pass(1);
  expect([isGone('k'), node.heard]).toEqual([true, ['k']]);
  await send(node, 'SET k v PX 1000');
  await send(node, 'DEBUG SET-ACTIVE-EXPIRE 0');
  await pass(200_000);
  expect([isGone('k'), await send(node, 'GET k')]).toEqual([false, '$-1\r\n']);
  await send(node, 'DEBUG SET-ACTIVE-EXPIRE 1');
  await settled();
  expect([isGone('k'), node.heard]).toEqual([true, ['k', 'k']]);
});

it('sweeps once a minute, however often it was stopped and started', async () => {
  const node = await startNode();
  await settled();
  let sweeps = 0;
  const due = table.due.bind(table);
  table.due = (beforeMs, limit) => {
    sweeps++;
    return due(beforeMs, limit);
  };
  const { engine } = node.goredis.server;
  for (let i = 0; i < 5; i++) {
    engine.setActiveExpire(false);
    engine.setActiveExpire(true);
  }
  await settled();
  sweeps = 0;
  for (let minute = 0; minute < 3; minute++) await pass(60_000);
  expect(sweeps).toBe(3);
});
