/** Keys of a store that several nodes use go at their deadlines, by one of the nodes. */
import { StoreError } from '../../src/errors';
import { ManualClock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import type { Change, CommitResult, ReadCheck } from '../../src/store/change';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { turns, until } from '../support/until';
import { SlowStore } from '../stores/slow';

class Table extends SlowStore {
  failNext = 0;

  override async commit(
    changes: readonly Change[],
    reads: readonly ReadCheck[],
  ): Promise<CommitResult> {
    if (this.failNext > 0) {
      this.failNext--;
      throw new StoreError('unavailable', 'not now');
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

beforeEach(() => {
  clock = new ManualClock();
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
  });
  const client = await connectRaw(goredis.port);
  const heard: string[] = [];
  const { engine } = goredis.server;
  engine.sendEvents((_class, event, _db, key) => event === 'expired' && heard.push(key));
  const node = { goredis, client, heard };
  nodes.push(node);
  return node;
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

it('a search that will not succeed is made once a minute, one that may each second', async () => {
  let searches = 0;
  let code: 'failed' | 'unavailable' = 'failed';
  table.due = async () => {
    searches++;
    throw new StoreError(code, 'no');
  };
  await startNode();
  for (let i = 0; i < 10; i++) await pass(1000);
  expect(searches).toBe(1);
  code = 'unavailable';
  await pass(50_000);
  for (let i = 0; i < 10; i++) await pass(1000);
  expect(searches).toBe(12);
});

it('a removal that fails is tried again', async () => {
  const node = await startNode();
  await send(node, 'SET k v PX 1000');
  table.failNext = 3;
  await pass(1000);
  expect(isGone('k')).toBe(false);
  for (let i = 0; i < 3; i++) await pass(1000);
  expect([isGone('k'), node.heard]).toEqual([true, ['k']]);
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
