import type { ReplySlot } from '../engine/ports';
import { Deque } from '../lib/deque';
import type { Reply } from '../protocol/reply';

interface Place {
  reply: Reply | undefined;
}

/**
 * The replies of a connection from the first one that is still awaited on: those behind it wait,
 * whether they are known or not.
 */
export class ReplyQueue {
  private readonly places = new Deque<Place>();
  /** Bytes of the replies that are known. */
  bytes = 0;

  /** How many requests are begun and not answered. */
  get length(): number {
    return this.places.length;
  }

  /** Takes a place for a reply that comes later. @param onFill is called when it has come */
  defer(onFill: () => void): ReplySlot {
    const place: Place = { reply: undefined };
    this.places.pushBack(place);
    return {
      fill: (reply) => {
        place.reply = reply;
        this.bytes += lengthOf(reply);
        onFill();
      },
    };
  }

  push(reply: Reply): void {
    this.places.pushBack({ reply });
    this.bytes += lengthOf(reply);
  }

  /** The first reply; undefined while it is awaited, and when there is none. */
  shift(): Reply | undefined {
    const reply = this.places.at(0)?.reply;
    if (reply === undefined) return undefined;
    this.places.popFront();
    this.bytes -= lengthOf(reply);
    return reply;
  }
}

/** A place whose reply is not sent: CLIENT REPLY OFF and SKIP. */
export function mutedSlot(slot: ReplySlot): ReplySlot {
  return { fill: () => slot.fill('') };
}

function lengthOf(reply: Reply): number {
  if (typeof reply === 'string') return reply.length;
  let length = 0;
  for (const piece of reply) length += piece.length;
  return length;
}
