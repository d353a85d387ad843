/**
 * Writers of keys over several nodes, for what subscribers hear of it: of each key the events and
 * their order are known, and values are the numbers of the writes, so that a read shows how old it is.
 *
 * - Most keys have one writer. It waits for each reply, and may send the next write to another node.
 * - Some are counters that are written on all nodes at once; the replies tell the order.
 */
import type { Random } from '../../src/lib/random';
import { items, parseReply, type Tree } from '../oracle/compare';
import { connectRaw, encodeRequest, type RawClient } from './raw-client';

type Request = readonly string[];

/** What has been written to a key. */
export class WrittenKey {
  /** In the order of the writes, each with the number of the write that it is of. */
  readonly events: { readonly name: string; readonly write: number }[] = [];
  /** Whether the key is there after each write; none has number 0. */
  protected readonly isThere = [false];

  constructor(
    readonly name: string,
    readonly isHash = false,
  ) {}

  /** The write that so many events in their order tell of. */
  writeOf(events: number): number {
    // One too many is no write's.
    return this.events[events - 1]?.write ?? 0;
  }

  /** What reads the number of the latest write. */
  get reading(): Request {
    return this.isHash ? ['HGET', this.name, 'n'] : ['GET', this.name];
  }

  /** Whether a read may have this answer when the writes up to `least` have happened. */
  isPossible(seen: number | undefined, least: number): boolean {
    if (seen !== undefined) return seen >= least && this.isThere[seen] === true;
    return this.isThere.some((isThere, write) => write >= least && !isThere);
  }

  /** Notes the next write. */
  protected wrote(isThere: boolean, ...events: readonly string[]): void {
    const write = this.isThere.push(isThere) - 1;
    for (const name of events) this.events.push({ name, write });
  }
}

/** A key of one writer. */
class OwnKey extends WrittenKey {
  /** A write of it, drawn at random. */
  draw(random: Random): Request {
    const { name, isHash } = this;
    const number = String(this.isThere.length);
    const drawn = random.below(5);
    if (drawn === 0 && this.isThere.at(-1) === true) {
      this.wrote(false, 'del');
      return ['DEL', name];
    }
    if (isHash) {
      this.wrote(true, 'hset');
      return ['HSET', name, 'n', number];
    }
    if (drawn === 1 && this.isThere.at(-1) === true) {
      this.wrote(true, 'incrby');
      return ['INCR', name];
    }
    if (drawn === 2) {
      this.wrote(true, 'set', 'expire');
      return ['SETEX', name, '1000', number];
    }
    this.wrote(true, 'set');
    return ['SET', name, number];
  }

  /** As a part of MSET. */
  drawPair(): Request {
    const number = String(this.isThere.length);
    this.wrote(true, 'set');
    return [this.name, number];
  }
}

/** A counter of many writers. */
class Counter extends WrittenKey {
  /** @param write the number that it has counted */
  counted(name: string, write: number): void {
    if (this.events[write - 1] !== undefined) throw new Error(`${this.name} was ${write} twice`);
    this.events[write - 1] = { name, write };
    this.isThere[write] = true;
  }

  override isPossible(seen: number | undefined, least: number): boolean {
    return seen !== undefined && seen >= least;
  }
}

/** Requests that count one up, and their events. */
const COUNTING: readonly (readonly [event: string, request: (key: string) => Request])[] = [
  ['incrby', (key) => ['INCR', key]],
  ['incrbyfloat', (key) => ['INCRBYFLOAT', key, '1']],
];

const MAX_PAUSE_MS = 500;

export interface EventLoadOptions {
  readonly random: Random;
  readonly ports: readonly number[];
  /** How many commands write, at least. */
  readonly writes: number;
  readonly writers: number;
  readonly keysPerWriter: number;
  readonly counters: number;
  /** On each node, how many connections count, with pauses, so that all nodes have their turns. */
  readonly countersPerNode: number;
}

export class EventLoad {
  readonly keys = new Map<string, WrittenKey>();
  /** How many commands are still to be sent. */
  private left: number;

  constructor(private readonly options: EventLoadOptions) {
    this.left = options.writes;
  }

  /** Writes it all. Rejects when a write is refused. */
  async run(): Promise<void> {
    const { options } = this;
    const counters = Array.from({ length: options.counters }, (_, i) =>
      this.added(new Counter(`counter:${i}`)),
    );
    const own = Array.from({ length: options.writers }, (_, writer) =>
      Array.from({ length: options.keysPerWriter }, (_key, i) =>
        this.added(new OwnKey(`${writer}:${i}`, i % 4 === 0)),
      ),
    );
    await Promise.all([
      ...own.map((keys) => this.write(keys)),
      ...options.ports.flatMap((port) =>
        Array.from({ length: options.countersPerNode }, () => this.count(counters, port)),
      ),
    ]);
  }

  private added<Written extends WrittenKey>(key: Written): Written {
    this.keys.set(key.name, key);
    return key;
  }

  private async write(keys: readonly OwnKey[]): Promise<void> {
    const { random, ports } = this.options;
    const clients = await Promise.all(ports.map((port) => connectRaw(port)));
    while (this.left > 0) {
      const requests = this.draw(keys);
      const client = clients[random.below(clients.length)]!;
      const replies = await repliesTo(client, requests);
      if (replies.some(isRefused)) throw new Error('nobody else writes these keys');
    }
    for (const client of clients) client.destroy();
  }

  /** A pipeline. Writes of one key in it share a commit. */
  private draw(keys: readonly OwnKey[]): Request[] {
    const { random } = this.options;
    const some = keys.filter(() => random.below(keys.length) < 3);
    const chosen = some.length > 1 ? some : keys.slice(0, 2);
    switch (random.below(5)) {
      case 0: {
        this.left--;
        const strings = chosen.filter(({ isHash }) => !isHash);
        const pairs = strings.length > 1 ? strings : keys.slice(1, 4);
        return [['MSET', ...pairs.flatMap((key) => key.drawPair())]];
      }
      case 1:
        return [['MULTI'], ...this.drawEach(chosen, 6), ['EXEC']];
      default:
        return this.drawEach(chosen, 16);
    }
  }

  /** Some writes of each key. */
  private drawEach(keys: readonly OwnKey[], most: number): Request[] {
    const { random } = this.options;
    return keys.flatMap((key) => {
      const count = 1 + random.below(most);
      this.left -= count;
      return Array.from({ length: count }, () => key.draw(random));
    });
  }

  private async count(counters: readonly Counter[], port: number): Promise<void> {
    const { random } = this.options;
    const client = await connectRaw(port);
    while (this.left > 0) {
      const isTransaction = random.below(4) === 0;
      const count = 1 + random.below(32);
      this.left -= count;
      const drawn = Array.from({ length: count }, () => {
        const counter = counters[random.below(counters.length)]!;
        const [event, request] = COUNTING[random.below(COUNTING.length)]!;
        return { counter, event, request: request(counter.name) };
      });
      const requests = drawn.map(({ request }) => request);
      const all = isTransaction ? [['MULTI'], ...requests, ['EXEC']] : requests;
      const replies = await repliesTo(client, all);
      const last = replies.at(-1)!;
      drawn.forEach(({ counter, event }, i) => {
        const reply = !isTransaction ? replies[i]! : isRefused(last) ? last : items(last)[i]!;
        if (!isRefused(reply)) counter.counted(event, Number(String(reply).slice(1)));
      });
      await new Promise((resolve) => setTimeout(resolve, random.next() * MAX_PAUSE_MS));
    }
    client.destroy();
  }
}

async function repliesTo(client: RawClient, requests: readonly Request[]): Promise<Tree[]> {
  client.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
  const replies = (await client.readReplies(requests.length)).map(parseReply);
  for (const reply of replies) {
    const text = JSON.stringify(reply);
    if (/"-/.test(text) && !isRefused(reply)) throw new Error(text);
  }
  return replies;
}

/** Too many write the same key: nothing has happened. */
function isRefused(reply: Tree): boolean {
  return String(reply).startsWith('-TRYAGAIN');
}
