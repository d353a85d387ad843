/** Answers that arrive when the stream has shown more already, or when it is far behind them. */
import { all, onKey, onOperation, type When } from '../support/fake-dynamodb/faults';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { newStage, type Stage } from './scenes';
import { FEW_BYTES, type ScriptedNode } from './scripted-node';

let stage: Stage;
let node: ScriptedNode;
let other: ScriptedNode;

async function start(options: { maxBytes?: number; populate?: boolean } = {}): Promise<void> {
  stage = await newStage();
  node = await stage.node({ maxBytes: FEW_BYTES, ...options });
  other = await stage.writer();
}

const readOf = (key: string): When => all(onOperation('GetItem'), onKey(key));
const writeOf = (key: string): When => all(onOperation('UpdateItem'), onKey(key));

describe.each([
  ['that takes in what others set', true],
  ['that takes in only what it reads', false],
])('a node %s', (_title, populate) => {
  it('reads again what a newer record has overtaken', async () => {
    await start({ populate });
    await other.set('k', 'old');
    await node.caughtUp();
    await node.evict('k');
    stage.scene.beforeAnswer(readOf('k'), async () => {
      await other.set('k', 'new');
      await node.caughtUp();
    });
    expect(await node.get('k')).toBe('new');
    expect(await node.get('k')).toBe('new');
  });

  it('also when the newer record has left the cache by then', async () => {
    await start({ populate });
    await other.set('k', 'old');
    await node.caughtUp();
    await node.evict('k');
    stage.scene.beforeAnswer(readOf('k'), async () => {
      await other.set('k', 'new');
      await node.caughtUp();
      await node.evict('k');
    });
    expect(await node.get('k')).toBe('new');
    expect(await node.get('k')).toBe('new');
  });

  it('reads again what a deletion by another program has overtaken', async () => {
    await start({ populate });
    await other.set('k', 'old');
    await node.caughtUp();
    await node.evict('k');
    stage.scene.beforeAnswer(readOf('k'), async () => {
      stage.scene.program.deleteItem(itemKey({ db: 0, key: 'k' }));
      await node.caughtUp();
    });
    expect(await node.get('k')).toBeNull();
    expect(await node.get('k')).toBeNull();
  });

  it('reads again what another answer has overtaken', async () => {
    await start({ populate });
    await other.set('k', 'old');
    await node.caughtUp();
    await node.evict('k');
    stage.scene.stream.hold();
    stage.scene.beforeAnswer(readOf('k'), async () => {
      await other.set('k', 'new');
      expect(await node.get('k')).toBe('new');
    });
    expect(await node.get('k')).toBe('new');
  });

  it('does not keep its own write when a newer record has come before the answer', async () => {
    await start({ populate });
    stage.scene.beforeAnswer(writeOf('k'), async () => {
      await other.set('k', 'new');
      await node.caughtUp();
      await node.evict('k');
    });
    await node.set('k', 'own');
    expect(await node.get('k')).toBe('new');
    expect(await node.get('k')).toBe('new');
  });

  it('keeps what it has read when older records come', async () => {
    await start({ populate });
    stage.scene.stream.hold();
    for (const value of ['oldest', 'old', 'new']) await other.set('k', value);
    expect(await node.get('k')).toBe('new');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBe('new');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBe('new');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBe('new');
  });

  it('does not go back to an older record when what it has read is evicted', async () => {
    await start({ populate });
    stage.scene.stream.hold();
    await other.set('k', 'old');
    await other.set('k', 'new');
    expect(await node.get('k')).toBe('new');
    await node.evict('k');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBeUndefined();
    expect(await node.get('k')).toBe('new');
  });

  it('does not go back to an older record when what it has written is evicted', async () => {
    await start({ populate });
    stage.scene.stream.hold();
    await other.set('k', 'old');
    await node.set('k', 'own');
    await node.evict('k');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBeUndefined();
    expect(await node.get('k')).toBe('own');
  });

  it('does not go back behind a flush', async () => {
    await start({ populate });
    stage.scene.stream.hold();
    await other.set('k', 'old');
    await node.store.flush('all');
    await stage.scene.release('k', 1);
    expect(node.cached('k')).toBeUndefined();
    expect(await node.get('k')).toBeNull();
  });

  it('does not go back when the removal of an older item is seen', async () => {
    await start({ populate });
    await other.set('k', 'old');
    await node.caughtUp();
    stage.scene.stream.hold();
    stage.scene.program.deleteItem(itemKey({ db: 0, key: 'k' }));
    await other.set('k', 'new');
    await other.set('k', 'newer');
    await node.evict('k');
    expect(await node.get('k')).toBe('newer');
    // The removal and what came behind it, but not the latest.
    await stage.scene.release('k', 2);
    expect(await node.get('k')).toBe('newer');
  });

  it.each(['kept', 'evicted'])(
    'does not go back behind a deletion by another program (%s)',
    async (what) => {
      await start({ populate });
      stage.scene.stream.hold();
      await other.set('k', 'old');
      stage.scene.program.deleteItem(itemKey({ db: 0, key: 'k' }));
      expect(await node.get('k')).toBeNull();
      if (what === 'evicted') await node.evict('k');
      await stage.scene.release('k', 1);
      expect(await node.get('k')).toBeNull();
      await stage.scene.release('k', 1);
      expect(await node.get('k')).toBeNull();
    },
  );
});
