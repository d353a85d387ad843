/** What readers get and do not get as a test wants it, seen with Amazon's client. */
import {
  expiredIterator,
  limitExceeded,
  onOperation,
  onShard,
  throttled,
  trimmedData,
} from '../faults';
import { Reading, TABLE, keyOf, namesIn, numbersIn } from './reading';

let on: Reading;

afterEach(() => on.stop());

describe('what readers see', () => {
  it('records are held until a test lets them through', async () => {
    on = await Reading.start();
    on.put('a');
    on.shard.hold();
    for (const name of ['b', 'c', 'd']) on.put(name);
    expect((await on.readAll()).names).toEqual(['a']);
    on.shard.release(1);
    expect((await on.readAll()).names).toEqual(['a', 'b']);
    on.shard.release();
    on.put('e');
    expect((await on.readAll()).names).toEqual(['a', 'b', 'c', 'd']);
    on.shard.flow();
    expect((await on.readAll()).names).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('one shard is held alone, a stream with the shards to come', async () => {
    on = await Reading.start({ streams: { shards: 2 } });
    on.shard.hold();
    const names = Array.from({ length: 20 }, (_, i) => `key ${i}`);
    names.forEach((name) => on.put(name));
    expect((await on.readAll()).names).toEqual([]);
    expect((await on.readAll(on.stream.shards[1])).names).not.toEqual([]);
    on.stream.hold();
    const child = on.stream.rollOver(on.shard);
    names.forEach((name) => on.put(name, { again: { S: '' } }));
    expect((await on.readAll(child)).names).toEqual([]);
    expect(on.stream.isTold).toBe(false);
    on.stream.flow();
    for (const each of on.stream.shards) await on.readAll(each);
    expect(on.stream.isTold).toBe(true);
  });

  it('records lag by the clock of the endpoint, and never overtake each other', async () => {
    on = await Reading.start();
    on.fake.streams.lagMs = 1000;
    on.put('a');
    on.fake.streams.lagMs = 0;
    on.put('b');
    on.clock.advance(999);
    expect((await on.readAll()).names).toEqual([]);
    on.clock.advance(1);
    expect((await on.readAll()).names).toEqual(['a', 'b']);
  });

  it('a closed shard has no end before its last record is seen', async () => {
    on = await Reading.start();
    on.put('a');
    on.shard.hold();
    on.put('b');
    on.stream.rollOver();
    expect(await on.readAll()).toEqual({ names: ['a'], isEnd: false });
    on.shard.flow();
    expect(await on.readAll()).toEqual({ names: ['a', 'b'], isEnd: true });
  });

  it('pages are empty before data, with or without a list', async () => {
    on = await Reading.start();
    on.put('a');
    on.shard.emptyPages = 2;
    const first = await on.read(await on.iterator('TRIM_HORIZON'));
    expect(first.Records).toEqual([]);
    on.fake.streams.emptyRecords = 'left out';
    const second = await on.read(first.NextShardIterator);
    expect(second.Records).toBeUndefined();
    const third = await on.read(second.NextShardIterator);
    expect(namesIn(third)).toEqual(['a']);
    expect((await on.read(third.NextShardIterator)).Records).toBeUndefined();
  });

  it('a page has 1,000 records at most, or as many as a test wants', async () => {
    on = await Reading.start();
    for (let i = 0; i < 1001; i++) on.put(`key ${i}`);
    const iterator = await on.iterator('TRIM_HORIZON');
    expect((await on.read(iterator)).Records).toHaveLength(1000);
    on.fake.streams.pageRecords = 10;
    expect((await on.read(iterator)).Records).toHaveLength(10);
    expect((await on.read(iterator, 5)).Records).toHaveLength(5);
  });

  it('a page has 1 MB at most, but one record at least', async () => {
    on = await Reading.start();
    const large = (byte: number) => ({ d: { B: Buffer.alloc(390_000, byte) } });
    for (let i = 0; i < 3; i++) on.put(`key ${i}`, large(1));
    for (let i = 0; i < 2; i++) on.put(`key ${i}`, large(2));
    const sizes: number[] = [];
    for (let page = await on.read(await on.iterator('TRIM_HORIZON')); ;) {
      if (page.Records!.length === 0) break;
      sizes.push(page.Records!.length);
      page = await on.read(page.NextShardIterator);
    }
    expect(sizes).toEqual([2, 1, 1, 1]);
  });

  it('the same iterator read twice tells the same', async () => {
    on = await Reading.start();
    on.put('a');
    const iterator = await on.iterator('TRIM_HORIZON');
    const first = await on.read(iterator);
    expect((await on.read(iterator)).Records).toEqual(first.Records);
  });
});

describe('positions', () => {
  it('LATEST is behind what there is, when it is asked for or first used', async () => {
    on = await Reading.start();
    on.put('a');
    const early = await on.iterator('LATEST');
    on.fake.streams.latest = 'at the first GetRecords';
    const late = await on.iterator('LATEST');
    on.put('b');
    expect(namesIn(await on.read(early))).toEqual(['b']);
    expect(namesIn(await on.read(late))).toEqual([]);
    on.put('c');
    // Read again, it stands where its first use put it.
    expect(namesIn(await on.read(late))).toEqual(['c']);
  });

  it('iterators expire after 15 minutes, or when a test says so', async () => {
    on = await Reading.start();
    on.put('a');
    const refused = { name: 'ExpiredIteratorException' };
    const iterator = await on.iterator('TRIM_HORIZON');
    on.clock.advance(15 * 60_000 - 1);
    expect(namesIn(await on.read(iterator))).toEqual(['a']);
    on.clock.advance(1);
    await expect(on.read(iterator)).rejects.toMatchObject(refused);
    const other = await on.iterator('TRIM_HORIZON');
    on.fake.streams.expireIterators();
    await expect(on.read(other)).rejects.toMatchObject(refused);
    expect(namesIn(await on.read(await on.iterator('TRIM_HORIZON')))).toEqual(['a']);
  });

  it('what was trimmed cannot be reached', async () => {
    on = await Reading.start();
    for (const name of ['a', 'b', 'c']) on.put(name);
    const iterator = await on.iterator('TRIM_HORIZON');
    const numbers = numbersIn(await on.read(iterator));
    on.shard.trim(2);
    const refused = { name: 'TrimmedDataAccessException' };
    await expect(on.read(iterator)).rejects.toMatchObject(refused);
    for (const type of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
      await expect(on.iterator(type, on.shard, numbers[1])).rejects.toMatchObject(refused);
    }
    const at = await on.iterator('AT_SEQUENCE_NUMBER', on.shard, numbers[2]);
    expect(namesIn(await on.read(at))).toEqual(['c']);
    expect((await on.readAll()).names).toEqual(['c']);
  });

  it('records are trimmed after a day', async () => {
    on = await Reading.start();
    on.put('a');
    on.clock.advance(24 * 3_600_000 - 1);
    on.put('b');
    expect((await on.readAll()).names).toEqual(['a', 'b']);
    on.clock.advance(1);
    expect((await on.readAll()).names).toEqual(['b']);
  });
});

describe('failures', () => {
  it.each([
    ['an iterator expired', expiredIterator(), 'ExpiredIteratorException'],
    ['data trimmed', trimmedData(), 'TrimmedDataAccessException'],
    ['too many readers', limitExceeded(), 'LimitExceededException'],
    ['throttling', throttled(), 'ThrottlingException'],
  ])('%s, for one shard of two', async (_title, fault, name) => {
    on = await Reading.start({ streams: { shards: 2 } });
    on.fake.faults.once(fault, onShard(on.shard.id));
    await expect(on.iterator('LATEST', on.stream.shards[1])).resolves.toEqual(expect.any(String));
    await expect(on.iterator('LATEST')).rejects.toMatchObject({ name });
    await expect(on.iterator('LATEST')).resolves.toEqual(expect.any(String));
  });

  it('an answer that is lost can be asked for again', async () => {
    on = await Reading.start();
    on.put('a');
    const iterator = await on.iterator('TRIM_HORIZON');
    on.fake.faults.once({ kind: 'reset', after: true }, onOperation('GetRecords'));
    await expect(on.read(iterator)).rejects.toThrow('socket hang up');
    expect(namesIn(await on.read(iterator))).toEqual(['a']);
  });

  it('more reads of a shard than its limit in a second are refused', async () => {
    on = await Reading.start({ streams: { shards: 2 } });
    on.fake.streams.readLimit.perSecond = 2;
    const [one, other] = await Promise.all(
      on.stream.shards.map((each) => on.iterator('LATEST', each)),
    );
    await on.read(one);
    on.clock.advance(500);
    await on.read(one);
    await expect(on.read(one)).rejects.toMatchObject({ name: 'LimitExceededException' });
    await on.read(other);
    on.clock.advance(500);
    await on.read(one);
  });

  it('more calls of DescribeStream than its limit in a second are refused', async () => {
    on = await Reading.start();
    on.fake.streams.describeLimit.perSecond = 1;
    await on.describe();
    await expect(on.describe()).rejects.toMatchObject({ name: 'LimitExceededException' });
    on.clock.advance(1000);
    await on.describe();
  });

  it('a test learns when a request has been answered, and of which shard', async () => {
    on = await Reading.start();
    const answered = on.fake.answered(onShard());
    await on.describe();
    const iterator = await on.iterator('LATEST');
    expect(await answered).toMatchObject({ operation: 'GetShardIterator', shardId: on.shard.id });
    await on.read(iterator);
    expect(on.fake.takeRequests().map(({ operation, shardId }) => [operation, shardId])).toEqual([
      ['DescribeStream', undefined],
      ['GetShardIterator', on.shard.id],
      ['GetRecords', on.shard.id],
    ]);
  });
});

describe('another program', () => {
  it('writes and deletes items of any kind', async () => {
    on = await Reading.start();
    const list = { L: [{ S: 'x' }, { NULL: true }] };
    on.put('a', { list, set: { NS: ['1', '2'] } });
    on.put('a', { list, set: { NS: ['1', '2'] } });
    on.program.deleteItem(keyOf('a'));
    const { Records: records } = await on.read(await on.iterator('TRIM_HORIZON'));
    const key = { p: { B: new Uint8Array(Buffer.from('a')) }, s: { B: new Uint8Array([115]) } };
    const image = { ...key, n: { S: 'a' }, list, set: { NS: ['1', '2'] } };
    const time = new Date(Math.floor(on.clock.nowMs() / 1000) * 1000);
    expect(records).toEqual([
      expect.objectContaining({
        eventName: 'INSERT',
        dynamodb: expect.objectContaining({ Keys: key, NewImage: image }) as object,
      }),
      expect.objectContaining({
        eventName: 'REMOVE',
        dynamodb: {
          ApproximateCreationDateTime: time,
          Keys: key,
          OldImage: image,
          SequenceNumber: expect.stringMatching(/^\d{21}$/) as string,
          SizeBytes: expect.any(Number) as number,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
      }),
    ]);
  });

  it('deletes what is due as the time to live does', async () => {
    on = await Reading.start();
    on.fake.tables.named(TABLE).ttlAttribute = 'ttl';
    const nowS = Math.floor(on.clock.nowMs() / 1000);
    on.put('due', { ttl: { N: String(nowS) } });
    on.put('later', { ttl: { N: String(nowS + 1) } });
    on.put('in milliseconds', { ttl: { N: String(nowS * 1000) } });
    on.put('years ago', { ttl: { N: '1' } });
    on.put('never');
    const latest = await on.iterator('LATEST');
    on.program.collectDue(on.clock.nowMs());
    const page = await on.read(latest);
    expect(namesIn(page)).toEqual(['due']);
    expect(page.Records).toMatchObject([
      {
        eventName: 'REMOVE',
        userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      },
    ]);
  });
});
