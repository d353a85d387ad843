import { StoreError } from '../errors';
import type { Clock } from '../lib/clock';
import { refId, type KeyRef, type Rec } from '../store/record';
import type { Consistency, Store } from '../store/store';
import type { Costs } from './costs';

/**
 * A load may be on its way for long: its answer could be older than the store's bound by the time
 * when a reader of now gets it. No bound is shorter than this.
 */
const MAX_SHARED_MS = 100;

interface Waiting {
  readonly ref: KeyRef;
  readonly promise: Promise<Rec>;
  readonly resolve: (rec: Rec) => void;
  readonly reject: (error: unknown) => void;
  /** The commands that wait. */
  readonly payers: string[];
  consistency: Consistency;
}

interface UnderWay {
  readonly promise: Promise<Rec>;
  /** By both clocks: one stands still while the machine sleeps, one may be set. */
  readonly sentMs: number;
  readonly sentAtMs: number;
}

/**
 * Loads of single keys. Misses of one turn of the event loop go to the store together, and readers
 * of the same key share a load: a strong one only if it came before the load was sent, else it
 * could see less than a write acknowledged before it; a bounded one also while the load is under
 * way, for a short time, unless this node has written the key since.
 */
export class Loader {
  private waiting = new Map<string, Waiting>();
  private readonly underWay = new Map<string, UnderWay>();
  private sent = 0;

  /** Is told of every record that comes. */
  onLoaded: (db: number, rec: Rec) => void = () => {};

  constructor(
    private readonly store: Store,
    private readonly costs: Costs,
    private readonly clock: Clock,
  ) {}

  /** How many loads have been sent, batches counted once: a clock for "before" and "after". */
  get count(): number {
    return this.sent;
  }

  /** Counts something that is as good as a load sent now. */
  tick(): number {
    return ++this.sent;
  }

  /** @param payer the name of the command that needs it */
  load(key: KeyRef, consistency: Consistency, payer: string): Promise<Rec> {
    const id = refId(key.db, key.key);
    if (consistency === 'bounded') {
      const shared = this.underWay.get(id);
      if (shared !== undefined && this.mayShare(shared)) return shared.promise;
    }
    const waiting = this.waiting.get(id);
    if (waiting !== undefined) {
      waiting.payers.push(payer);
      if (consistency === 'strong') waiting.consistency = 'strong';
      return waiting.promise;
    }
    let resolve!: (rec: Rec) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<Rec>((onOk, onFailure) => {
      resolve = onOk;
      reject = onFailure;
    });
    if (this.waiting.size === 0) setImmediate(() => this.send());
    this.waiting.set(id, { ref: key, promise, resolve, reject, payers: [payer], consistency });
    return promise;
  }

  /** A load of several keys for one reader, sent at once. */
  async loadTogether(
    keys: readonly KeyRef[],
    need: 'snapshot' | 'each',
    consistency: Consistency,
  ): Promise<readonly Rec[]> {
    this.sent++;
    const recs = await this.store.load(keys, need, consistency);
    keys.forEach(({ db }, i) => this.onLoaded(db, recs[i]!));
    return recs;
  }

  /** The same of any number of keys: as of several moments if they are too many for one. */
  async loadInMoments(keys: readonly KeyRef[], consistency: Consistency): Promise<readonly Rec[]> {
    const { maxKeys = Infinity } = this.store;
    try {
      if (keys.length <= maxKeys) return await this.loadTogether(keys, 'snapshot', consistency);
    } catch (error) {
      const tooLarge = error instanceof StoreError && error.code === 'limit';
      if (!tooLarge || keys.length === 1) throw error;
    }
    const recs: Rec[] = [];
    const step = Math.min(maxKeys, Math.ceil(keys.length / 2));
    for (let at = 0; at < keys.length; at += step) {
      recs.push(...(await this.loadInMoments(keys.slice(at, at + step), consistency)));
    }
    return recs;
  }

  /** This node has written the key: who reads from now on must not share a load sent before. */
  forget(ref: string): void {
    this.underWay.delete(ref);
  }

  /** The same of all keys: a flush, a swap. */
  forgetAll(): void {
    this.underWay.clear();
  }

  private mayShare({ sentMs, sentAtMs }: UnderWay): boolean {
    const { clock } = this;
    return (
      clock.monotonicMs() - sentMs <= MAX_SHARED_MS && clock.nowMs() - sentAtMs <= MAX_SHARED_MS
    );
  }

  private send(): void {
    const batch = this.waiting;
    this.waiting = new Map();
    this.sent++;
    for (const consistency of ['strong', 'bounded'] as const) {
      const part = [...batch.values()].filter((waiting) => waiting.consistency === consistency);
      if (part.length > 0) void this.sendPart(part, consistency);
    }
  }

  private async sendPart(part: readonly Waiting[], consistency: Consistency): Promise<void> {
    const here = new Set<Waiting>();
    const arrived = (waiting: Waiting, rec: Rec): void => {
      here.add(waiting);
      this.landed(waiting);
      waiting.resolve(rec);
    };
    const sentMs = this.clock.monotonicMs();
    const sentAtMs = this.clock.nowMs();
    for (const { ref, promise } of part) {
      this.underWay.set(refId(ref.db, ref.key), { promise, sentMs, sentAtMs });
    }
    try {
      const keys = part.map(({ ref }) => ref);
      const recs = await this.costs.charge(
        () => part.flatMap(({ payers }) => payers),
        // Nobody waits for a key that is late but who asked for it.
        () => this.store.load(keys, 'each', consistency, (rec, i) => arrived(part[i]!, rec)),
      );
      part.forEach((waiting, i) => {
        this.onLoaded(waiting.ref.db, recs[i]!);
        arrived(waiting, recs[i]!);
      });
    } catch (error) {
      for (const waiting of part) {
        if (here.has(waiting)) continue;
        this.landed(waiting);
        waiting.reject(error);
      }
    }
  }

  private landed({ ref, promise }: Waiting): void {
    const id = refId(ref.db, ref.key);
    if (this.underWay.get(id)?.promise === promise) this.underWay.delete(id);
  }
}
