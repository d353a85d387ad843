/** What may happen while a shard is read: pages that are odd, positions that are lost, streams that go. */
import { tableDefinition } from '../../src/stores/dynamodb/table';
import { ask } from '../support/fake-dynamodb/ask';
import { TABLE } from '../support/fake-dynamodb/fake-store';
import { all, limitExceeded, onOperation, onShard } from '../support/fake-dynamodb/faults';
import type { Shard } from '../support/fake-dynamodb/streams/shard';
import { ScriptedFollower } from './scripted-follower';

let on: ScriptedFollower;
afterEach(() => on.stop());

const shard = (): Shard => on.scene.stream.shards[0]!;
const figure = (name: string): unknown => on.follower.figures.fields()[name];

/** Everything came, each once and in order, and it is fresh. */
async function ends(): Promise<void> {
  await on.caughtUp();
  on.expectAll();
  expect(on.follower.state).toBe('following');
}

/** Follows, but has seen nothing of the shard yet, not even a beacon. */
async function startAtTip(): Promise<void> {
  on = await ScriptedFollower.make();
  on.beacons = false;
  on.follower.start();
  await on.scene.passUntil(() => on.follower.following);
}

describe('an iterator that expires', () => {
  it('behind a record: reading goes on there', async () => {
    on = await ScriptedFollower.start();
    on.write('a');
    await on.caughtUp();
    on.scene.fake.streams.expireIterators();
    on.write('a');
    await ends();
    expect(on.gaps).toEqual([]);
    expect(figure('iterators_expired')).toBe(1);
  });

  it('before the first record of a child: its beginning is a position', async () => {
    on = await ScriptedFollower.start();
    const child = on.scene.stream.rollOver();
    on.writeTo(child);
    on.scene.before(all(onOperation('GetRecords'), onShard(child.id)), async () => {
      on.scene.fake.streams.expireIterators();
    });
    await ends();
    expect(on.gaps).toEqual([]);
    expect(figure('iterators_expired')).toBe(1);
  });

  it('before its first use: nothing counts as followed yet', async () => {
    on = await ScriptedFollower.make();
    on.scene.before(onOperation('GetRecords'), async () => {
      on.scene.fake.streams.expireIterators();
    });
    on.follower.start();
    await ends();
    expect(on.gaps).toEqual([]);
  });

  it('at the tip: nobody knows where that was, and it is said', async () => {
    await startAtTip();
    on.scene.fake.streams.expireIterators();
    on.scene.program.putItem({ ...on.scene.keyOf('lost'), name: { S: 'lost' } });
    on.beacons = true;
    await on.scene.passUntil(() => on.gaps.length > 0);
    expect(on.gaps).toEqual([`the position in shard ${shard().id} has expired`]);
    await on.caughtUp();
    on.write('a');
    await ends();
    expect(on.gaps).toHaveLength(1);
  });
});

it('records that were trimmed before they were read: it is said, and all that follows is told', async () => {
  on = await ScriptedFollower.start();
  shard().hold();
  on.scene.program.putItem({ ...on.scene.keyOf('lost'), name: { S: 'lost' } });
  shard().trim();
  shard().flow();
  await on.scene.passUntil(() => on.gaps.length > 0);
  expect(on.gaps).toEqual([`records of shard ${shard().id} were removed unread`]);
  await on.caughtUp();
  on.write('a');
  await ends();
  expect(on.told).toEqual(['a 1']);
});

it('a stream that is switched off and on is another one: it is said, and the new one is followed', async () => {
  on = await ScriptedFollower.start();
  const { fake } = on.scene;
  on.write('a');
  await on.caughtUp();
  const change = (StreamSpecification: object): Promise<unknown> =>
    ask(fake.endpoint, 'UpdateTable', { TableName: TABLE, StreamSpecification });
  const before = on.scene.stream.arn;
  await change({ StreamEnabled: false });
  on.scene.program.putItem({ ...on.scene.keyOf('lost'), name: { S: 'lost' } });
  await on.scene.pass(5000);
  expect(on.follower.isFresh()).toBe(false);
  await change(tableDefinition(TABLE).StreamSpecification as object);
  expect(on.scene.stream.arn).not.toBe(before);
  await on.scene.passUntil(() => on.gaps.length > 0);
  await on.caughtUp();
  on.write('a');
  await ends();
  expect(on.gaps).toEqual(['the table has another stream, or none']);
});

it('pages that are empty, with and without a list, before those that hold something', async () => {
  on = await ScriptedFollower.start();
  on.scene.fake.streams.emptyRecords = 'left out';
  shard().emptyPages = 5;
  on.write('a');
  await ends();
  on.scene.fake.streams.emptyRecords = 'listed';
  shard().emptyPages = 5;
  on.write('a');
  await ends();
  expect(on.gaps).toEqual([]);
  expect(figure('calls_failed')).toBe(0);
});

it('a page that is cut at 1 MB is followed by the next at once', async () => {
  on = await ScriptedFollower.start({ callsPerSecond: 10 });
  await on.scene.pass(5000);
  shard().hold();
  for (let i = 0; i < 100; i++) on.write(`key ${i}`, { d: { B: Buffer.alloc(100_000) } });
  shard().flow();
  on.scene.fake.takeRequests();
  await on.scene.passUntil(() => on.told.length > 0);
  // Each page takes a step of the scene, and no pause of 100 ms.
  const tookMs = await on.scene.passUntil(() => on.told.length === 100);
  expect(tookMs).toBeLessThanOrEqual(500);
  const pages = on.scene.fake.takeRequests().filter(onOperation('GetRecords'));
  expect(pages.length).toBeGreaterThanOrEqual(10);
  await ends();
});

it('a page that comes twice is told once', async () => {
  on = await ScriptedFollower.start();
  for (let i = 0; i < 3; i++) {
    on.write('a');
    on.write('b');
    await on.caughtUp();
    shard().repeatedPages = 1;
    on.write('a');
    await ends();
    expect(shard().repeatedPages).toBe(0);
  }
});

it('a shard that two others read already: what was asked in vain is asked again, and told once', async () => {
  on = await ScriptedFollower.start();
  const { faults } = on.scene.fake;
  const end = faults.always(limitExceeded(), onOperation('GetRecords'));
  on.write('a');
  await on.scene.pass(10_000);
  expect(on.told).toEqual([]);
  expect(on.follower.state).toBe('behind');
  expect(figure('calls_throttled')).toBeGreaterThan(3);
  expect(figure('calls_throttled')).toBeLessThan(20);
  end();
  await ends();
  expect(on.gaps).toEqual([]);
  expect(on.warnings.filter((text) => text.includes('LimitExceeded'))).toHaveLength(1);
});

describe('who stops it', () => {
  it('and starts it in the same moment has one that follows', async () => {
    on = await ScriptedFollower.start();
    void on.follower.stop();
    on.follower.start();
    await on.scene.passUntil(() => on.follower.following);
    await on.caughtUp();
    on.write('a');
    await ends();
  });

  it('has one that is stopped, whatever was wanted before', async () => {
    on = await ScriptedFollower.start();
    void on.follower.stop();
    on.follower.start();
    await on.follower.stop();
    expect(on.follower.state).toBe('stopped');
  });
});
