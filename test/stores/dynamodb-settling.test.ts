/**
 * Requests whose answer was lost: what became of them is found out, and no copy of them that comes
 * late does anything.
 */
import { ManualClock } from '../../src/lib/clock';
import type { Change, CommitResult } from '../../src/store/change';
import type { Store } from '../../src/store/store';
import { commit, load, setting } from '../conformance/support';
import type { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { TABLE, openFakeStore, type FakeStore } from '../support/fake-dynamodb/fake-store';
import {
  cancelledBy,
  expiredCredentials,
  onFence,
  onOperation,
  serverError,
  type Fault,
  type When,
} from '../support/fake-dynamodb/faults';
import { redisKey } from '../support/fake-dynamodb/seen-request';

const HELD: Fault = { kind: 'hold' };
const LOST: Fault = { kind: 'reset', after: true };
const onUpdate = onOperation('UpdateItem');
const onTransaction = onOperation('TransactWriteItems');

let opened: FakeStore;
let store: Store;
let fake: FakeDynamo;
/** Another node on the same table. */
let other: FakeStore;

beforeEach(async () => {
  opened = await openFakeStore({ retryBudgetMs: 500 });
  ({ store, fake } = opened);
  other = await openFakeStore({ fake });
});
afterEach(async () => {
  await other.close();
  await opened.close();
});

/** The values that a key has got one after another, by new versions; '-' where it was removed. */
function history(key: string): string[] {
  return fake.tables
    .named(TABLE)
    .changes.filter((change) => redisKey(change.key) === key)
    .filter(({ oldImage, newImage }) => numberOf(oldImage, 'v') !== numberOf(newImage, 'v'))
    .map(({ newImage }) => numberOf(newImage, 'n') ?? '-');
}

function numberOf(image: object | undefined, name: string): string | undefined {
  return (image as Record<string, { N?: string }> | undefined)?.[name]?.N;
}

type Attributes = Readonly<Record<string, { readonly N?: string; readonly B?: string }>>;
const items = (): readonly Attributes[] => fake.tables.named(TABLE).items as Attributes[];
const itemOf = (key: string): Attributes =>
  items().find((item) => redisKey(item as never) === key)!;

/** Writes of the key, but for those that settle what became of others. */
const onWriteOf =
  (key: string): When =>
  (request) =>
    request.operation === 'UpdateItem' && request.keys.includes(key) && !onFence(request);

async function setMany(by: Store, key: string, values: readonly number[]): Promise<void> {
  for (const value of values) await commit(by, setting(key, value));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 + i);

async function valueOf(key: string): Promise<unknown> {
  return (await load(store, key)).value;
}

const unknown = expect.objectContaining({ name: 'StoreError', code: 'unknown' });

describe('a request that comes late', () => {
  const kinds: readonly (readonly [string, (base: number) => readonly Change[]])[] = [
    ['a blind write', () => [setting('k', 7)]],
    ['a conditional write', (base) => [setting('k', 7, { base })]],
    ['a member of a transaction', (base) => [setting('k', 7, { base }), setting('second', 7)]],
  ];

  describe.each(kinds)('%s', (title, changesOf) => {
    const isSingle = title !== 'a member of a transaction';
    const on = isSingle ? onUpdate : onTransaction;

    async function commitHeld(): Promise<CommitResult> {
      const { recs } = await commit(store, setting('k', 1));
      fake.faults.once(HELD, on);
      return store.commit(changesOf(recs[0]!.version), []);
    }

    it('changes nothing once it is settled', async () => {
      expect((await commitHeld()).ok).toBe(true);
      const before = fake.tables.named(TABLE).changes.length;
      expect(fake.held).toHaveLength(1);
      fake.deliverHeld();
      expect(fake.tables.named(TABLE).changes).toHaveLength(before);
      expect(history('k')).toEqual(['1', '7']);
    });

    it('changes nothing after 20 other commits', async () => {
      await commitHeld();
      await setMany(other.store, 'k', upTo(20));
      fake.deliverHeld();
      expect(history('k')).toEqual(['1', '7', ...upTo(20).map(String)]);
      expect(await valueOf('k')).toBe(119);
    });

    it('is not done twice when it was applied and only its answer lost', async () => {
      const { recs } = await commit(store, setting('k', 1));
      const base = recs[0]!.version;
      fake.faults.once(LOST, on);
      const result = await store.commit(changesOf(base), []);
      expect(result.ok).toBe(true);
      expect(result.recs[0]).toMatchObject({ value: 7, version: base + 1 });
      expect(history('k')).toEqual(['1', '7']);
    });

    it('is not done twice when the service fails after it was applied', async () => {
      const { recs } = await commit(store, setting('k', 1));
      fake.faults.once(serverError(500, true), on);
      expect((await store.commit(changesOf(recs[0]!.version), [])).ok).toBe(true);
      expect(history('k')).toEqual(['1', '7']);
    });

    it('is done once when it never arrived', async () => {
      const { recs } = await commit(store, setting('k', 1));
      fake.faults.once({ kind: 'reset', after: false }, on);
      expect((await store.commit(changesOf(recs[0]!.version), [])).ok).toBe(true);
      expect(history('k')).toEqual(['1', '7']);
    });
  });
});

describe('what the ring of operations tells', () => {
  /** Loses the answer of a write on top of `first`, and lets others write before it is settled. */
  async function lose(fault: Fault, others: number): Promise<CommitResult> {
    await setMany(store, 'k', upTo(5));
    const { version } = await load(store, 'k');
    fake.faults.once(fault, onUpdate);
    fake.faults.once(
      { kind: 'meanwhile', happens: () => setMany(other.store, 'k', upTo(others)) },
      onFence,
    );
    return store.commit([setting('k', 7, { base: version })], []);
  }

  it.each([0, 1, 2, 3])('a write was applied, %d others since', async (others) => {
    const before = (await load(store, 'k')).version;
    const result = await lose(LOST, others);
    expect(result).toMatchObject({ ok: true, recs: [{ value: 7 }] });
    const version = Number(numberOf(fake.tables.named(TABLE).items[0], 'v')) - others;
    expect(result.recs[0]).toMatchObject({ version });
    expect(version).toBeGreaterThan(before);
  });

  it('a write was applied, but more than three others since leave its outcome unknown', async () => {
    await expect(lose(LOST, 4)).rejects.toEqual(unknown);
    expect(history('k').filter((value) => value === '7')).toHaveLength(1);
  });

  it.each([1, 4])('a write was not applied, %d others since: a conflict', async (others) => {
    expect((await lose(HELD, others)).ok).toBe(false);
    fake.deliverHeld();
    expect(history('k')).not.toContain('7');
  });

  it('a write was not applied, but more than four others since leave its outcome unknown', async () => {
    await expect(lose(HELD, 5)).rejects.toEqual(unknown);
    fake.deliverHeld();
    expect(history('k')).not.toContain('7');
  });

  it('a blind write was not applied when the ring has a free place', async () => {
    fake.faults.once(HELD, onUpdate);
    fake.faults.once(
      { kind: 'meanwhile', happens: () => setMany(other.store, 'k', upTo(3)) },
      onFence,
    );
    await commit(store, setting('k', 7));
    fake.deliverHeld();
    expect(history('k')).toEqual(['-', '100', '101', '102', '7'].slice(1));
  });

  it('a blind write of a key that this node has written before was not applied', async () => {
    await setMany(store, 'k', upTo(5));
    fake.faults.once(HELD, onUpdate);
    await commit(store, setting('k', 7));
    fake.deliverHeld();
    expect(history('k').slice(-2)).toEqual(['104', '7']);
  });

  it('and nobody knows of one when others have written the key more than four times since', async () => {
    await setMany(store, 'k', upTo(5));
    fake.faults.once(HELD, onUpdate);
    const happens = (): Promise<void> => setMany(other.store, 'k', upTo(5));
    fake.faults.once({ kind: 'meanwhile', happens }, onFence);
    await expect(commit(store, setting('k', 7))).rejects.toEqual(unknown);
  });

  it('or of one of a key that only others have written lately', async () => {
    await setMany(other.store, 'k', upTo(5));
    fake.faults.once(HELD, onUpdate);
    await expect(commit(store, setting('k', 7))).rejects.toEqual(unknown);
  });
});

describe('the fence', () => {
  it('of one writer does not hinder another, nor its own later writes', async () => {
    fake.faults.once(HELD, onUpdate);
    await commit(store, setting('k', 1));
    await commit(other.store, setting('k', 2));
    await commit(store, setting('k', 3));
    const { version } = await load(store, 'k');
    await commit(other.store, setting('k', 4, { base: version }));
    expect(history('k').slice(-4)).toEqual(['1', '2', '3', '4']);
  });

  it('makes an absent item a tombstone, on which the write is done', async () => {
    fake.faults.once(HELD, onUpdate);
    const happens = async (): Promise<void> => {
      expect(history('k')).toEqual([]);
    };
    fake.faults.once({ kind: 'meanwhile', happens }, onFence);
    await commit(store, setting('k', 1));
    expect(history('k')).toEqual(['-', '1']);
  });

  it('leaves an absent key absent, with a version that a write on absence does not meet', async () => {
    fake.faults.once(HELD, onUpdate);
    const late = await store.commit([setting('k', 1, { base: 0 })], []);
    expect(late.ok).toBe(false);
    const absent = await load(store, 'k');
    expect(absent).toMatchObject({ value: undefined });
    expect(absent.version).toBeGreaterThan(0);
    expect((await store.commit([setting('k', 1, { base: absent.version })], [])).ok).toBe(true);
    fake.deliverHeld();
    expect(history('k')).toEqual(['-', '1']);
  });

  it('on an absent item is collected with its tombstone, when nothing can come late any more', async () => {
    fake.faults.once(HELD, onUpdate);
    expect((await store.commit([setting('k', 1, { base: 0 })], [])).ok).toBe(false);
    const keptS = Number(itemOf('k')['ttl']?.N) - Date.now() / 1000;
    expect(keptS).toBeGreaterThan(1800);
    expect(keptS).toBeLessThanOrEqual(3601);
  });

  it('keeps an item that would be collected soon, and the fence with it', async () => {
    // A minute before.
    const expiresAtMs = Date.now() - 59 * 60_000;
    const { recs } = await commit(store, setting('k', 1, { expiresAtMs }));
    const ttl = (): number => Number(itemOf('k')['ttl']?.N) - Date.now() / 1000;
    expect(ttl()).toBeLessThan(120);
    const end = fake.faults.always(HELD, onWriteOf('k'));
    const late = store.commit([setting('k', 2, { base: recs[0]!.version })], []);
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    end();
    expect(ttl()).toBeGreaterThan(1800);
    fake.deliverHeld();
    expect(history('k')).toEqual(['1']);
  });

  it('of a long key leaves a tombstone that names it', async () => {
    const key = 'k'.repeat(2000);
    fake.faults.once(HELD, onUpdate);
    await store.commit([setting(key, 1, { base: 0 })], []);
    const [named] = items().flatMap(({ k }) => k ?? []);
    expect(named).toEqual({ B: Buffer.from(key).toString('base64') });
  });

  describe('that is outdated', () => {
    let later: FakeStore;
    beforeEach(async () => {
      later = await openFakeStore({ fake, clock: new ManualClock(Date.now() + 2 * 3_600_000) });
    });
    afterEach(() => later.close());

    async function setFence(): Promise<void> {
      const { version } = await load(store, 'k');
      fake.faults.once(HELD, onWriteOf('k'));
      await commit(store, setting('k', 1, version === 0 ? {} : { base: version }));
    }
    const fences = (): string[] =>
      Object.keys(itemOf('k')).filter((name) => /^f\w{16}$/.test(name));

    it('goes with the next write of whoever has read it, and no other', async () => {
      await setFence();
      await commit(other.store, setting('k', 2));
      await commit(other.store, setting('k', 3));
      expect(fences()).toHaveLength(1);
      const { version } = await load(later.store, 'k');
      await commit(later.store, setting('k', 4, { base: version }));
      expect(fences()).toEqual([]);
      await setFence();
      // The first write without a read learns of it.
      await commit(later.store, setting('k', 5));
      expect(fences()).toHaveLength(1);
      await commit(later.store, setting('k', 6));
      expect(fences()).toEqual([]);
    });

    it('goes with a transaction', async () => {
      await setFence();
      await load(later.store, 'k');
      await commit(later.store, setting('k', 2), setting('l', 2));
      expect(fences()).toEqual([]);
    });

    it('stays when it was set anew, or somebody else has taken it away', async () => {
      await setFence();
      const seen = await load(later.store, 'k');
      await setFence();
      fake.takeRequests();
      // Refused once, and made again with what it has learnt.
      await commit(later.store, setting('k', 2));
      expect(fake.takeRequests().filter(onUpdate)).toHaveLength(2);

      await setFence();
      const { version } = await load(later.store, 'k');
      expect(version).toBeGreaterThan(seen.version);
      await setFence();
      const changed = await load(other.store, 'k');
      const base = changed.version;
      await expect(later.store.commit([setting('k', 3, { base })], [])).resolves.toMatchObject({
        ok: false,
      });
      expect((await later.store.commit([setting('k', 3, { base })], [])).ok).toBe(true);
      expect(fences()).toEqual([]);
    });
  });

  it('that cannot be set leaves the outcome unknown', async () => {
    fake.faults.once(LOST, onUpdate);
    const end = fake.faults.always({ kind: 'reset', after: false }, onFence);
    await expect(commit(store, setting('k', 1))).rejects.toEqual(unknown);
    end();
    expect(await valueOf('k')).toBe(1);
  });

  it('that is refused for its credentials leaves the outcome unknown', async () => {
    fake.faults.once(LOST, onUpdate);
    fake.faults.once(expiredCredentials(), onFence);
    await expect(commit(store, setting('k', 1))).rejects.toEqual(unknown);
  });
});

describe('a transaction whose answer was lost', () => {
  const both = [setting('a', 7), setting('b', 7)];

  it('is sent again with its token and nothing else', async () => {
    fake.faults.once(LOST, onTransaction);
    fake.takeRequests();
    await commit(store, ...both);
    const sent = fake.takeRequests().filter(onTransaction);
    expect(sent).toHaveLength(2);
    expect(sent[0]!.body).toEqual(sent[1]!.body);
    expect([history('a'), history('b')]).toEqual([['7'], ['7']]);
  });

  it('keeps its token through conflicts, because the first copy may be what it conflicts with', async () => {
    fake.faults.once(HELD, onTransaction);
    fake.faults.once(cancelledBy('TransactionConflict', 'None'), onTransaction);
    // Then the first copy comes, and another that is answered with what became of it.
    fake.faults.once({ kind: 'meanwhile', happens: async () => fake.deliverHeld() }, onTransaction);
    await commit(store, ...both);
    expect([history('a'), history('b')]).toEqual([['7'], ['7']]);
  });

  it('is settled when its repetition is refused for its credentials', async () => {
    fake.faults.once(LOST, onTransaction);
    fake.faults.once(expiredCredentials(), onTransaction);
    await commit(store, ...both);
    expect([history('a'), history('b')]).toEqual([['7'], ['7']]);
  });

  it('is settled at one of its keys when no copy is answered, and refused for good', async () => {
    const end = fake.faults.always(HELD, onTransaction);
    await expect(commit(store, ...both)).rejects.toMatchObject({ code: 'unavailable' });
    end();
    expect(fake.held.length).toBeGreaterThan(1);
    fake.deliverHeld();
    expect([await valueOf('a'), await valueOf('b')]).toEqual([undefined, undefined]);
  });

  it('is settled at one of its keys when no copy is answered, and acknowledged', async () => {
    const end = fake.faults.always(LOST, onTransaction);
    await commit(store, ...both);
    end();
    expect([history('a'), history('b')]).toEqual([['7'], ['7']]);
  });
});
