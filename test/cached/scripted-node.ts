/** A node's store with a cache, in a scene. */
import { BLIND, type CommitResult } from '../../src/store/change';
import { NO_EXPIRY, type Rec } from '../../src/store/record';
import type { Value } from '../../src/values/value';
import type { FollowedStore } from '../../src/stores/cached/followed-store';
import { openCachedStore, type CachedStoreOptions } from '../support/fake-dynamodb/cached-store';
import type { OwnClock } from '../support/fake-dynamodb/own-clock';
import type { Scene } from '../support/fake-dynamodb/scene';

/** Room for a few small records. */
export const FEW_BYTES = 1200;

export class ScriptedNode {
  /** Opens it; whether its stream is followed yet is the caller's to wait for. */
  static async open(
    scene: Scene,
    options: Omit<CachedStoreOptions, 'clock' | 'traffic'> = {},
  ): Promise<ScriptedNode> {
    const clock = scene.ownClock();
    const { traffic, fake } = scene;
    const store = await openCachedStore(fake.endpoint, { ...options, clock, traffic });
    return new ScriptedNode(scene, store, clock);
  }

  private constructor(
    private readonly scene: Scene,
    readonly store: FollowedStore,
    readonly clock: OwnClock,
  ) {}

  /** Time passes until its cache is provably fresh and all that was written before is in it. */
  async caughtUp(): Promise<void> {
    let isThere = false;
    void this.store.follower.caughtUp().then(() => (isThere = true));
    await this.scene.passUntil(() => isThere);
  }

  /** What a client with bounded reads gets; null: the key is absent. */
  async get(key: string): Promise<Value | null> {
    const cached = this.cached(key);
    return cached === undefined ? (await this.mget(key))[0]! : cached;
  }

  /** The same without a request to the table; undefined: it would take one. */
  cached(key: string): Value | null | undefined {
    const rec = this.store.peek(0, key);
    return rec && valueOf(rec);
  }

  /** Together, as MGET reads them. */
  async mget(...keys: string[]): Promise<(Value | null)[]> {
    const refs = keys.map((key) => ({ db: 0, key }));
    return (await this.store.load(refs, 'each', 'bounded')).map(valueOf);
  }

  /** SET: whatever is there. */
  async set(key: string, value: Value): Promise<CommitResult> {
    return this.commit([key, value]);
  }

  /** DEL, likewise. */
  async del(key: string): Promise<CommitResult> {
    return this.commit([key, undefined]);
  }

  /** MSET: as one transaction. */
  async commit(...values: [key: string, value: Value | undefined][]): Promise<CommitResult> {
    const changes = values.map(([key, value]) => ({
      db: 0,
      key,
      value,
      expiresAtMs: NO_EXPIRY,
      base: BLIND,
      events: [],
    }));
    return this.store.commit(changes, []);
  }

  /** A figure of INFO cache. */
  figure(name: string): number | string {
    return this.store.stats()['Cache']![name]!;
  }

  /** Reads so many others that none of the keys is left in a cache that has room for few. */
  async evict(...keys: string[]): Promise<void> {
    const evicted = (): number => Number(this.figure('evicted'));
    const before = evicted();
    // What nobody has read yet is in a part of its own.
    for (const key of keys) this.cached(key);
    // Twice as many as there is room for: what was used has two lives.
    await this.mget(...Array.from({ length: 30 }, (_, i) => `filler ${before} ${i}`));
    expect(evicted()).toBeGreaterThanOrEqual(before + keys.length);
  }

  async close(): Promise<void> {
    await this.store.close();
  }
}

function valueOf({ value }: Rec): Value | null {
  return value ?? null;
}
