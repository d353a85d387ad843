import type { Bytes } from '../lib/bytes';
import type { EventClass } from '../store/change';
import { isLive, refId, type Key } from '../store/record';
import type { EventSink } from './engine';
import type { ServerPort } from './ports';
import type { Entry } from './staged-entry';

interface Item {
  /** The key that it tells of; undefined: it is no part of what the commit does to a key. */
  readonly ref: string | undefined;
  readonly send: () => void;
}

/** A key that is missed here is no news of the commit to others. */
const NOT_COMMITTED: ReadonlySet<EventClass> = new Set(['m']);

/** What a run has to say to subscribers: kept, in its order, until the run is final. */
export class Outbox {
  private readonly items: Item[] = [];

  constructor(
    private readonly server: ServerPort,
    private readonly sink: EventSink | undefined,
  ) {}

  event(eventClass: EventClass, event: string, db: number, key: Key): void {
    const { sink } = this;
    if (sink === undefined) return;
    const ref = NOT_COMMITTED.has(eventClass) ? undefined : refId(db, key);
    this.items.push({ ref, send: () => sink(eventClass, event, db, key) });
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
    const send = (): void => {
      const { base, db, key } = entry;
      if (base === undefined || isLive(base, nowMs)) return;
      if (base.value !== undefined) sink('x', 'expired', db, key);
      sink('n', 'new', db, key);
    };
    this.items.push({ ref: refId(entry.db, entry.key), send });
  }

  /** The number is that of now: until it is sent others may come and go. */
  publish(kind: 'channel' | 'shard', channel: string, payload: Bytes): number {
    const { hub } = this.server;
    const method = kind === 'channel' ? 'publish' : 'publishToShard';
    this.items.push({ ref: undefined, send: () => hub[method](channel, payload) });
    return hub.receivers(kind, channel);
  }

  /** @param later the keys whose events the store tells later, in their place among others' */
  send(later: ReadonlySet<string>): void {
    for (const { ref, send } of this.items) if (ref === undefined || !later.has(ref)) send();
  }
}
