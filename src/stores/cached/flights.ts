/**
 * Reads and writes that are on their way to the table. Each is registered before it is sent, so that
 * what the stream shows meanwhile is not forgotten: an answer that is older than that is asked for
 * again.
 */
import type { KeyRef } from '../../store/record';

export interface Flight extends KeyRef {
  readonly place: string;
  /** On the monotonic clock. */
  readonly sentMs: number;
  /** Of the cache, when it was sent: what comes back in another is not kept. */
  readonly epoch: number;
  /** An older answer has been overtaken. */
  floor: number;
  /** Any answer has been overtaken: the item was removed meanwhile. */
  overtaken: boolean;
}

export class Flights {
  private readonly byPlace = new Map<string, Set<Flight>>();

  /** @param floor a version that has been seen already; 0: none */
  begin(ref: KeyRef, place: string, floor: number, sentMs: number, epoch: number): Flight {
    const { db, key } = ref;
    const flight: Flight = { db, key, place, sentMs, epoch, floor, overtaken: false };
    const others = this.byPlace.get(place);
    if (others === undefined) this.byPlace.set(place, new Set([flight]));
    else others.add(flight);
    return flight;
  }

  end(flight: Flight): void {
    const flights = this.byPlace.get(flight.place);
    flights?.delete(flight);
    if (flights?.size === 0) this.byPlace.delete(flight.place);
  }

  /** A version of the place has been seen. */
  raise(place: string, version: number): void {
    for (const flight of this.byPlace.get(place) ?? []) {
      flight.floor = Math.max(flight.floor, version);
    }
  }

  /** The item at the place has been removed, by whoever removes old items. */
  removed(place: string): void {
    for (const flight of this.byPlace.get(place) ?? []) flight.overtaken = true;
  }
}
