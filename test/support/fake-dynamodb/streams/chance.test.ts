/** Streams that live at random: a plain reader, parents before children, gets every change once. */
import { seeded } from '../../../../src/lib/random';
import type { StreamRates } from './chance';
import { Reading } from './reading';

const RATES: StreamRates = {
  rollOver: 0.1,
  split: 0.1,
  maxOpen: 5,
  lagMs: 300,
  listedMs: 2000,
  closeListedMs: 2000,
  endToldMs: 2000,
  emptyPage: 0.2,
  shortPage: 0.3,
  noList: 0.5,
};

let on: Reading;

afterEach(() => on.stop());

/** Where a reader is in each shard that it knows; undefined at its end. */
type Reader = Map<string, { iterator: string | undefined }>;

/** Opens what is listed and has no parent that is not finished, and reads a page of each. */
async function step(reader: Reader, read: string[]): Promise<void> {
  for (const { ShardId: id = '', ParentShardId: parent } of (await on.describe()).Shards!) {
    const isFree = parent === undefined || reader.get(parent)?.iterator === undefined;
    if (reader.has(id) || !isFree || (parent !== undefined && !reader.has(parent))) continue;
    const shard = on.stream.shard(id);
    reader.set(id, { iterator: await on.iterator('TRIM_HORIZON', shard) });
  }
  for (const at of reader.values()) {
    if (at.iterator === undefined) continue;
    const page = await on.read(at.iterator);
    at.iterator = page.NextShardIterator;
    for (const { dynamodb } of page.Records ?? []) read.push(dynamodb!.NewImage!['n']!.S!);
  }
}

it.each([1, 2, 3])(
  'every change is read once and in the order of its key (seed %i)',
  async (seed) => {
    on = await Reading.start({ streams: { shards: 2 } });
    on.fake.streams.seed(seed, RATES);
    const random = seeded(seed);
    const reader: Reader = new Map();
    const read: string[] = [];
    const written = new Map<string, string[]>();
    for (let i = 0; i < 150; i++) {
      const key = `key ${random.below(20)}`;
      const value = `${key}: ${i}`;
      on.put(key, { n: { S: value } });
      written.set(key, [...(written.get(key) ?? []), value]);
      on.clock.advance(random.below(100));
      if (random.below(8) === 0) await step(reader, read);
    }
    // Nothing is hidden any longer than this.
    on.clock.advance(2000);
    for (let i = 0; i < 100 && !on.stream.isTold; i++) await step(reader, read);
    for (const [key, values] of written) {
      expect(read.filter((value) => value.startsWith(`${key}: `))).toEqual(values);
    }
    expect(read).toHaveLength(150);
    expect(on.stream.shards.length).toBeGreaterThan(10);
    expect(on.stream.open.length).toBeGreaterThan(2);
  },
);

it('the same seed gives the same shards', async () => {
  const lives: string[][] = [];
  for (const seed of [1, 1, 2]) {
    on = await Reading.start();
    on.fake.streams.seed(seed, RATES);
    for (let i = 0; i < 100; i++) on.put(`key ${i % 7}`, { n: { N: String(i) } });
    lives.push(on.stream.shards.map(({ id, parentId }) => `${parentId} ${id}`));
    if (lives.length < 3) await on.stop();
  }
  expect(lives[0]).toEqual(lives[1]);
  expect(lives[0]).not.toEqual(lives[2]);
});

it('LATEST is resolved late now and then', async () => {
  on = await Reading.start();
  on.fake.streams.seed(1, { lateLatest: 0.5 });
  const iterators = await Promise.all(Array.from({ length: 20 }, () => on.iterator('LATEST')));
  on.put('a');
  const pages = await Promise.all(iterators.map((iterator) => on.read(iterator)));
  const counts = new Set(pages.map(({ Records: records }) => records!.length));
  expect([...counts].sort()).toEqual([0, 1]);
});

it('requests of streams meet failures at random', async () => {
  on = await Reading.start();
  on.fake.faults.seedStreams(1, { throttle: 0.2, serverError: 0.2, reset: 0.2, expired: 0.2 });
  const names = new Set<string>();
  const iterator = await on.iterator('LATEST').catch(() => on.iterator('LATEST'));
  for (let i = 0; i < 60; i++) {
    await on.read(iterator).catch((error: Error) => names.add(error.name));
  }
  expect([...names].sort()).toEqual([
    'Error',
    'ExpiredIteratorException',
    'InternalServerError',
    'LimitExceededException',
    'ThrottlingException',
  ]);
  on.fake.faults.clear();
  await on.read(iterator);
});
