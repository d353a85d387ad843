/**
 * `maxmemory`: before a command runs, keys go until what is counted is within the limit.
 *
 * Which ones is the policy's choice among a few random samples, and a pool keeps the best of earlier
 * samples (EvictionPool). `volatile-ttl` samples, too, though the store knows the next key to expire:
 * in a cache whose keys have deadlines of their own it would always be the key that came last, and
 * the hit ratio a third of Redis's. What takes longer than `maxmemory-eviction-tenacity` allows goes on between commands.
 * Source: performEvictions in evict.c of Redis 7.0
 */
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import type { InPlaceStore, RecRef } from '../store/in-place';
import { NO_EXPIRY, type KeyRef } from '../store/record';
import { EvictionPool } from './eviction-pool';
import { Lfu, idleSecondsOf } from './lfu';
import type { MemoryContext } from './memory-context';

export type EvictionPolicy =
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'noeviction';

/** What an empty server counts, as Redis counts itself: about as many keys then fit into a limit. */
const EMPTY_SERVER_BYTES = 880 * 1024;
/** Keys between two looks at the time. */
const KEYS_PER_CLOCK_READING = 16;
/** Keys that are counted between two looks at the time, and how long that may take at once. */
const COUNT_STEP_KEYS = 512;
const FIRST_COUNT_MS = 20;
const COUNT_SLICE_MS = 4;

/** The higher, the sooner a key goes. */
type Score = (db: number, ref: RecRef) => number;

/** `running`: time is up, and there is more to evict. `failed`: there is nothing to evict. */
type Outcome = 'done' | 'running' | 'failed';

export class Eviction {
  samples = 5;
  /** `maxmemory-eviction-tenacity`, 0 to 100. */
  tenacity = 10;
  /**
   * Bytes that the process needs beyond what is counted, where somebody measures that. They leave
   * less room for keys.
   */
  extraBytes = 0;
  /** Says no while nothing may change: during CLIENT PAUSE. */
  mayEvict = (): boolean => true;
  /** Is told how long a slice has taken. */
  onSlice: ((ms: number) => void) | undefined;
  /** The part of `usedBytes` that does not come from keys. */
  readonly emptyBytes = EMPTY_SERVER_BYTES;
  readonly lfu: Lfu;

  private limit = 0;
  private policyNow: EvictionPolicy = 'noeviction';
  private readonly pool = new EvictionPool();
  /** The database whose turn it is to lose a random key. */
  private nextDb = 0;
  private background: NodeJS.Immediate | undefined;

  constructor(
    private readonly store: InPlaceStore,
    private readonly databases: number,
    private readonly clock: Clock,
    random: Random,
    private readonly context: Pick<MemoryContext, 'evictKey' | 'lfu'>,
  ) {
    this.lfu = new Lfu(random);
  }

  /** Bytes; 0: no limit. */
  get limitBytes(): number {
    return this.limit;
  }

  /** A limit that is already exceeded begins to evict at once. */
  setLimit(bytes: number): void {
    this.limit = bytes;
    this.store.countObjects(bytes > 0);
    if (bytes === 0) this.stop();
    else if (this.countMore(FIRST_COUNT_MS) || this.usedBytes > bytes) this.goOn();
  }

  get policy(): EvictionPolicy {
    return this.policyNow;
  }

  set policy(policy: EvictionPolicy) {
    this.policyNow = policy;
    // The scores of different policies cannot be compared.
    this.pool.clear();
    this.context.lfu = policy.endsWith('lfu') ? this.lfu : undefined;
  }

  /** What is compared with the limit. */
  get usedBytes(): number {
    return EMPTY_SERVER_BYTES + this.store.countedBytes + this.extraBytes;
  }

  /**
   * Evicts what is too much, if it may.
   * @returns false if too much is used and nothing could be evicted
   */
  makeRoom(): boolean {
    if (this.usedBytes <= this.limit) return true;
    const outcome = this.evictSome();
    if (outcome === 'running') this.goOn();
    return outcome !== 'failed';
  }

  /** Ends what goes on between commands. */
  stop(): void {
    if (this.background !== undefined) clearImmediate(this.background);
    this.background = undefined;
  }

  private goOn(): void {
    this.background ??= setImmediate(() => {
      this.background = undefined;
      const counting = this.countMore(COUNT_SLICE_MS);
      if (this.evictSome() === 'running' || counting) this.goOn();
    });
  }

  /** @returns whether there is more to count */
  private countMore(forMs: number): boolean {
    const untilMs = this.clock.monotonicMs() + forMs;
    while (this.store.countMore(COUNT_STEP_KEYS)) {
      if (this.clock.monotonicMs() >= untilMs) return true;
    }
    return false;
  }

  private evictSome(): Outcome {
    if (this.usedBytes <= this.limit || !this.mayEvict()) return 'done';
    if (this.policyNow === 'noeviction') return 'failed';
    const startMs = this.clock.monotonicMs();
    const outcome = this.evictUntil(startMs + sliceMs(this.tenacity));
    this.onSlice?.(this.clock.monotonicMs() - startMs);
    return outcome;
  }

  private evictUntil(endMs: number): Outcome {
    const nowS = Math.floor(this.clock.nowMs() / 1000);
    for (let evicted = 1; ; evicted++) {
      const victim = this.victim(nowS);
      if (victim === undefined) return 'failed';
      this.context.evictKey(victim.db, victim.key);
      if (this.usedBytes <= this.limit) return 'done';
      if (evicted % KEYS_PER_CLOCK_READING === 0) {
        if (this.clock.monotonicMs() > endMs) return 'running';
      }
    }
  }

  private victim(nowS: number): KeyRef | undefined {
    const { lfu, store } = this;
    const idle: Score = (db, ref) => idleSecondsOf(store.usedAtS(db, ref), nowS);
    const rarity: Score = (db, ref) => -lfu.counter(store.usedAtS(db, ref), nowS);
    switch (this.policyNow) {
      case 'noeviction':
        return undefined;
      case 'volatile-ttl':
        return this.pooledVictim(true, (db, ref) => -store.expiresAtMs(db, ref));
      case 'allkeys-random':
        return this.randomVictim(false);
      case 'volatile-random':
        return this.randomVictim(true);
      case 'allkeys-lru':
        return this.pooledVictim(false, idle);
      case 'volatile-lru':
        return this.pooledVictim(true, idle);
      case 'allkeys-lfu':
        return this.pooledVictim(false, rarity);
      case 'volatile-lfu':
        return this.pooledVictim(true, rarity);
    }
  }

  /** The databases take turns. */
  private randomVictim(volatileOnly: boolean): KeyRef | undefined {
    for (let tries = 0; tries < this.databases; tries++) {
      const db = this.nextDb;
      this.nextDb = (db + 1) % this.databases;
      const ref = this.store.sample(db, volatileOnly);
      if (ref !== 0) return { db, key: this.store.keyAt(db, ref) };
    }
    return undefined;
  }

  private pooledVictim(volatileOnly: boolean, score: Score): KeyRef | undefined {
    while (this.fillPool(volatileOnly, score)) {
      for (let best = this.pool.take(); best !== undefined; best = this.pool.take()) {
        const ref = this.store.find(best.db, best.key);
        if (ref !== 0 && (!volatileOnly || this.isVolatile(best.db, ref))) return best;
      }
    }
    return undefined;
  }

  /** @returns false if there is nothing to draw from */
  private fillPool(volatileOnly: boolean, score: Score): boolean {
    let found = false;
    for (let db = 0; db < this.databases; db++) {
      for (let i = 0; i < this.samples; i++) {
        const ref = this.store.sample(db, volatileOnly);
        if (ref === 0) break;
        found = true;
        this.pool.offer(db, this.store.keyAt(db, ref), score(db, ref));
      }
    }
    return found;
  }

  private isVolatile(db: number, ref: RecRef): boolean {
    return this.store.expiresAtMs(db, ref) !== NO_EXPIRY;
  }
}

/**
 * How long a command may be kept waiting for evictions.
 * Source: evictionTimeLimitUs in evict.c
 */
function sliceMs(tenacity: number): number {
  if (tenacity <= 10) return 0.05 * tenacity;
  return tenacity < 100 ? 0.5 * 1.15 ** (tenacity - 10) : Infinity;
}
