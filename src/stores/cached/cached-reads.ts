/**
 * Reads through the cache: what is not in it is read consistently, and again if the stream, or what
 * another record tells of its siblings, has overtaken the answer.
 */
import type { Clock } from '../../lib/clock';
import type { KeyRef, Key, Rec } from '../../store/record';
import type { Consistency, Store } from '../../store/store';
import type { OnRec } from '../dynamodb/reads';
import type { Coherence } from './coherence';
import type { Flight } from './flights';

/** So often an answer that was overtaken is asked for again at once, then after pauses. */
const IMMEDIATE_TRIES = 3;
/** Then what the table answers is believed: another program may have deleted what is waited for. */
const MAX_TRIES = 10;

export class CachedReads {
  constructor(
    private readonly base: Pick<Store, 'load' | 'maxKeys'>,
    private readonly coherence: Coherence,
    private readonly peek: (db: number, key: Key) => Rec | undefined,
    /** Told how many keys were not at hand. */
    private readonly missed: (keys: number) => void,
    private readonly clock: Clock,
  ) {}

  /** Every key by itself, and none older than what another of them tells of it. */
  async each(
    keys: readonly KeyRef[],
    consistency: Consistency,
    onRec: OnRec | undefined,
  ): Promise<readonly Rec[]> {
    const recs: Rec[] = [];
    const flights: (Flight | undefined)[] = [];
    let missing: number[] = [];
    keys.forEach(({ db, key }, i) => {
      const rec = consistency === 'bounded' ? this.peek(db, key) : undefined;
      if (rec === undefined) missing.push(i);
      else recs[i] = rec;
    });
    this.missed(missing.length);
    try {
      for (let tries = 1; missing.length > 0; tries++) {
        if (tries > MAX_TRIES) return await this.asOfOneMoment(keys, recs);
        await this.pause(tries);
        await this.fetch(keys, missing, flights, recs, onRec);
        // What one record told of its siblings may have overtaken another.
        missing = keys.flatMap((_key, i) => (this.isOld(keys[i]!, recs[i], flights[i]) ? [i] : []));
      }
    } finally {
      for (const flight of flights) if (flight !== undefined) this.coherence.end(flight);
    }
    return recs;
  }

  private async fetch(
    keys: readonly KeyRef[],
    missing: readonly number[],
    flights: (Flight | undefined)[],
    recs: Rec[],
    onRec: OnRec | undefined,
  ): Promise<void> {
    for (const i of missing) {
      const before = flights[i];
      if (before !== undefined) this.coherence.end(before);
      flights[i] = this.coherence.begin(keys[i]!);
    }
    const landed = new Set<number>();
    const land = (rec: Rec, at: number): void => {
      const i = missing[at]!;
      if (landed.has(at)) return;
      landed.add(at);
      recs[i] = rec;
      // Others wait for this key alone, and must not for those that are late.
      if (this.coherence.loaded(flights[i]!, rec)) onRec?.(rec, i);
    };
    const loaded = await this.base.load(
      missing.map((i) => keys[i]!),
      'each',
      'strong',
      land,
    );
    loaded.forEach(land);
  }

  /** Whether more has been seen of a key than the record that is to be answered. */
  private isOld(ref: KeyRef, rec: Rec | undefined, flight: Flight | undefined): boolean {
    if (rec === undefined) return true;
    return flight === undefined
      ? this.coherence.isBelowFloor(ref, rec)
      : this.coherence.isOvertaken(flight, rec);
  }

  /** Of one moment, so that they show no half of a transaction, if there are not too many for that. */
  private asOfOneMoment(
    keys: readonly KeyRef[],
    recs: readonly Rec[],
  ): readonly Rec[] | Promise<readonly Rec[]> {
    return keys.length > (this.base.maxKeys ?? Infinity)
      ? recs
      : this.base.load(keys, 'snapshot', 'strong');
  }

  private async pause(tries: number): Promise<void> {
    if (tries <= IMMEDIATE_TRIES) return;
    const pauseMs = 2 ** (tries - IMMEDIATE_TRIES);
    await new Promise<void>((resolve) => void this.clock.after(pauseMs, resolve));
  }

  /** All as of one moment. */
  async snapshot(keys: readonly KeyRef[]): Promise<readonly Rec[]> {
    for (let tries = 1; ; tries++) {
      await this.pause(tries);
      const flights = keys.map((key) => this.coherence.begin(key));
      try {
        const recs = await this.base.load(keys, 'snapshot', 'strong');
        const overtaken = recs.filter((rec, i) => !this.coherence.loaded(flights[i]!, rec));
        if (overtaken.length === 0 || tries === MAX_TRIES) return recs;
      } finally {
        for (const flight of flights) this.coherence.end(flight);
      }
    }
  }
}
