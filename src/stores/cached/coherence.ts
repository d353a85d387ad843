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
import type { StoreError } from '../../errors';
import { NO_EXPIRY, UnreadableRec, type Key, type KeyRef, type Rec } from '../../store/record';
import type { Ref } from '../../store/records/arena';
import { itemKey } from '../dynamodb/item-key';
import { groupsOf, placeName } from '../dynamodb/siblings';
import { Flights, type Flight } from './flights';
import { Floors, tagOf } from './floors';
import { isWorthKeeping } from './lazy-rec';
import { RecordCache } from './record-cache';

/** More floors than this: what else leaves the cache is not remembered one by one. */
const MAX_FLOORS = 100_000;
/** More floors of siblings: it is cheaper to begin anew. */
const MAX_SIBLINGS = 200_000;
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
  /** There is more to be remembered than there is room for: everything is to be dropped. */
  onFull(): void;
  /** A record cannot be decoded: who wanted it asks the table, which says why. */
  readonly onUnreadable: (db: number, error: StoreError) => void;
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
    const left = (db: number, ref: Ref): void => this.left(db, ref);
    this.cache = new RecordCache(parts.maxBytes, left, parts.onUnreadable);
  }

  get floorCount(): number {
    return this.floors.size;
  }

  /** The record of a key, or of its absence; 0: none. Whether the cache is fresh is the caller's to know. */
  use(db: number, key: Key): Ref {
    const { cache, floors } = this;
    const ref = cache.use(db, key);
    if (ref === 0 || floors.size === 0 || !floors.mayHave(cache.tag(ref))) return ref;
    if (floors.at(placeName(itemKey({ db, key }))) <= cache.version(ref)) return ref;
    cache.remove(db, key, ref);
    return 0;
  }

  recAt(ref: Ref): Rec {
    const { cache } = this;
    const [key, version] = [cache.key(ref), cache.version(ref)];
    if (cache.isAbsence(ref)) return { key, value: undefined, version, expiresAtMs: NO_EXPIRY };
    return { key, value: cache.value(ref), version, expiresAtMs: cache.expiresAtMs(ref) };
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
    const known = this.floors.at(place);
    // An absence that was here has no version.
    const floor = known === Infinity ? 0 : known;
    return this.flights.begin(ref, place, floor, this.parts.monotonicMs(), this.epoch);
  }

  end(flight: Flight): void {
    this.flights.end(flight);
  }

  /**
   * Takes what a consistent read has answered, or a commit of this node.
   * @returns false if more has been seen meanwhile: it must be read again
   */
  loaded(flight: Flight, rec: Rec): boolean {
    if (rec instanceof UnreadableRec) {
      this.forget(flight);
      return true;
    }
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
  isOvertaken({ floor, overtaken }: Flight, rec: Rec): boolean {
    // What cannot be read may never have the version that is waited for.
    if (rec instanceof UnreadableRec) return false;
    return overtaken || rec.version < floor;
  }

  /** Whether a record that was at hand is known to be old by now. */
  isBelowFloor(ref: KeyRef, { version }: Rec): boolean {
    return this.floors.size > 0 && this.floors.at(placeName(itemKey(ref))) > version;
  }

  /** Whether the stream has shown this version of a cached key. */
  isSeen({ db, key }: KeyRef, version: number, seenMs: number): boolean {
    const { cache } = this;
    const ref = cache.find(db, key);
    return ref !== 0 && cache.version(ref) === version && cache.asOfMs(ref) < seenMs;
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
    const ref = this.cache.find(db, key);
    if (ref === 0) return;
    this.left(db, ref);
    this.cache.remove(db, key, ref);
  }

  /** Takes a record of the stream. */
  applied(db: number, place: string, rec: Rec): void {
    const { cache } = this;
    const { key, version } = rec;
    this.flights.raise(place, version);
    const ref = cache.find(db, key);
    if (ref !== 0) {
      if (this.isUnknownAbsence(ref)) this.forget({ db, key });
      else if (version > cache.version(ref)) cache.replace(db, key, ref, rec, -Infinity);
    } else if (this.mayEnter(place, rec)) {
      cache.add(db, rec, { asOfMs: -Infinity, tag: tagOf(place) }, false);
      this.populated++;
    }
    this.floors.passed(place, version);
  }

  /** The item is gone from the table: its time was up, or somebody has deleted it. */
  removed({ db, key }: KeyRef, place: string, version: number): void {
    this.flights.removed(place);
    // What another program deletes has no version any more that somebody could wait for.
    if (version < Infinity) this.floors.passed(place, version);
    const ref = this.cache.find(db, key);
    if (ref !== 0 && this.cache.version(ref) <= version) this.cache.remove(db, key, ref);
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
    if (this.floors.size > MAX_SIBLINGS) this.parts.onFull();
  }

  /** Forgets what the stream has caught up with. Now and then. */
  tidy(): void {
    this.floors.forgetBefore(this.parts.seenMs());
  }

  /** A newer record was here and cannot be kept. */
  private removeOlder({ db, key }: KeyRef, { version }: Rec): void {
    const ref = this.cache.find(db, key);
    if (ref !== 0 && this.cache.version(ref) < version) this.cache.remove(db, key, ref);
  }

  private keep({ db, key, epoch, place }: Flight, rec: Rec): void {
    if (!this.following) return;
    const { cache } = this;
    const asOfMs = this.parts.monotonicMs();
    if (epoch !== this.epoch) {
      // The stream may have shown more when nobody listened. But nothing older comes any more.
      this.keepOut(place, rec.version === 0 ? Infinity : rec.version);
      return;
    }
    const ref = cache.use(db, key);
    // This was no hit.
    cache.moreUnits = 0;
    if (ref === 0) cache.add(db, rec, { asOfMs, tag: tagOf(place) }, true);
    // No item at all has no version; what was seen since it was asked for has been ruled out.
    else if (rec.version >= cache.version(ref) || rec.version === 0) {
      cache.replace(db, key, ref, rec, asOfMs);
    }
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
  private isUnknownAbsence(ref: Ref): boolean {
    const { cache, parts } = this;
    return cache.version(ref) === 0 && cache.asOfMs(ref) >= parts.seenMs();
  }

  /** A record goes. If older ones of its key may still come by the stream, they are known as such. */
  private left(db: number, ref: Ref): void {
    const { cache } = this;
    if (cache.asOfMs(ref) < this.parts.seenMs()) return;
    this.keepOut(
      placeName(itemKey({ db, key: cache.key(ref) })),
      this.isUnknownAbsence(ref) ? Infinity : cache.version(ref),
    );
  }

  /** Lets no record of the stream in that is older than what this node has known. */
  private keepOut(place: string, version: number): void {
    const nowMs = this.parts.monotonicMs();
    if (this.floors.size < MAX_FLOORS) this.floors.raise(place, version, nowMs);
    // The stream is late, or stands still: none enters before it has come so far.
    else this.newSinceMs = nowMs;
  }
}
