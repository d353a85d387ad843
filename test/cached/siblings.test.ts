/** Who has seen one record of a transaction sees the others as they were after it, or later. */
import { BLIND } from '../../src/store/change';
import { NO_EXPIRY } from '../../src/store/record';
import { onOperation, type Fault } from '../support/fake-dynamodb/faults';
import { newStage, type Stage } from './scenes';
import { FEW_BYTES, type ScriptedNode } from './scripted-node';

const KEYS = ['a', 'b', 'c'];
const LAST_KEY_LEFT: Fault = { kind: 'unprocessed', keys: 1 };

let stage: Stage;
let node: ScriptedNode;
let other: ScriptedNode;

/** The node has cached three keys as they were before the transaction, and the stream stands still. */
beforeEach(async () => {
  stage = await newStage();
  other = await stage.writer();
  for (const key of [...KEYS, 'far']) await other.set(key, 'before');
  node = await stage.node({ maxBytes: FEW_BYTES });
  for (const key of KEYS) expect(await node.get(key)).toBe('before');
  stage.scene.stream.hold();
});

/** Of the three, and of a key that the node has not cached. */
async function transaction(): Promise<void> {
  await other.commit(['a', 'in'], ['b', 'in'], ['c', 'in'], ['far', 'in']);
}

it.each(KEYS)('by the stream: %s', async (seen) => {
  await transaction();
  await stage.scene.release(seen);
  expect(node.cached(seen)).toBe('in');
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
});

it('by the stream, when others have written the key since', async () => {
  await transaction();
  for (const value of ['since', 'later']) await other.set('a', value);
  await stage.scene.release('a');
  await stage.scene.release('a', 2);
  expect(node.cached('a')).toBe('later');
  for (const key of ['b', 'c']) expect(await node.get(key)).toBe('in');
});

it('by a read', async () => {
  await transaction();
  expect(await node.get('far')).toBe('in');
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
});

it('by a read, when others have written the key since', async () => {
  await transaction();
  for (const value of ['since', 'later']) await other.set('far', value);
  expect(await node.get('far')).toBe('later');
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
});

it('by a read together with others that were at hand', async () => {
  await transaction();
  expect(await node.mget('a', 'far', 'b')).toEqual(['in', 'in', 'in']);
});

it('by a read that DynamoDB answers in parts', async () => {
  const { scene } = stage;
  await node.evict(...KEYS);
  scene.fake.faults.once(LAST_KEY_LEFT, onOperation('BatchGetItem'));
  scene.before(onOperation('BatchGetItem'), transaction);
  expect(await node.mget('a', 'b', 'c')).toEqual(['in', 'in', 'in']);
});

it('by a read in parts, also while no stream is followed', async () => {
  const { scene } = stage;
  scene.fake.faults.always({ kind: 'reset', after: false }, onOperation('DescribeStream'));
  const cold = await stage.coldNode();
  scene.fake.faults.once(LAST_KEY_LEFT, onOperation('BatchGetItem'));
  scene.before(onOperation('BatchGetItem'), transaction);
  expect(await cold.mget('a', 'b', 'c')).toEqual(['in', 'in', 'in']);
});

it('by a write on top of it', async () => {
  await transaction();
  await node.set('a', 'own');
  for (const key of ['b', 'c']) expect(await node.get(key)).toBe('in');
});

it('by a conflict with it', async () => {
  await transaction();
  const base = { db: 0, key: 'a', value: 'own', expiresAtMs: NO_EXPIRY, base: 1, events: [] };
  const result = await node.store.commit([base], []);
  expect(result).toMatchObject({ ok: false, recs: [{ rec: { value: 'in' } }] });
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
});

it('by a conflict of a transaction', async () => {
  await transaction();
  const change = { db: 0, value: 'own', expiresAtMs: NO_EXPIRY, events: [] };
  const changes = [
    { ...change, key: 'a', base: 1 },
    { ...change, key: 'other', base: BLIND },
  ];
  expect(await node.store.commit(changes, [])).toMatchObject({ ok: false });
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
});

it('also when what it has seen is older than 10 seconds', async () => {
  // A node that was late by so much reads from the table, until the stream has shown it the rest.
  await transaction();
  await stage.scene.pass(12_000);
  expect(await node.get('far')).toBe('in');
  for (const key of KEYS) expect(await node.get(key)).toBe('in');
  stage.scene.stream.flow();
  await node.caughtUp();
  for (const key of KEYS) expect(node.cached(key)).toBe('in');
});
