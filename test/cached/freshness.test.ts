/** When the cache stands aside, and when it begins anew. */
import { all, onKey, onOperation, onShard, type Fault } from '../support/fake-dynamodb/faults';
import { newStage, type Stage } from './scenes';
import { FEW_BYTES, type ScriptedNode } from './scripted-node';

const CUT: Fault = { kind: 'reset', after: false };
const HOUR_MS = 3_600_000;

let stage: Stage;
let node: ScriptedNode;
let other: ScriptedNode;

/** A warm node that has cached k, and somebody who writes it. */
async function start(shards = 1): Promise<void> {
  stage = await newStage({ shards });
  other = await stage.writer();
  await other.set('k', 'old');
  node = await stage.node({ maxBytes: FEW_BYTES });
  expect(await node.get('k')).toBe('old');
  expect(node.cached('k')).toBe('old');
}

/** It reads k from the table now, and from the cache again once it has caught up. */
async function standsAside(): Promise<void> {
  await other.set('k', 'new');
  expect(node.cached('k')).toBeUndefined();
  expect(await node.get('k')).toBe('new');
  expect(node.cached('k')).toBeUndefined();
}

describe('a process that was stopped', () => {
  beforeEach(() => start());

  /** With a beacon on its way. */
  async function stopFor(ms: number): Promise<void> {
    const { scene } = stage;
    scene.stream.hold();
    await scene.pass(500);
    node.clock.freeze();
    scene.stream.flow();
    scene.clock.advance(ms);
    await scene.settle();
  }

  it('for a second goes on with its cache', async () => {
    await stopFor(1000);
    expect(node.cached('k')).toBe('old');
  });

  it.each([
    ['three seconds', 3000],
    ['ten seconds', 10_000],
    ['a minute', 60_000],
    ['an hour', HOUR_MS],
  ])('for %s reads nothing from its cache before it has caught up', async (_title, ms) => {
    await stopFor(ms);
    await standsAside();
    node.clock.thaw();
    expect(node.cached('k')).toBeUndefined();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
    // The stream has kept what happened meanwhile.
    expect(node.figure('flushes')).toBe(0);
    expect(node.store.follower.figures.gaps).toBe(0);
  });
});

describe('a machine whose clock is set', () => {
  beforeEach(() => start());

  it.each([
    ['that slept for three seconds: its monotonic clock stood still', 3000, 0],
    ['that slept for an hour', HOUR_MS, 0],
    ['whose time of day was set back as long as three seconds passed', 1, 3000],
    ['whose time of day was set back as long as an hour passed', 1, HOUR_MS],
  ])('%s', async (_title, wallMs, monotonicMs) => {
    node.clock.wallAheadMs += wallMs;
    node.clock.monotonicAheadMs += monotonicMs;
    await standsAside();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
    expect(node.figure('flushes')).toBe(0);
  });

  it('back is no fresher than it was', async () => {
    node.clock.wallAheadMs = -HOUR_MS;
    stage.scene.stream.hold();
    await stage.scene.pass(3000);
    await standsAside();
    stage.scene.stream.flow();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
  });
});

describe('a stream that is late', () => {
  beforeEach(() => start());

  it.each([
    ['three seconds', 3000],
    ['a minute', 60_000],
  ])('by %s: reads ask the table meanwhile, and the cache stays', async (_title, ms) => {
    const { scene } = stage;
    await other.set('untouched', 'as it was');
    await node.caughtUp();
    scene.stream.hold();
    await scene.pass(ms);
    await standsAside();
    expect(node.store.follower.state).toBe('behind');
    scene.stream.flow();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
    expect(node.cached('untouched')).toBe('as it was');
    expect(node.figure('flushes')).toBe(0);
  });

  it('by three seconds all the time proves nothing by what comes', async () => {
    const { scene } = stage;
    scene.fake.streams.lagMs = 3000;
    await scene.pass(3000);
    for (let i = 0; i < 10; i++) {
      await other.set('k', `new ${i}`);
      await scene.pass(250);
      expect(node.cached('k')).toBeUndefined();
    }
    scene.fake.streams.lagMs = 0;
    await node.caughtUp();
    expect(node.cached('k')).toBe('new 9');
  });

  it('is told by a shard that nothing happens in, too', async () => {
    const { scene } = stage;
    const cut = scene.fake.faults.always(CUT, onOperation('GetRecords'));
    await scene.pass(3000);
    await standsAside();
    cut();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
  });

  it('beacons that cannot be written prove nothing', async () => {
    const { scene } = stage;
    const isBeacon = all(onOperation('UpdateItem'), ({ keys }) => keys.every((key) => key !== 'k'));
    const cut = scene.fake.faults.always(CUT, isBeacon);
    await scene.pass(3000);
    await standsAside();
    cut();
    await node.caughtUp();
    expect(node.cached('k')).toBe('new');
  });
});

describe('records that may have been missed', () => {
  beforeEach(() => start());

  it.each<[string, () => void]>([
    ['because they were trimmed', () => stage.scene.stream.shards[0]!.trim()],
    ['because the shard is gone', () => stage.scene.stream.shards[0]!.vanish()],
  ])('%s: the cache is emptied', async (_title, lose) => {
    const { scene } = stage;
    await other.set('late', 'old');
    await node.caughtUp();
    scene.stream.hold();
    await other.set('k', 'new');
    lose();
    scene.stream.rollOver();
    scene.stream.flow();
    await scene.passUntil(() => Number(node.figure('flushes')) > 0);
    expect(await node.get('k')).toBe('new');
    await node.caughtUp();
    await node.caughtUp();
    expect(await node.get('k')).toBe('new');
    expect(node.cached('k')).toBe('new');
    expect(node.figure('flushes')).toBe(1);
    await other.set('k', 'newer');
    await node.caughtUp();
    expect(node.cached('k')).toBe('newer');
  });
});

it('what is read while records are missed is not kept', async () => {
  await start();
  const { scene } = stage;
  await other.set('late', 'old');
  await node.evict('late');
  scene.beforeAnswer(all(onOperation('GetItem'), onKey('late')), async () => {
    scene.stream.hold();
    await other.set('late', 'new');
    scene.stream.shards[0]!.trim();
    scene.stream.flow();
    await scene.passUntil(() => node.figure('flushes') === 1);
    await node.caughtUp();
  });
  await node.get('late');
  expect(await node.get('late')).toBe('new');
});

describe('a node that does not follow every shard yet', () => {
  it('keeps nothing', async () => {
    stage = await newStage({ shards: 2 });
    other = await stage.writer();
    const { scene } = stage;
    const cut = scene.fake.faults.always(CUT, onOperation('DescribeStream'));
    node = await stage.coldNode();
    await other.set('k', 'old');
    expect(await node.get('k')).toBe('old');
    await scene.pass(1000);
    await standsAside();
    cut();
    await node.caughtUp();
    expect(node.cached('k')).toBeUndefined();
    expect(await node.get('k')).toBe('new');
    expect(node.cached('k')).toBe('new');
  });

  it('keeps nothing while one shard has no position, wherever LATEST is', async () => {
    stage = await newStage({ shards: 2 });
    const { scene } = stage;
    other = await stage.writer();
    scene.fake.streams.latest = 'at the first GetRecords';
    const [, second] = scene.stream.shards;
    const [key] = scene.keysIn(second!, 1) as [string];
    await other.set(key, 'old');
    scene.before(all(onOperation('GetRecords'), onShard(second!.id)), async () => {
      await scene.pass(1000);
      expect(await node.get(key)).toBe('old');
      await other.set(key, 'new');
    });
    node = await stage.coldNode();
    await node.caughtUp();
    expect(await node.get(key)).toBe('new');
  });
});
