/**
 * Who hears what: subscribers of channels, of patterns and of shard channels, and the way of a
 * message to them. It knows no sockets and no protocol: a message is encoded once for each protocol
 * version among its subscribers, by what it is given, and each subscriber gets that.
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/
 */
import type { Bytes } from '../lib/bytes';
import { compileGlob } from '../lib/glob';
import { PatternIndex } from './pattern-index';

export type SubscriptionKind = 'channel' | 'pattern' | 'shard';

/** A message on its way; `pattern` for those who subscribed to a pattern. */
export type Message =
  | { readonly kind: 'message' | 'smessage'; readonly channel: string; readonly payload: Bytes }
  | {
      readonly kind: 'pmessage';
      readonly pattern: string;
      readonly channel: string;
      readonly payload: Bytes;
    };

/** A connection, as the hub knows it. */
export interface Subscriber<Wire> {
  readonly protocol: 2 | 3;
  /** Takes an encoded message. Must not throw, nor wait. */
  push(wire: Wire): void;
}

type Subscribers<Wire> = Set<Subscriber<Wire>>;

export class Hub<Wire> {
  private readonly channels = new Map<string, Subscribers<Wire>>();
  private readonly shards = new Map<string, Subscribers<Wire>>();
  private readonly patterns = new PatternIndex<Subscribers<Wire>>();

  constructor(private readonly encode: (message: Message, protocol: 2 | 3) => Wire) {}

  subscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber<Wire>): void {
    const table = this.tableOf(kind);
    const subscribers = table.get(name);
    if (subscribers === undefined) table.set(name, new Set([subscriber]));
    else subscribers.add(subscriber);
  }

  unsubscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber<Wire>): void {
    const table = this.tableOf(kind);
    const subscribers = table.get(name);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) table.delete(name);
  }

  /** Sends to the channel's subscribers, then to those of patterns. @returns how many messages that were */
  publish(channel: string, payload: Bytes): number {
    let sent = this.send(this.channels.get(channel), { kind: 'message', channel, payload });
    this.patterns.forEachMatch(channel, (pattern, subscribers) => {
      sent += this.send(subscribers, { kind: 'pmessage', pattern, channel, payload });
    });
    return sent;
  }

  publishToShard(channel: string, payload: Bytes): number {
    return this.send(this.shards.get(channel), { kind: 'smessage', channel, payload });
  }

  /** How many messages publishing would send. */
  receivers(kind: 'channel' | 'shard', channel: string): number {
    let count = this.subscriberCount(kind, channel);
    if (kind === 'channel') this.patterns.forEachMatch(channel, (_, { size }) => (count += size));
    return count;
  }

  /** How many different channels, patterns or shard channels have subscribers. */
  count(kind: SubscriptionKind): number {
    return this.tableOf(kind).size;
  }

  subscriberCount(kind: 'channel' | 'shard', name: string): number {
    return this.tableOf(kind).get(name)?.size ?? 0;
  }

  /** Channels that have subscribers, all or those that match a glob pattern. */
  names(kind: 'channel' | 'shard', pattern?: string): string[] {
    const names = [...(kind === 'channel' ? this.channels : this.shards).keys()];
    return pattern === undefined ? names : names.filter(compileGlob(pattern));
  }

  private send(subscribers: Subscribers<Wire> | undefined, message: Message): number {
    if (subscribers === undefined) return 0;
    let resp2: Wire | undefined;
    let resp3: Wire | undefined;
    for (const subscriber of subscribers) {
      subscriber.push(
        subscriber.protocol === 2
          ? (resp2 ??= this.encode(message, 2))
          : (resp3 ??= this.encode(message, 3)),
      );
    }
    return subscribers.size;
  }

  private tableOf(
    kind: SubscriptionKind,
  ): Map<string, Subscribers<Wire>> | PatternIndex<Subscribers<Wire>> {
    if (kind === 'channel') return this.channels;
    return kind === 'pattern' ? this.patterns : this.shards;
  }
}
