import type { Bytes } from '../lib/bytes';
import type { EventClass } from '../store/change';
import { isLive, type Key } from '../store/record';
import type { EventSink } from './engine';
import type { ServerPort } from './ports';
import type { Entry } from './staged-entry';

/** What a run has to say to subscribers: kept, in its order, until the run is final. */
export class Outbox {
  private readonly items: (() => void)[] = [];

  constructor(
    private readonly server: ServerPort,
    private readonly sink: EventSink | undefined,
  ) {}

  event(eventClass: EventClass, event: string, db: number, key: Key): void {
    const { sink } = this;
    if (sink !== undefined) this.items.push(() => sink(eventClass, event, db, key));
  }

  /** The run creates a key. If it had expired, that is said first: until now nobody has. */
  creation(entry: Entry): void {
    const { db, key } = entry;
    if (entry.lapsed) this.event('x', 'expired', db, key);
    entry.lapsed = false;
    this.event('n', 'new', db, key);
  }

  /**
   * The same after a blind write: whether it has created the key is known when the commit has told
   * what was there. Where the store does not know it, nothing is said.
   */
  blindWrite(entry: Entry, nowMs: number): void {
    const { sink } = this;
    if (sink === undefined) return;
    this.items.push(() => {
      const { base, db, key } = entry;
      if (base === undefined || isLive(base, nowMs)) return;
      if (base.value !== undefined) sink('x', 'expired', db, key);
      sink('n', 'new', db, key);
    });
  }

  /** The number is that of now: until it is sent others may come and go. */
  publish(kind: 'channel' | 'shard', channel: string, payload: Bytes): number {
    const { hub } = this.server;
    const method = kind === 'channel' ? 'publish' : 'publishToShard';
    this.items.push(() => hub[method](channel, payload));
    return hub.receivers(kind, channel);
  }

  send(): void {
    for (const item of this.items) item();
  }
}
