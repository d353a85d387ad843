// @ts-check
/**
 * The hit ratio of the store `cached` over several nodes, by simulation: its own caches and their
 * coherence, over a table in memory, whose stream comes late. Beside it, for the same requests: a
 * cache of the same size in each node that knows by magic what others have written, and one that
 * hears of nothing and forgets what it has read after 30 seconds.
 */
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions } from './lib/options.mjs';
import { progress, table } from './lib/report.mjs';
import { zipf } from './lib/zipf.mjs';

const options = readOptions('node bench/hit-ratio.mjs [options]', {
  nodes: { kind: 'numbers', initial: '1,2,4,16', help: 'how many nodes' },
  'skew-percents': { kind: 'numbers', initial: '80,99,120', help: "100 times Zipf's exponent" },
  'write-percents': { kind: 'numbers', initial: '1,10', help: 'writes among the requests' },
  keys: { kind: 'number', initial: '50000', help: 'keys that are asked for' },
  'cache-percent': { kind: 'number', initial: '2', help: 'of the keys that a cache has room for' },
  requests: { kind: 'number', initial: '100000', help: 'of each node; the second half counts' },
  rate: { kind: 'number', initial: '1000', help: 'requests a second of each node' },
  'lag-ms': { kind: 'number', initial: '300', help: 'how late the stream is' },
  seed: { kind: 'number', initial: '1', help: 'of the requests' },
});
const TTL_MS = 30_000;
const VALUE = 'x'.repeat(64);

const { CachedReads, Coherence, RecordCache, itemKey, placeName } = await cachedStore();
const keys = options.number('keys');
const room = Math.floor((keys * options.number('cache-percent')) / 100);

/**
 * @param {number} nodeCount
 * @param {number} skew
 * @param {number} writePart
 */
async function row(nodeCount, skew, writePart) {
  const draw = zipf(keys, skew, options.number('seed'));
  const world = new World();
  const nodes = Array.from({ length: nodeCount }, () => new Node(world));
  const stepMs = 1000 / options.number('rate') / nodeCount;
  const total = options.number('requests') * nodeCount;
  const sum = { reads: 0, hits: 0, known: 0, timed: 0, stale: 0 };
  for (let i = 0; i < total; i++) {
    world.pass(stepMs, nodes);
    const node = /** @type {Node} */ (nodes[i % nodeCount]);
    const rank = draw();
    if (world.chance() < writePart) {
      node.write(rank);
      continue;
    }
    const found = await node.read(rank);
    if (i < total / 2) continue;
    sum.reads++;
    if (found.hit) sum.hits++;
    if (found.known) sum.known++;
    if (found.timed) sum.timed++;
    if (found.stale) sum.stale++;
  }
  const percent = (/** @type {number} */ part, whole = sum.reads) =>
    whole === 0 ? 0 : (100 * part) / whole;
  return [
    ...[String(nodeCount), skew.toFixed(2), String(writePart * 100)],
    percent(sum.hits).toFixed(2),
    percent(sum.known).toFixed(2),
    (percent(sum.hits) - percent(sum.known)).toFixed(2),
    percent(sum.timed).toFixed(2),
    percent(sum.stale, sum.timed).toFixed(2),
  ];
}

/** The table, its stream, and the time. */
class World {
  nowMs = 1_700_000_000_000;
  /** @type {Map<string, { version: number, rec: any, place: string }>} */
  items = new Map();
  /** @type {{ dueMs: number, rec: any, place: string }[]} */
  stream = [];
  told = 0;
  seed = options.number('seed') + 1;

  /** @param {number} ms @param {Node[]} nodes */
  pass(ms, nodes) {
    this.nowMs += ms;
    for (; this.told < this.stream.length; this.told++) {
      const { dueMs, place, rec } = /** @type {any} */ (this.stream[this.told]);
      if (dueMs > this.nowMs) return;
      for (const { coherence } of nodes) coherence.applied(0, place, rec);
    }
  }

  /** @param {number} rank */
  item(rank) {
    const key = `key:${rank}`;
    let item = this.items.get(key);
    if (item === undefined) {
      item = { version: 1, rec: recOf(key, 1), place: placeName(itemKey({ db: 0, key })) };
      this.items.set(key, item);
    }
    return item;
  }

  /** @param {number} rank */
  write(rank) {
    const item = this.item(rank);
    item.version++;
    item.rec = recOf(`key:${rank}`, item.version);
    const dueMs = this.nowMs + options.number('lag-ms');
    this.stream.push({ dueMs, rec: item.rec, place: item.place });
    return item.rec;
  }

  chance() {
    this.seed = (Math.imul(this.seed, 1103515245) + 12345) >>> 0;
    return (this.seed >>> 8) / 2 ** 24;
  }
}

class Node {
  /** @param {World} world */
  constructor(world) {
    this.world = world;
    this.coherence = new Coherence({
      maxBytes: room * recordBytes(),
      populate: true,
      onFull() {},
      onUnreadable() {},
      monotonicMs: () => world.nowMs,
      nowMs: () => world.nowMs,
      seenMs: () => world.nowMs - options.number('lag-ms'),
    });
    this.coherence.follow();
    const base = {
      load: async (/** @type {{ key: string }[]} */ refs) =>
        refs.map(({ key }) => world.item(Number(key.slice(4))).rec),
    };
    this.reads = new CachedReads(
      base,
      this.coherence,
      () => undefined,
      () => {},
      // Nothing is late.
      undefined,
    );
    /** @type {Map<number, true>} */
    this.known = new Map();
    /** @type {Map<number, { version: number, atMs: number }>} */
    this.timed = new Map();
  }

  /** @param {number} rank */
  write(rank) {
    const flight = this.coherence.begin({ db: 0, key: `key:${rank}` });
    const rec = this.world.write(rank);
    this.coherence.loaded(flight, rec);
    this.coherence.end(flight);
    keep(this.known, rank, /** @type {true} */ (true));
    keep(this.timed, rank, { version: rec.version, atMs: this.world.nowMs });
  }

  /** @param {number} rank */
  async read(rank) {
    const ref = { db: 0, key: `key:${rank}` };
    const hit = this.coherence.use(0, ref.key) !== 0;
    if (!hit) await this.reads.each([ref], 'bounded', undefined);
    const known = this.known.has(rank);
    keep(this.known, rank, /** @type {true} */ (true));
    const old = this.timed.get(rank);
    const { version } = this.world.item(rank);
    const timed = old !== undefined && this.world.nowMs - old.atMs < TTL_MS;
    keep(this.timed, rank, timed ? old : { version, atMs: this.world.nowMs });
    return { hit, known, timed, stale: timed && old.version < version };
  }
}

/**
 * Into a Map that is a LRU cache.
 *
 * @template T
 * @param {Map<number, T>} cache
 * @param {number} rank
 * @param {T} value
 */
function keep(cache, rank, value) {
  cache.delete(rank);
  cache.set(rank, value);
  if (cache.size > room) cache.delete(/** @type {number} */ (cache.keys().next().value));
}

/** @param {string} key @param {number} version */
function recOf(key, version) {
  return { key, value: VALUE, version, expiresAtMs: 0 };
}

/** What a record of the simulation takes. */
function recordBytes() {
  const cache = new RecordCache(
    1e6,
    () => {},
    () => {},
  );
  cache.add(0, recOf('key:12345', 1), { asOfMs: 0, tag: 0 }, true);
  return cache.bytes;
}

/** The parts of the store, compiled. */
async function cachedStore() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'goredis-hit-ratio-'));
  const outfile = join(folder, 'cached.cjs');
  const from = (/** @type {string} */ names, /** @type {string} */ file) =>
    `export { ${names} } from './src/stores/${file}';`;
  await build({
    stdin: {
      contents: [
        from('CachedReads', 'cached/cached-reads'),
        from('Coherence', 'cached/coherence'),
        from('RecordCache', 'cached/record-cache'),
        from('itemKey', 'dynamodb/item-key'),
        from('placeName', 'dynamodb/siblings'),
      ].join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    outfile,
  });
  const parts = createRequire(import.meta.url)(outfile);
  rmSync(folder, { recursive: true });
  return parts;
}

const rows = [];
for (const nodes of options.numbers('nodes')) {
  for (const skew of options.numbers('skew-percents')) {
    for (const writes of options.numbers('write-percents')) {
      rows.push(await row(nodes, skew / 100, writes / 100));
      progress(`${nodes} nodes, skew ${skew} %, ${writes} % writes: ${rows.at(-1)?.slice(3)}`);
    }
  }
}
console.log(
  table(
    [
      ...['nodes', 'Zipf', 'writes, %', 'cached, %', 'all-knowing LRU, %', 'difference'],
      ...['30 s to live, %', 'of its hits stale, %'],
    ],
    rows,
  ),
);
