/** A scene for each test, and its nodes, closed at the test's end. */
import type { CachedStoreOptions } from '../support/fake-dynamodb/cached-store';
import { Scene, type SceneOptions } from '../support/fake-dynamodb/scene';
import { ScriptedNode } from './scripted-node';

export interface Stage {
  readonly scene: Scene;
  /** A further node, warm: what others write from now on enters its cache. */
  node(options?: Omit<CachedStoreOptions, 'clock' | 'traffic'>): Promise<ScriptedNode>;
  /** One without a cache, which follows nothing. */
  writer(): Promise<ScriptedNode>;
  /** One that may still be starting. */
  coldNode(options?: Omit<CachedStoreOptions, 'clock' | 'traffic'>): Promise<ScriptedNode>;
}

const toClose: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

export async function newStage(options: SceneOptions = {}): Promise<Stage> {
  const scene = await Scene.start(options);
  toClose.push(() => scene.stop());
  let seed = 0;
  const coldNode: Stage['coldNode'] = async (its = {}) => {
    const node = await ScriptedNode.open(scene, { seed: ++seed, ...its });
    toClose.push(() => node.close());
    return node;
  };
  const node: Stage['node'] = async (its) => {
    const opened = await coldNode(its);
    await opened.caughtUp();
    // What was written before it began to follow has gone by.
    await opened.caughtUp();
    return opened;
  };
  return { scene, node, coldNode, writer: () => coldNode({ store: 'dynamodb' }) };
}
