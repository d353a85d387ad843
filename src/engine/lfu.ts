/**
 * How often a key is used, in the place where otherwise the time of its last use stands: the upper
 * bits hold the minutes (modulo 2^16) when the counter was last decremented, the lower eight a
 * logarithmic counter. It goes up with a chance that sinks as it rises (`lfu-log-factor`), and down
 * by one for every `lfu-decay-time` minutes.
 *
 * Stamps of both kinds meet when the policy changes while the server runs. Redis takes one for the
 * other; here they are told apart by their size: Unix seconds are above 2^24.
 * Source: evict.c of Redis 7.0, "LFU"
 */
import type { Random } from '../lib/random';

const COUNTER_BITS = 8;
const MAX_COUNTER = 255;
/** What a new key begins with, so that it is not the first to go. */
const INITIAL_COUNTER = 5;
const MINUTES = 2 ** 16;
const END_OF_STAMPS = MINUTES << COUNTER_BITS;

export class Lfu {
  logFactor = 10;
  /** 0: never. */
  decayMinutes = 1;

  constructor(private readonly random: Random) {}

  /** The stamp of a key that is used now. */
  used(stamp: number, nowS: number): number {
    const minutes = minutesOf(nowS) << COUNTER_BITS;
    // A new key, or one from the time of another policy.
    if (stamp === 0 || stamp >= END_OF_STAMPS) return minutes | INITIAL_COUNTER;
    return minutes | this.incremented(this.counter(stamp, nowS));
  }

  /** OBJECT FREQ: the counter as it is now. */
  counter(stamp: number, nowS: number): number {
    if (stamp >= END_OF_STAMPS) return INITIAL_COUNTER;
    const counter = stamp & MAX_COUNTER;
    if (this.decayMinutes === 0) return counter;
    const elapsed = minutesSince(stamp >>> COUNTER_BITS, nowS);
    return Math.max(0, counter - Math.floor(elapsed / this.decayMinutes));
  }

  private incremented(counter: number): number {
    if (counter === MAX_COUNTER) return counter;
    const uses = Math.max(0, counter - INITIAL_COUNTER);
    return this.random.next() < 1 / (uses * this.logFactor + 1) ? counter + 1 : counter;
  }
}

/** Seconds since the last use, from a stamp of either kind. */
export function idleSecondsOf(stamp: number, nowS: number): number {
  if (stamp >= END_OF_STAMPS) return Math.max(0, nowS - stamp);
  return minutesSince(stamp >>> COUNTER_BITS, nowS) * 60;
}

function minutesOf(nowS: number): number {
  return Math.floor(nowS / 60) % MINUTES;
}

function minutesSince(minutes: number, nowS: number): number {
  return (minutesOf(nowS) - minutes + MINUTES) % MINUTES;
}
