/** When a node tells the events of its own commits: at once, or when the stream brings them. */
import { BLIND, type CommitResult } from '../../src/store/change';
import { NO_EXPIRY } from '../../src/store/record';
import { all, onKey, onOperation } from '../support/fake-dynamodb/faults';
import { newStage, type Stage } from './scenes';
import type { ScriptedNode } from './scripted-node';

let stage: Stage;
let node: ScriptedNode;
let other: ScriptedNode;
/** Events of other nodes, and those of its own that were not told at once. */
let toldLater: string[];
beforeEach(async () => {
  stage = await newStage();
  node = await stage.node();
  other = await stage.writer();
  toldLater = [];
  node.store.onChange(({ events, unannounced }) => {
    if (unannounced === true) toldLater.push(...events.map(({ name }) => name));
  });
});

/** Writes k, which causes an event. @returns whether the node tells it at once */
async function commit(by: ScriptedNode, event: string): Promise<boolean | undefined> {
  const [db, key] = [0, 'k'];
  const events = [{ class: '$' as const, name: event, db, key }];
  const change = { db, key, value: event, expiresAtMs: NO_EXPIRY, base: BLIND, events };
  const result: CommitResult = await by.store.commit([change], []);
  return result.ok ? result.announce?.[0] : undefined;
}

it('at once, if nothing else has happened to the key', async () => {
  expect(await commit(node, 'first')).toBe(true);
  expect(await commit(node, 'second')).toBe(true);
  await node.caughtUp();
  expect(toldLater).toEqual([]);
});

it('behind those of others that have not come yet', async () => {
  stage.scene.stream.hold();
  await commit(other, 'first');
  expect(await commit(node, 'second')).toBe(false);
  expect(await commit(node, 'third')).toBe(false);
  stage.scene.stream.flow();
  await node.caughtUp();
  expect(toldLater).toEqual(['new', 'first', 'second', 'third']);
  expect(await commit(node, 'fourth')).toBe(true);
});

it('once, though the stream brings them before the answer', async () => {
  expect(await commit(node, 'first')).toBe(true);
  const write = all(onOperation('UpdateItem'), onKey('k'));
  stage.scene.beforeAnswer(write, () => node.caughtUp());
  expect(await commit(node, 'second')).toBe(false);
  expect(toldLater).toEqual(['second']);
});
