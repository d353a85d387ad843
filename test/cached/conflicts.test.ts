/** Writes on records that are not the latest, and writes that nobody knows the outcome of. */
import type { Change } from '../../src/store/change';
import { NO_EXPIRY } from '../../src/store/record';
import {
  all,
  onFence,
  onKey,
  onOperation,
  type Fault,
  type When,
} from '../support/fake-dynamodb/faults';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { newStage, type Stage } from './scenes';
import { FEW_BYTES, type ScriptedNode } from './scripted-node';

const LOST: Fault = { kind: 'reset', after: true };

let stage: Stage;
let node: ScriptedNode;
let other: ScriptedNode;

/** What the node has cached is older than what is in the table, and the stream stands still. */
beforeEach(async () => {
  stage = await newStage();
  other = await stage.writer();
  for (const key of ['k', 'l']) await other.set(key, 'old');
  node = await stage.node({ maxBytes: FEW_BYTES });
  for (const key of ['k', 'l']) expect(await node.get(key)).toBe('old');
  stage.scene.stream.hold();
});

const on = (key: string, value: string, base: number): Change => ({
  db: 0,
  key,
  value,
  expiresAtMs: NO_EXPIRY,
  base,
  events: [],
});
const versionOf = (key: string): number => node.store.peek(0, key)!.version;
const writeOf = (key: string): When => all(onOperation('UpdateItem'), onKey(key));

it('who lost to a newer record does not read the older one afterwards', async () => {
  await other.set('k', 'new');
  const result = await node.store.commit([on('k', 'own', versionOf('k'))], []);
  expect(result).toMatchObject({ ok: false, recs: [{ rec: { value: 'new' } }] });
  expect(node.cached('k')).toBe('new');
});

it('nor who lost a transaction', async () => {
  await other.set('k', 'new');
  const changes = [on('l', 'own', versionOf('l'))];
  const checks = [{ db: 0, key: 'k', version: versionOf('k') }];
  const result = await node.store.commit(changes, checks);
  expect(result).toMatchObject({ ok: false, recs: [{ rec: { value: 'new' } }] });
  expect(node.cached('k')).toBe('new');
});

it('nor whose decision to write nothing did not hold', async () => {
  await other.set('k', 'new');
  const checks = [{ db: 0, key: 'k', version: versionOf('k') }];
  expect(await node.store.commit([], checks)).toMatchObject({ ok: false });
  expect(node.cached('k')).toBe('new');
});

it('who lost and was overtaken by an even newer one reads that', async () => {
  await other.set('k', 'new');
  stage.scene.beforeAnswer(writeOf('k'), async () => {
    await other.set('k', 'newer');
    await stage.scene.release('k', 2);
  });
  expect(await node.store.commit([on('k', 'own', versionOf('k'))], [])).toMatchObject({
    ok: false,
  });
  expect(await node.get('k')).toBe('newer');
});

it('a write whose answer was lost is read by who wrote it', async () => {
  stage.scene.fake.faults.once(LOST, writeOf('k'));
  await node.set('k', 'own');
  expect(await node.get('k')).toBe('own');
});

it('nor is the older record read when others have written the key since', async () => {
  const { scene } = stage;
  scene.fake.faults.once(LOST, writeOf('k'));
  scene.before(onFence, () => other.set('k', 'new'));
  await node.set('k', 'own');
  expect(['own', 'new']).toContain(await node.get('k'));
  await scene.release('k', 1);
  expect(['own', 'new']).toContain(await node.get('k'));
  await scene.release('k', 1);
  expect(await node.get('k')).toBe('new');
});

it('what nobody knows the outcome of is read from the table', async () => {
  const { faults } = stage.scene.fake;
  const hasty = await stage.coldNode({ retryBudgetMs: 20, maxBytes: FEW_BYTES });
  stage.scene.stream.flow();
  await hasty.caughtUp();
  await hasty.caughtUp();
  stage.scene.stream.hold();
  expect(await hasty.get('k')).toBe('old');
  faults.once(LOST, writeOf('k'));
  const mend = faults.always({ kind: 'reset', after: false }, onFence);
  await expect(hasty.set('k', 'own')).rejects.toMatchObject({ code: 'unknown' });
  mend();
  expect(hasty.cached('k')).toBeUndefined();
  expect(await hasty.get('k')).toBe('own');
});

it('an own write is read although the removal of an older item is seen while it is under way', async () => {
  const { scene } = stage;
  await scene.pass(1000);
  scene.program.deleteItem(itemKey({ db: 0, key: 'k' }));
  await other.set('k', 'again');
  await node.evict('k');
  expect(await node.get('k')).toBe('again');
  scene.beforeAnswer(writeOf('k'), () => scene.release('k', 1));
  await node.set('k', 'own');
  expect(await node.get('k')).toBe('own');
});
