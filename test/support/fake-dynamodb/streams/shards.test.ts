/** Shards as a test makes them, seen with Amazon's client. */
import { ask } from '../ask';
import { Reading, TABLE, numbersIn } from './reading';

let on: Reading;

afterEach(() => on.stop());

describe('shards', () => {
  it('several from the start share the partitions', async () => {
    on = await Reading.start({ streams: { shards: 4 } });
    const names = Array.from({ length: 40 }, (_, i) => `key ${i}`);
    names.forEach((name) => on.put(name));
    names.forEach((name) => on.put(name, { again: { S: '' } }));
    expect(await on.shardIds()).toEqual(on.stream.shards.map(({ id }) => id));
    const told: string[][] = [];
    for (const each of on.stream.shards) told.push((await on.readAll(each)).names);
    expect(told.every((names) => names.length > 0)).toBe(true);
    expect(told.flat().sort()).toEqual([...names, ...names].sort());
    // Both changes of a key in one shard.
    for (const names of told) expect(names).toHaveLength(2 * new Set(names).size);
  });

  it('one that is split ends behind its last record and has two children', async () => {
    on = await Reading.start();
    for (let i = 0; i < 8; i++) on.put(`key ${i}`);
    const children = on.stream.split(on.shard);
    for (let i = 0; i < 8; i++) on.put(`key ${i}`, { again: { S: '' } });
    expect((await on.describe()).Shards).toMatchObject([
      {
        ShardId: on.shard.id,
        SequenceNumberRange: { EndingSequenceNumber: expect.stringMatching(/^\d{21}$/) as string },
      },
      { ParentShardId: on.shard.id },
      { ParentShardId: on.shard.id },
    ]);
    expect(await on.readAll()).toMatchObject({ isEnd: true, names: { length: 8 } });
    const told = await Promise.all(children.map((child) => on.readAll(child)));
    expect(told.map(({ isEnd }) => isEnd)).toEqual([false, false]);
    expect(told.flatMap(({ names }) => names)).toHaveLength(8);
    expect(told.every(({ names }) => names.length > 0)).toBe(true);
  });

  it('numbers rise over descendants, are no texts to compare and leave gaps', async () => {
    on = await Reading.start();
    const numbers: string[] = [];
    let at = on.shard;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 10; i++) on.put('key', { n: { N: String(round * 10 + i) } });
      numbers.push(...numbersIn(await on.read(await on.iterator('TRIM_HORIZON', at))));
      at = on.stream.rollOver(at);
    }
    const values = numbers.map((number) => BigInt(number));
    expect(values.every((value, i) => i === 0 || value > values[i - 1]! + 1n)).toBe(true);
    expect([...numbers].sort()).not.toEqual(numbers);
  });

  it('a child can be listed late', async () => {
    on = await Reading.start();
    const child = on.stream.rollOver();
    const children = (): Promise<(string | undefined)[]> =>
      on.shardIds({ ShardFilter: { Type: 'CHILD_SHARDS', ShardId: on.shard.id } });
    child.listed.hide();
    expect([await on.shardIds(), await children()]).toEqual([[on.shard.id], []]);
    child.listed.hide(500);
    on.clock.advance(499);
    expect([await on.shardIds(), await children()]).toEqual([[on.shard.id], []]);
    on.clock.advance(1);
    expect([await on.shardIds(), await children()]).toEqual([[on.shard.id, child.id], [child.id]]);
  });

  it('a child can be listed before its parent has an end', async () => {
    on = await Reading.start();
    on.put('a');
    const child = on.stream.rollOver();
    on.shard.closeListed.hide();
    on.shard.endTold.hide();
    expect((await on.describe()).Shards).toEqual([
      {
        ShardId: on.shard.id,
        SequenceNumberRange: { StartingSequenceNumber: expect.any(String) as string },
      },
      expect.objectContaining({ ShardId: child.id, ParentShardId: on.shard.id }),
    ]);
    expect(await on.readAll()).toEqual({ names: ['a'], isEnd: false });
    on.shard.endTold.tell();
    expect(await on.readAll()).toEqual({ names: ['a'], isEnd: true });
  });

  it('more than 100 come in several pages', async () => {
    on = await Reading.start({ streams: { shards: 250 } });
    const seen: (string | undefined)[] = [];
    let last: string | undefined;
    do {
      const page = await on.describe(last === undefined ? {} : { ExclusiveStartShardId: last });
      seen.push(...page.Shards!.map(({ ShardId: id }) => id));
      last = page.LastEvaluatedShardId;
    } while (last !== undefined);
    expect(seen).toEqual(on.stream.shards.map(({ id }) => id));
    expect(new Set(seen).size).toBe(250);
    expect(on.fake.takeRequests().map(({ operation }) => operation)).toEqual(
      Array(3).fill('DescribeStream'),
    );
  });

  it('children can be listed before their parents', async () => {
    on = await Reading.start();
    const child = on.stream.rollOver();
    on.fake.streams.listing = 'newest first';
    expect(await on.shardIds()).toEqual([child.id, on.shard.id]);
    expect(await on.shardIds({ ExclusiveStartShardId: child.id })).toEqual([on.shard.id]);
  });

  it('one that vanishes is not there for any call', async () => {
    on = await Reading.start();
    const iterator = await on.iterator('LATEST');
    const child = on.stream.rollOver();
    on.shard.vanish();
    expect(await on.shardIds()).toEqual([child.id]);
    await expect(on.iterator('LATEST')).rejects.toThrow('Shard does not exist');
    await expect(on.read(iterator)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('closed ones vanish after a day', async () => {
    on = await Reading.start();
    const child = on.stream.rollOver();
    on.clock.advance(24 * 3_600_000 - 1);
    expect(await on.shardIds()).toEqual([on.shard.id, child.id]);
    on.clock.advance(1);
    expect(await on.shardIds()).toEqual([child.id]);
  });
});

describe('streams', () => {
  it('a stream that is enabled again has another name and knows nothing of the old one', async () => {
    on = await Reading.start();
    on.put('a');
    const old = on.stream;
    on.fake.tables.disableStream(TABLE);
    on.put('b');
    expect(await on.readAll()).toEqual({ names: ['a'], isEnd: true });
    on.fake.tables.enableStream(TABLE);
    on.put('c');
    expect(on.stream.arn).not.toBe(old.arn);
    expect(await on.readAll()).toEqual({ names: ['c'], isEnd: false });
    const { body } = await ask(on.fake.endpoint, 'DescribeTable', { TableName: TABLE });
    expect(body).toMatchObject({ Table: { LatestStreamArn: on.stream.arn } });
  });

  it('a stream that was disabled vanishes after a day', async () => {
    on = await Reading.start();
    on.fake.tables.disableStream(TABLE);
    on.clock.advance(24 * 3_600_000 - 1);
    expect(await on.shardIds()).toEqual([on.shard.id]);
    on.clock.advance(1);
    await expect(on.describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('a table that is deleted closes its stream', async () => {
    on = await Reading.start();
    on.put('a');
    on.fake.tables.drop(TABLE);
    expect(await on.describe()).toMatchObject({ StreamStatus: 'DISABLED' });
    expect(await on.readAll()).toEqual({ names: ['a'], isEnd: true });
  });

  it('one that vanishes is not there for any call', async () => {
    on = await Reading.start();
    const iterator = await on.iterator('LATEST');
    on.stream.vanish();
    for (const call of [on.describe(), on.iterator('LATEST'), on.read(iterator)]) {
      await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });
});
