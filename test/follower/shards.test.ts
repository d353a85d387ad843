/** Shards that end, and the shards that take over. */
import { all, onOperation } from '../support/fake-dynamodb/faults';
import type { Shard } from '../support/fake-dynamodb/streams/shard';
import { ScriptedFollower } from './scripted-follower';

/** A beacon is late by then, and a complete listing has been made because of it. */
const LISTED_MS = 12_000;
/** Nobody asks for a second child of a shard that has one any more. */
const ALONE_MS = 35_000;

/** With the last, all that is tried first is in one of two children. */
const SEEDS = process.env['TEST_LONG'] ? Array.from({ length: 110 }, (_, i) => i) : [1, 2, 3, 105];

let on: ScriptedFollower;

afterEach(() => on.stop());

const shard = (): Shard => on.scene.stream.shards[0]!;

/** Everything came, each once and in order, nothing was missed, and it is fresh. */
async function ends(): Promise<void> {
  await on.caughtUp();
  on.expectAll();
  expect(on.gaps).toEqual([]);
  expect(on.follower.state).toBe('following');
}

it('a split: the parent first, then both children', async () => {
  on = await ScriptedFollower.start();
  const { stream } = on.scene;
  for (let i = 0; i < 10; i++) on.write(`key ${i}`);
  const [left, right] = stream.split();
  for (let i = 0; i < 10; i++) on.write(`key ${i}`);
  on.writeTo(left);
  on.writeTo(right);
  await ends();
  expect(on.follower.shardCount).toBe(2);
  for (let i = 0; i < 10; i++) on.write(`key ${i}`);
  await ends();
});

it('a shard that rolls over to one child, again and again', async () => {
  on = await ScriptedFollower.start();
  for (let i = 0; i < 5; i++) {
    on.write('a');
    on.scene.stream.rollOver();
    on.write('a');
  }
  await ends();
  expect(on.follower.shardCount).toBe(1);
});

it('a split between the listing and the first read of the shard', async () => {
  on = await ScriptedFollower.make();
  on.scene.before(onOperation('GetShardIterator'), async () => {
    for (const child of on.scene.stream.split()) on.writeTo(child);
  });
  on.follower.start();
  await on.caughtUp();
  expect(on.told).toHaveLength(2);
  on.writeTo(on.scene.stream.open[0]!);
  await ends();
});

it('a split between the position in the shard and the first read there', async () => {
  on = await ScriptedFollower.make();
  on.scene.before(onOperation('GetRecords'), async () => {
    on.writeTo(shard());
    for (const child of on.scene.stream.split()) on.writeTo(child);
  });
  on.follower.start();
  await ends();
});

it('a start when the children are listed and the parent is not closed yet', async () => {
  on = await ScriptedFollower.make();
  const [left, right] = on.scene.stream.split();
  shard().closeListed.hide();
  on.follower.start();
  await on.caughtUp();
  for (const child of [left, right]) on.writeTo(child);
  await ends();
  expect(on.follower.shardCount).toBe(2);
});

it('children that are listed before the end of the parent is told', async () => {
  on = await ScriptedFollower.start();
  on.write('a');
  shard().closeListed.hide();
  shard().endTold.hide();
  const [left, right] = on.scene.stream.split();
  for (const child of [left, right]) on.writeTo(child);
  for (let i = 0; i < LISTED_MS / 1000; i++) {
    await on.scene.pass(1000);
    on.expectBound();
  }
  expect(on.told).toEqual(['a 1']);
  expect(on.follower.state).toBe('behind');
  shard().endTold.tell();
  await ends();
});

it('a child that is not listed yet', async () => {
  on = await ScriptedFollower.start();
  const child = on.scene.stream.rollOver();
  child.listed.hide(20_000);
  for (let i = 0; i < 19; i++) {
    on.writeTo(child);
    await on.scene.pass(1000);
    on.expectBound();
  }
  expect(on.told).toEqual([]);
  expect(on.follower.state).toBe('behind');
  await on.scene.pass(1000);
  await ends();
});

describe.each(SEEDS)('with chance from seed %i', (seed) => {
  it.each([
    ['the first', 0, 300],
    ['the second', 1, 300],
    ['the second', 1, 5_000],
  ])('%s of two children is listed late (%i, %i ms)', async (_title, late, ms) => {
    on = await ScriptedFollower.start({ seed });
    const children = on.scene.stream.split(shard(), 0.2 + ((seed % 10) / 10) * 0.6);
    children[late]!.listed.hide(ms);
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      for (const child of children) on.writeTo(child);
      await on.scene.pass(500);
      on.expectBound();
    }
    await ends();
  });

  it('one of two children is listed late when the follower starts', async () => {
    on = await ScriptedFollower.make({ seed });
    const children = on.scene.stream.split();
    children[seed % 2]!.listed.hide(10_000);
    on.follower.start();
    await on.scene.passUntil(() => on.follower.following);
    for (let i = 0; i < 20; i++) {
      for (const child of children) on.writeTo(child);
      await on.scene.pass(500);
      on.expectBound();
    }
    await ends();
  });
});

it('more shards than a listing has on a page', async () => {
  on = await ScriptedFollower.start({ shards: 103, callsPerSecond: 1, maxStalenessMs: 20_000 });
  expect(on.follower.shardCount).toBe(103);
  const { open } = on.scene.stream;
  for (const at of [0, 99, 100, 102]) on.writeTo(open[at]!);
  await ends();
  for (const at of [0, 99, 100, 102]) {
    for (const child of on.scene.stream.split(open[at])) on.writeTo(child);
  }
  await ends();
  expect(on.follower.shardCount).toBe(107);
});

it('descendants that are all listed before the first of them is read', async () => {
  on = await ScriptedFollower.start();
  const { scene } = on;
  const [key] = scene.keysIn(shard(), 1) as [string];
  on.write(key);
  shard().hold();
  on.write(key);
  for (let i = 0; i < 3; i++) {
    scene.stream.rollOver();
    on.write(key);
    await scene.pass(LISTED_MS, 250);
  }
  expect(on.told).toEqual([`${key} 1`]);
  shard().flow();
  await ends();
  expect(on.follower.shardCount).toBe(1);
  // And none of them is read by two.
  on.write(key);
  scene.fake.takeRequests();
  await ends();
  await scene.pass(5000);
  const reads = scene.fake.takeRequests().filter(({ operation }) => operation === 'GetRecords');
  expect(new Set(reads.map(({ shardId }) => shardId)).size).toBe(1);
});

it('a child that is listed after it has ended', async () => {
  on = await ScriptedFollower.start();
  const { stream } = on.scene;
  const [left, right] = stream.split();
  const [key] = on.scene.keysIn(right, 1) as [string];
  on.write(key);
  const next = stream.rollOver(right);
  on.write(key);
  for (const each of [right, next]) each.listed.hide(ALONE_MS);
  on.writeTo(left);
  await on.scene.pass(ALONE_MS, 250);
  on.expectBound();
  await ends();
});

it('a shard whose children nobody tells of but a complete listing', async () => {
  on = await ScriptedFollower.start({ shards: 2 });
  const { scene } = on;
  const [first] = scene.stream.shards;
  // Without a filter, as DynamoDB Local had it for long.
  const [left, right] = scene.stream.split(first);
  const isFiltered = ({ body }: { body: object }): boolean => 'ShardFilter' in body;
  const mend = scene.fake.faults.always(
    { kind: 'reset', after: false },
    all(onOperation('DescribeStream'), isFiltered),
  );
  for (const child of [left, right]) on.writeTo(child);
  await scene.pass(LISTED_MS, 250);
  on.expectBound();
  mend();
  await ends();
});

it('a shard that ends while it has nothing to tell', async () => {
  on = await ScriptedFollower.make({ shards: 2 });
  on.follower.start();
  await on.scene.passUntil(() => on.follower.following);
  on.scene.stream.rollOver(shard());
  await ends();
});
