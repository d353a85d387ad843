/**
 * What a RESP2 client must remember of its subscriptions to tell messages from replies, and to know
 * how many replies SUBSCRIBE and its kind have: one a channel.
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/#format-of-pushed-messages
 */
import type { Reply } from './client';

const MESSAGES = new Set(['message', 'pmessage', 'smessage']);

export class Subscriptions {
  /** By the prefix of the commands: channels, patterns, shard channels. */
  private readonly names: Readonly<Record<string, Set<string>>> = {
    '': new Set(),
    p: new Set(),
    s: new Set(),
  };

  /** @param names how many channels the request names */
  repliesTo(command: string, names: number): number {
    const [, prefix, un] = /^([ps]?)(un)?subscribe$/.exec(command) ?? [];
    if (prefix === undefined) return 1;
    const all = un === undefined ? 0 : this.names[prefix]!.size;
    return Math.max(1, names === 0 ? all : names);
  }

  isMessage(reply: Reply): boolean {
    if (!Array.isArray(reply) || Object.values(this.names).every(({ size }) => size === 0))
      return false;
    return MESSAGES.has(String(reply[0]));
  }

  /** Whether the reply is one of those that `command` has several of. Takes note of it. */
  confirms(command: string, reply: Reply): boolean {
    if (command === 'reset' && !(reply instanceof Error)) {
      for (const set of Object.values(this.names)) set.clear();
    }
    const [, prefix, un] = /^([ps]?)(un)?subscribe$/.exec(command) ?? [];
    if (prefix === undefined || !Array.isArray(reply) || String(reply[0]) !== command) return false;
    const name = String(reply[1]);
    if (un === undefined) this.names[prefix]!.add(name);
    else this.names[prefix]!.delete(name);
    return true;
  }
}
