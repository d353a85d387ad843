/** Items that another program has written and nobody can read. */
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { newStage, type Stage } from './scenes';
import type { ScriptedNode } from './scripted-node';

let stage: Stage;
let node: ScriptedNode;
beforeEach(async () => {
  stage = await newStage();
  node = await stage.node();
  await node.set('untouched', 'as it was');
  await node.set('k', 'old');
  await node.caughtUp();
});

const KEY = itemKey({ db: 0, key: 'k' });
const VERSION = { N: String(2 ** 52) };
const string = (...bytes: number[]) => ({ t: { S: 's' }, d: { B: Buffer.of(...bytes) } });
const unknownKind = (size: number) => ({
  t: { S: 's' },
  v: VERSION,
  d: { B: Buffer.alloc(size, 0x77) },
});

describe.each([
  ['without a version', string(0x10)],
  ['whose version is no number', { ...string(0x10), v: { S: 'one' } }],
  ['without a value', { t: { S: 's' }, v: VERSION }],
  ['of an unknown kind', unknownKind(10)],
  ['of an unknown kind, so large that it is decoded later', unknownKind(10_000)],
])('an item %s', (_title, item) => {
  beforeEach(async () => {
    stage.scene.program.putItem({ ...KEY, ...item });
    await node.caughtUp();
  });

  it('is an error for its key alone', async () => {
    await expect(node.get('k')).rejects.toMatchObject({ code: 'unreadable' });
    expect(node.cached('untouched')).toBe('as it was');
    expect(node.store.stats()['Streams']).toMatchObject({ undecodable_items: 1, gaps: 0 });
  });

  it('is forgotten when the key is written anew', async () => {
    const version = { N: String(2 ** 52 + 1) };
    stage.scene.program.putItem({ ...KEY, ...string(0x10, 0x61), v: version });
    await node.caughtUp();
    expect(await node.get('k')).toBe('a');
    expect(node.cached('untouched')).toBe('as it was');
    expect(node.store.stats()['Streams']).toMatchObject({ gaps: 0 });
  });
});

it('an item in the place of no key says nothing of the key that it names', async () => {
  const s = { B: Buffer.concat([Buffer.alloc(7), Buffer.from('k')]) };
  stage.scene.program.putItem({ ...KEY, s, ...string(0x10, 0x61), v: VERSION });
  await node.caughtUp();
  expect(await node.get('k')).toBe('old');
  expect(node.store.stats()['Streams']).toMatchObject({ undecodable_items: 1, gaps: 0 });
});
