/** What enters the cache and what does not, by moments that hardly ever meet. */
import { NO_EXPIRY, type Rec } from '../../src/store/record';
import { Coherence } from '../../src/stores/cached/coherence';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { placeName, Siblings } from '../../src/stores/dynamodb/siblings';

const KEY = { db: 0, key: 'k' };
const PLACE = placeName(itemKey(KEY));

let nowMs: number;
/** All that was written before has been seen. */
let seenMs: number;
let drops: number;
let coherence: Coherence;
beforeEach(() => {
  nowMs = 1000;
  seenMs = -Infinity;
  drops = 0;
  coherence = new Coherence({
    maxBytes: 1 << 20,
    populate: true,
    monotonicMs: () => nowMs,
    nowMs: () => nowMs,
    seenMs: () => seenMs,
    onFull: () => drops++,
    onUnreadable: () => {},
  });
});

function rec(version: number): Rec {
  const value = version === 0 ? undefined : `value ${version}`;
  return { key: 'k', value, version, expiresAtMs: NO_EXPIRY };
}

/** Reads the key, at the table's version of now. */
function read(version: number): void {
  const flight = coherence.begin(KEY);
  coherence.loaded(flight, rec(version));
  coherence.end(flight);
}

function follow(): void {
  coherence.follow();
  seenMs = ++nowMs;
  nowMs++;
}

const cached = (): number | undefined => {
  const ref = coherence.use(0, 'k');
  return ref === 0 ? undefined : coherence.recAt(ref).version;
};

it('keeps nothing that was asked for before the stream was followed', () => {
  const flight = coherence.begin(KEY);
  follow();
  expect(coherence.loaded(flight, rec(5))).toBe(true);
  expect(cached()).toBeUndefined();
});

it.each([5, 0])('but lets nothing older in than what that has answered (version %i)', (version) => {
  const flight = coherence.begin(KEY);
  follow();
  coherence.loaded(flight, rec(version));
  coherence.applied(0, PLACE, rec(4));
  expect(cached()).toBeUndefined();
});

it('sees its own write that was sent before everything was dropped', () => {
  follow();
  const write = coherence.begin(KEY);
  coherence.drop(true);
  read(5);
  expect(cached()).toBe(5);
  coherence.loaded(write, rec(6));
  expect(cached()).toBeUndefined();
});

it('gives nobody an answer that is older than what another read has seen meanwhile', () => {
  const slow = coherence.begin(KEY);
  read(6);
  expect(coherence.loaded(slow, rec(5))).toBe(false);
});

/** The transaction of so many keys that wrote this version of them. */
function tx(version: number, ...keys: string[]): Buffer {
  const members = keys.map((key) => ({ at: itemKey({ db: 0, key }), base: 0, version }));
  return new Siblings().of(members, nowMs)[0]!;
}

it('gives nobody an answer that is older than what a sibling has told before', () => {
  follow();
  coherence.siblings(tx(6, 'k'));
  expect(coherence.loaded(coherence.begin(KEY), rec(5))).toBe(false);
});

it('but an item that was deleted is not waited for', () => {
  follow();
  coherence.siblings(tx(6, 'k'));
  coherence.removed(KEY, PLACE, 6);
  expect(coherence.loaded(coherence.begin(KEY), rec(0))).toBe(true);
});

it('remembers a bounded number of keys that have left while the stream stands still', () => {
  follow();
  nowMs++;
  for (let i = 0; i < 130_000; i++) {
    const flight = coherence.begin({ db: 0, key: `other ${i}` });
    coherence.loaded(flight, { ...rec(6), key: `other ${i}` });
    coherence.end(flight);
  }
  read(6);
  coherence.forget(KEY);
  expect([coherence.floorCount, drops]).toEqual([100_000, 0]);
  // An older record of the stream.
  coherence.applied(0, PLACE, rec(5));
  expect(cached()).toBeUndefined();
  seenMs = ++nowMs;
  coherence.tidy();
  expect(coherence.floorCount).toBe(0);
  coherence.applied(0, PLACE, rec(7));
  expect(cached()).toBe(7);
});

it('has everything dropped when siblings are too many to be remembered', () => {
  follow();
  for (let i = 0; drops === 0 && i < 3000; i++) {
    coherence.siblings(tx(6, ...Array.from({ length: 100 }, (_, j) => `${i} ${j}`)));
  }
  expect(drops).toBe(1);
  expect(coherence.floorCount).toBeLessThanOrEqual(200_100);
});
