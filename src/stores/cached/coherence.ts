/**
 * Keeps cached records right while anybody writes the table.
 *
 * - The higher version of a record wins, wherever it comes from.
 * - Nothing is cached but what was read consistently, what this node has committed, and what the
 *   stream shows; and nothing while the stream is not followed.
 * - An answer that the stream has overtaken on its way is asked for again (flights.ts).
 * - Nothing older than what has been here comes back (floors.ts): a record of the stream does not
 *   enter when this node may have known a newer one.
 * - Who has seen one record of a transaction sees the others (`tx` of the items).
 */
import type { Key, KeyRef, Rec } from '../../store/record';
import { itemKey } from '../dynamodb/item-key';
import { groupsOf, placeName } from '../dynamodb/siblings';
import { Entry, isWorthKeeping } from './entry';
import { Flights, type Flight } from './flights';
import { Floors } from './floors';
import { RecordCache } from './record-cache';

/** More floors than this: it is cheaper to begin anew. */
const MAX_FLOORS = 500_000;
/** Siblings of older commits have been seen long since: see siblings.ts. */
const SIBLINGS_MS = 10_000;

export interface CoherenceParts {
  readonly maxBytes: number;
  /** Whether records that only the stream has brought are kept. */
  readonly populate: boolean;
  monotonicMs(): number;
  nowMs(): number;
  /** All that was written before, on the monotonic clock, has come by the stream. */
  seenMs(): number;
}

export class Coherence {
  readonly cache: RecordCache;
  populated = 0;
  private readonly floors = new Floors();
  private readonly flights = new Flights();
  /** Rises when everything is dropped, and when nothing is missed any more. */
  private epoch = 0;
  private following = false;
  /** Before all that was written until then has come, a record of the stream may be older than what was here. */
  private newSinceMs = Infinity;

  constructor(private readonly parts: CoherenceParts) {
    this.cache = new RecordCache(parts.maxBytes, (entry) => this.left(entry));
  }

  get floorCount(): number {
    return this.floors.size;
  }

  /** The record of a key, or of its absence. Whether the cache is fresh is the caller's to know. */
  use(db: number, key: Key): Entry | undefined {
    const entry = this.cache.use(db, key);
    if (entry === undefined || this.floors.size === 0) return entry;
    entry.itemPlace ??= placeName(itemKey({ db, key }));
    if (this.floors.at(entry.itemPlace) <= entry.rec.version) return entry;
    this.cache.remove(entry);
    return undefined;
  }

  /** Every shard is followed: from now on nothing is missed. What is on its way was asked for before. */
  follow(): void {
    this.epoch++;
    this.following = true;
    this.newSinceMs = this.parts.monotonicMs();
  }

  /** Drops everything, also what is on its way. @param following whether the stream goes on */
  drop(following: boolean): void {
    this.epoch++;
    this.following = following;
    this.newSinceMs = this.parts.monotonicMs();
    this.cache.clear();
    this.floors.clear();
  }

  begin(ref: KeyRef): Flight {
    const place = placeName(itemKey(ref));
    return this.flights.begin(ref, place, this.parts.monotonicMs(), this.epoch);
  }

  end(flight: Flight): void {
    this.flights.end(flight);
  }

  /**
   * Takes what a consistent read has answered, or a commit of this node.
   * @returns false if more has been seen meanwhile: it must be read again
   */
  loaded(flight: Flight, rec: Rec): boolean {
    if (this.isOvertaken(flight, rec)) {
      this.removeOlder(flight, rec);
      return false;
    }
    // Others may have been answered before, and be longer on their way.
    this.flights.raise(flight.place, rec.version);
    this.keep(flight, rec);
    return true;
  }

  /** Whether an answer is older than what has been seen since it was asked for. */
  isOvertaken({ floor, overtaken }: Flight, { version }: Rec): boolean {
    return overtaken || version < floor;
  }

  /** Whether a record that was at hand is known to be old by now. */
  isBelowFloor(ref: KeyRef, { version }: Rec): boolean {
    return this.floors.size > 0 && this.floors.at(placeName(itemKey(ref))) > version;
  }

  /** Whether the stream has shown this version of a cached key. */
  isSeen({ db, key }: KeyRef, version: number, seenMs: number): boolean {
    const entry = this.cache.find(db, key);
    return entry !== undefined && entry.rec.version === version && entry.asOfMs < seenMs;
  }

  /** Takes the newer records that stood in the way of a commit: whoever saw them sees nothing older. */
  refused(
    flights: readonly Flight[],
    recs: readonly { readonly db: number; readonly rec: Rec }[],
  ): void {
    for (const { db, rec } of recs) {
      const flight = flights.find((each) => each.db === db && each.key === rec.key);
      if (flight !== undefined) this.loaded(flight, rec);
    }
  }

  /** Nobody knows what became of a write: whoever reads it next asks the table. */
  forget({ db, key }: KeyRef): void {
    const entry = this.cache.find(db, key);
    if (entry === undefined) return;
    this.cache.remove(entry);
    this.left(entry);
  }

  /** Takes a record of the stream. */
  applied(db: number, place: string, rec: Rec): void {
    const { version } = rec;
    this.flights.raise(place, version);
    const entry = this.cache.find(db, rec.key);
    if (entry !== undefined) {
      if (this.isUnknownAbsence(entry)) this.forget({ db, key: rec.key });
      else if (version > entry.rec.version) this.replace(entry, rec, -Infinity);
    } else if (this.mayEnter(place, rec)) {
      const added = new Entry(db, rec, -Infinity);
      added.itemPlace = place;
      this.cache.add(added, false);
      this.populated++;
    }
    this.floors.passed(place, version);
  }

  /** The item is gone from the table: its time was up, or somebody has deleted it. */
  removed({ db, key }: KeyRef, place: string, version: number): void {
    this.flights.removed(place);
    const entry = this.cache.find(db, key);
    if (entry !== undefined && entry.rec.version <= version) this.cache.remove(entry);
  }

  /** Learns from the `tx` of an item what else the commits wrote that it was part of. */
  siblings(tx: Uint8Array): void {
    const nowMs = this.parts.monotonicMs();
    const sinceMs = this.parts.nowMs() - SIBLINGS_MS;
    for (const { committedAtMs, members } of groupsOf(tx)) {
      if (committedAtMs < sinceMs) continue;
      for (const { place, version } of members) {
        const name = place.latin1Slice();
        this.flights.raise(name, version);
        // Nothing is cached meanwhile that they could be for.
        if (this.following) this.floors.raise(name, version, nowMs);
      }
    }
  }

  /** Forgets what the stream has caught up with. Now and then. */
  tidy(): void {
    this.floors.forgetBefore(this.parts.seenMs());
    if (this.floors.size > MAX_FLOORS) this.drop(this.following);
  }

  /** A newer record was here and cannot be kept. */
  private removeOlder({ db, key }: KeyRef, { version }: Rec): void {
    const entry = this.cache.find(db, key);
    if (entry !== undefined && entry.rec.version < version) this.cache.remove(entry);
  }

  private keep({ db, key, epoch, place }: Flight, rec: Rec): void {
    if (!this.following) return;
    const asOfMs = this.parts.monotonicMs();
    if (epoch !== this.epoch) {
      // The stream may have shown more when nobody listened. But nothing older comes any more.
      this.floors.raise(place, rec.version === 0 ? Infinity : rec.version, asOfMs);
      return;
    }
    const entry = this.cache.use(db, key);
    if (entry !== undefined) {
      // No item at all has no version; what was seen since it was asked for has been ruled out.
      if (rec.version >= entry.rec.version || rec.version === 0) this.replace(entry, rec, asOfMs);
      return;
    }
    const added = new Entry(db, rec, asOfMs);
    added.itemPlace = place;
    this.cache.add(added, true);
  }

  private replace(entry: Entry, rec: Rec, asOfMs: number): void {
    this.cache.resized(entry, entry.replace(rec, asOfMs));
  }

  private mayEnter(place: string, rec: Rec): boolean {
    const { populate, seenMs, nowMs } = this.parts;
    if (!populate || !this.following) return false;
    if (this.newSinceMs > -Infinity) {
      if (seenMs() <= this.newSinceMs) return false;
      this.newSinceMs = -Infinity;
    }
    return this.floors.at(place) <= rec.version && isWorthKeeping(rec, nowMs());
  }

  /**
   * Whether there was no item, so that nothing tells if a record of the stream is of before or
   * after: another program may have deleted it.
   */
  private isUnknownAbsence({ rec, asOfMs }: Entry): boolean {
    return rec.version === 0 && asOfMs >= this.parts.seenMs();
  }

  /** An entry has gone. If older records of its key may still come by the stream, they are known as such. */
  private left(entry: Entry): void {
    const { db, rec, asOfMs, itemPlace } = entry;
    const { monotonicMs, seenMs } = this.parts;
    if (asOfMs < seenMs()) return;
    this.floors.raise(
      itemPlace ?? placeName(itemKey({ db, key: rec.key })),
      this.isUnknownAbsence(entry) ? Infinity : rec.version,
      monotonicMs(),
    );
  }
}
