/**
 * Which events of a key this node has sent, so that each goes out once, in the order of the commits.
 * Those of its own commits may go at once, if all before them have gone; everything else comes by
 * the stream.
 */
import { LOST_MS } from '../../follower/beacons';

/** Of so many keys the last version is remembered whose events were sent. */
const MAX_REMEMBERED = 100_000;
/** What the stream has not brought after so long it will not bring: a follower gives up sooner. */
const AWAITED_MS = 1.1 * LOST_MS;

interface Awaited {
  readonly version: number;
  readonly sinceMs: number;
}

export class Announcements {
  /** By place, versions whose events were sent, the latest last. */
  private readonly sent = new Map<string, number>();
  /** By place, the latest commit of this node whose events were sent before the stream brings it. */
  private readonly awaited = new Map<string, Awaited>();

  /** @param base the version that this node's commit was made on */
  haveSent(place: string, base: number): boolean {
    return (this.sent.get(place) ?? 0) >= base;
  }

  /** This node sends the events of its own commit now. */
  sentOwn(place: string, version: number, nowMs: number): void {
    this.remember(place, version);
    this.awaited.delete(place);
    this.awaited.set(place, { version, sinceMs: nowMs });
    for (const [other, { sinceMs }] of this.awaited) {
      if (sinceMs > nowMs - AWAITED_MS) break;
      this.awaited.delete(other);
    }
  }

  /**
   * The stream brings a version.
   * @returns whether its events are to be sent now
   */
  arrived(place: string, version: number): boolean {
    const awaited = this.awaited.get(place);
    if (awaited !== undefined && version >= awaited.version) this.awaited.delete(place);
    const isSent = (awaited?.version ?? 0) >= version || this.haveSent(place, version);
    if (!isSent) this.remember(place, version);
    return !isSent;
  }

  /** The item is gone; a later one may begin anywhere. */
  removed(place: string): void {
    this.sent.delete(place);
  }

  private remember(place: string, version: number): void {
    this.sent.delete(place);
    this.sent.set(place, version);
    if (this.sent.size > MAX_REMEMBERED) this.sent.delete(this.sent.keys().next().value!);
  }
}
