/**
 * What is promised of reads from the caches of three nodes, while shards of the stream end, split
 * and lag, and are not read for a while: the history of all reads and writes is checked.
 */
import { seeded } from '../../src/lib/random';
import { isLongRun, seedOf } from '../oracle/seed';
import { BoundedLoad } from '../support/bounded-load';
import { findViolation, violationReport } from '../support/bounded-reads';
import { startCachedNode, type CachedNode } from '../support/cached-node';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import type { Shard } from '../support/fake-dynamodb/streams/shard';
import type { GoredisOptions } from '../support/goredis';

const MAX_STALENESS_MS = 1500;
const ROUNDS = isLongRun ? 100 : 2;
const ROUND_MS = 6000;
/** So many reads of each kind on each node, on a busy machine it may take longer. */
const LEAST = 10;
/** How long the stream tells nothing new, or one of its shards, at most. */
const LONGEST_STOP_MS = 2.5 * MAX_STALENESS_MS;
/** How long one of five reads is under way behind DynamoDB, at most. */
const LATEST_ANSWER_MS = 800;
const seed = seedOf();

/** A few entries, all there is, and only what was read here. */
const CACHES: readonly Partial<GoredisOptions>[] = [
  { cacheMaxBytes: 1500 },
  { cacheMaxBytes: 1 << 20 },
  { cacheMaxBytes: 3000, cachePopulate: false },
];

let fake: FakeDynamo;
const nodes: CachedNode[] = [];
beforeAll(async () => {
  const travel = { seed, maxTurns: 12 };
  fake = await FakeDynamo.start({ travel, streams: { shards: 3 } });
  for (const cache of CACHES) {
    const options = { streamCallsPerSecond: 5, maxStalenessMs: MAX_STALENESS_MS, ...cache };
    nodes.push(await startCachedNode(fake.endpoint, options));
  }
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await fake.stop();
});

/** Reads from the cache, of what was not in it, and while it stood aside. */
function counts({ store }: CachedNode): number[] {
  const { hits, misses, bypassed_reads: bypassed } = store.stats()['Cache']!;
  return [hits, misses, bypassed].map(Number);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(`keep what is promised of them (TEST_SEED=${seed})`, async () => {
  fake.streams.seed(seed, { lagMs: 100, emptyPage: 0.1, shortPage: 0.3 });
  const chance = seeded(seed);
  fake.faults.always(
    { kind: 'meanwhile', after: true, happens: () => sleep(chance.next() * LATEST_ANSWER_MS) },
    ({ operation }) => operation.endsWith('GetItem') && chance.below(5) === 0,
  );
  for (let round = 0; round < ROUNDS; round++) {
    const random = seeded(seed + round);
    const load = new BoundedLoad({
      random,
      nodes: () => nodes.map(({ port }, i) => ({ name: `node ${i}`, port })),
      groups: 10,
      pauseMs: 30,
      prefix: `${seed + round}`,
    });
    load.start();
    const endMs = performance.now() + ROUND_MS;
    const stream = fake.streams.of('goredis');
    const anyShard = (): Shard => stream.open[random.below(stream.open.length)]!;
    // Whereupon the nodes have other things to do for a while.
    if (isLongRun && round % 3 === 0) stream.rollOver(anyShard());
    const before = nodes.map(counts);
    // Else it would prove nothing.
    const isEnough = (): boolean =>
      nodes.map(counts).every((now, i) => now.every((count, j) => count - before[i]![j]! > LEAST));
    while (performance.now() < endMs || !isEnough()) {
      const silent = random.below(2) === 0 ? stream : anyShard();
      silent.hold();
      await sleep(random.next() * LONGEST_STOP_MS);
      silent.flow();
      await sleep(random.next() * MAX_STALENESS_MS);
    }
    await load.stop();
    const violation = findViolation(load, { boundMs: MAX_STALENESS_MS, transactions: 10 });
    if (violation !== undefined) throw new Error(violationReport(load, violation));
  }
}, 3_600_000);
