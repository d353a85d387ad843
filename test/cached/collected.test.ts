/** Items whose time is up: who removes them, what nodes see of it, and what subscribers hear. */
import { BLIND } from '../../src/store/change';
import { NO_EXPIRY } from '../../src/store/record';
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';
import { until } from '../support/until';
import { newStage, type Stage } from './scenes';
import type { ScriptedNode } from './scripted-node';

const NODES = 3;
const TTL_MS = 20_000;
/** Three that follow one shard must not ask more often. */
const CALLS = { callsPerSecond: 2 };

describe.each(['by DynamoDB', 'by DynamoDB Local'] as const)(
  'an item that is collected %s',
  (by) => {
    let stage: Stage;
    let nodes: ScriptedNode[];
    /** What each node tells: events by name. */
    let heard: string[][];
    beforeEach(async () => {
      stage = await newStage();
      nodes = [];
      heard = [];
      for (let i = 0; i < NODES; i++) {
        const node = await stage.node(CALLS);
        const names: string[] = [];
        node.store.onChange(({ events }) => names.push(...events.map(({ name }) => name)));
        nodes.push(node);
        heard.push(names);
      }
    });

    async function caughtUp(): Promise<void> {
      for (const node of nodes) await node.caughtUp();
    }

    /** @param value undefined: it is removed */
    async function write(value: string | undefined, expiresAtMs = NO_EXPIRY): Promise<number> {
      const change = { db: 0, key: 'k', value, expiresAtMs, base: BLIND, events: [] };
      const result = await nodes[0]!.store.commit([change], []);
      if (!result.ok) throw new Error('another node has written the key');
      await caughtUp();
      for (const names of heard) names.splice(0);
      return result.recs[0]!.version;
    }

    async function collect(): Promise<void> {
      stage.scene.program.collect(stage.scene.keyOf('k'), by);
      await caughtUp();
    }

    const values = (): Promise<unknown[]> => Promise.all(nodes.map((node) => node.get('k')));

    it('at its deadline is gone from every cache, and each node tells once that it expired', async () => {
      await write('v', stage.scene.clock.nowMs() + TTL_MS);
      expect(nodes.map((node) => node.cached('k'))).toEqual(['v', 'v', 'v']);
      await stage.scene.pass(TTL_MS, 500);
      await collect();
      expect(await values()).toEqual([null, null, null]);
      expect(heard).toEqual([['expired'], ['expired'], ['expired']]);
    });

    it('after its key was removed says nothing, and the key can be set again, with a higher version', async () => {
      await write('v');
      const removed = await write(undefined);
      expect(nodes.map((node) => node.cached('k'))).toEqual([null, null, null]);
      await collect();
      expect(await values()).toEqual([null, null, null]);
      expect(heard).toEqual([[], [], []]);
      expect(await write('again')).toBeGreaterThan(removed);
      expect(await values()).toEqual(['again', 'again', 'again']);
    });
  },
);

it('keys that three nodes know expire once, and each node says so once', async () => {
  const fake = await FakeDynamo.start();
  const nodes: CachedNode[] = [];
  const clients: RawClient[] = [];
  for (let i = 0; i < NODES; i++) {
    nodes.push(await startCachedNode(fake.endpoint, { streamCallsPerSecond: 3 }));
    clients.push(await connectRaw(nodes[i]!.port));
  }
  await clients[0]!.command('CONFIG', 'SET', 'notify-keyspace-events', 'Ex');
  const heard = await Promise.all(nodes.map(({ port }) => listen(port)));
  await Promise.all(nodes.map(({ store }) => store.follower.caughtUp()));
  const keys = Array.from({ length: 12 }, (_, i) => `key ${i}`);
  for (const [i, key] of keys.entries()) {
    await clients[i % NODES]!.command('SET', key, 'v', 'PX', '200');
    // Whoever has read it watches its deadline as well.
    for (const client of clients) await client.command('GET', key);
  }
  await until(() => heard.every((names) => names.length >= keys.length));
  await Promise.all(nodes.map(({ store }) => store.follower.caughtUp()));
  for (const names of heard) expect([...names].sort()).toEqual([...keys].sort());
  for (const client of clients) client.destroy();
  for (const node of nodes) await node.stop();
  await fake.stop();
});

/** Subscribes. @returns the keys that expire, as they are heard */
async function listen(port: number): Promise<string[]> {
  const client = await connectRaw(port);
  await client.command('SUBSCRIBE', '__keyevent@0__:expired');
  const keys: string[] = [];
  const read = async (): Promise<void> => {
    for (;;) keys.push(String(await client.readReply()).split('\r\n')[6]!);
  };
  // Until the node is stopped.
  void read().catch(() => client.destroy());
  return keys;
}
