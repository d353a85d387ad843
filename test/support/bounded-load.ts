/**
 * Clients that write and read groups of keys over several nodes, and keep the history of it for
 * bounded-reads.ts. A group is written by one client after another, on any node, alone or as part of
 * a transaction; what it holds are the numbers of the writes.
 */
import type { Random } from '../../src/lib/random';
import { items, parseReply } from '../oracle/compare';
import type { BoundedRead, NumberedWrite } from './bounded-reads';
import { connectRaw, encodeRequest, type RawClient } from './raw-client';

/** Where a node can be reached now. */
export interface LoadNode {
  /** Another one after each start. */
  readonly name: string;
  readonly port: number;
}

export interface LoadOptions {
  readonly random: Random;
  /** The nodes that can be reached now. */
  readonly nodes: () => readonly LoadNode[];
  readonly groups: number;
  /** Of all keys: nobody else has such. */
  readonly prefix: string;
  /** How long a client waits between what it sends, at most, in milliseconds. */
  readonly pauseMs: number;
}

/** Of each group. */
const KEYS = ['a', 'b', 'c', 'd'];
/** Of each node; the last one's reads are strong. */
const READERS = 3;
/** They bring the cache up to date: so much more seldom than the others. */
const STRONG_PAUSES = 10;

const ALL_AT_ONCE = 50;

type Requests = readonly (readonly string[])[];

export class BoundedLoad {
  readonly writes: NumberedWrite[] = [];
  readonly reads: BoundedRead[] = [];
  private readonly groups: Group[];
  private stopped = false;
  private readonly running: Promise<void>[] = [];

  constructor(private readonly options: LoadOptions) {
    const { groups, prefix } = options;
    this.groups = Array.from({ length: groups }, (_, i) => new Group(`${prefix}:${i}`));
  }

  /** Starts a writer for each group, and the readers of the nodes that are there. */
  start(): void {
    for (const group of this.groups) this.running.push(this.write(group));
    for (const node of this.options.nodes()) this.readOn(node);
  }

  /** Starts readers on a node. They end with it. */
  readOn(node: LoadNode): void {
    for (let i = 0; i < READERS; i++) this.running.push(this.read(node, i === READERS - 1));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** Reads every key there ever was, on every node that can be reached. */
  async readAll(): Promise<void> {
    const keys = [...new Set(this.writes.flatMap(({ sets, deletes }) => [...sets, ...deletes]))];
    for (const { name, port } of this.options.nodes()) {
      const client = await connectRaw(port);
      for (let at = 0; at < keys.length; at += ALL_AT_ONCE) {
        const some = keys.slice(at, at + ALL_AT_ONCE).map((key) => [key]);
        await this.readKeys(name, client, some, false);
      }
      client.destroy();
    }
  }

  /**
   * Another program writes a key, or removes it, while the group's own client waits.
   * @param happens does it, and says whether it has; a number that is undefined: the key is to go
   */
  async foreign(
    happens: (key: string, number: number | undefined) => Promise<boolean>,
  ): Promise<void> {
    const { random } = this.options;
    const group = this.groups[random.below(this.groups.length)]!;
    await group.alone(async () => {
      const key = group.keys[random.below(KEYS.length)]!;
      const number = group.next();
      const isRemoval = random.below(3) === 0;
      const calledAt = performance.now();
      if (!(await happens(key, isRemoval ? undefined : number))) return;
      const [sets, deletes] = isRemoval ? [[], [key]] : [[key], []];
      const returnedAt = performance.now();
      this.writes.push({ node: undefined, number, sets, deletes, calledAt, returnedAt });
      group.take(number, sets, deletes);
    });
  }

  private async write(group: Group): Promise<void> {
    const clients = new Map<string, RawClient>();
    while (!this.stopped) {
      const nodes = this.options.nodes();
      const node = nodes[this.options.random.below(nodes.length)];
      if (node !== undefined) {
        try {
          const client = clients.get(node.name) ?? (await connectRaw(node.port));
          clients.set(node.name, client);
          await group.alone(() => this.writeOnce(group, node, client));
        } catch (error) {
          if (error instanceof WrongReply) throw error;
          clients.delete(node.name);
        }
      }
      await this.pause();
    }
    for (const client of clients.values()) client.destroy();
  }

  private async writeOnce(group: Group, { name }: LoadNode, client: RawClient): Promise<void> {
    const number = group.next();
    const { sets, deletes, requests, before } = this.newWrite(group, String(number));
    const calledAt = performance.now();
    const record = (returnedAt: number): void => {
      this.writes.push({ node: name, number, sets, deletes, calledAt, returnedAt });
      group.take(number, sets, deletes);
    };
    client.send(encoded(requests));
    let reply: string;
    try {
      reply = (await client.readReplies(requests.length)).at(-1)!.toString('latin1');
    } catch (error) {
      // It may happen yet, at any time: whatever came behind it could come before.
      record(Infinity);
      group.renew();
      throw error;
    }
    // Nothing has happened.
    if (reply.startsWith('-TRYAGAIN')) return;
    if (reply.startsWith('-')) {
      record(Infinity);
      group.renew();
      return;
    }
    // Writes are of one order, whatever the caches hold: each is told what the last one has left.
    if (before !== undefined && reply !== before) {
      throw new WrongReply(`${JSON.stringify(requests)}: ${reply} in place of ${before}`);
    }
    record(performance.now());
  }

  /** Draws what to write. `before`: what it must be answered. */
  private newWrite(group: Group, value: string) {
    const { random } = this.options;
    const key = group.keys[random.below(KEYS.length)]!;
    const others = group.keys.filter(() => random.below(2) === 0);
    const keys = others.length > 1 ? others : group.keys;
    const one = { sets: [key], deletes: [] };
    switch (random.below(6)) {
      case 0:
        return { ...one, requests: [['SET', key, value]], before: undefined };
      case 1:
        // Not blind: what was cached is what it is written on.
        return { ...one, requests: [['GETSET', key, value]], before: group.bulk(key) };
      case 2: {
        const before = group.value(key) === undefined ? ':0\r\n' : ':1\r\n';
        return { sets: [], deletes: [key], requests: [['DEL', key]], before };
      }
      case 3: {
        const requests = [['MSET', ...keys.flatMap((each) => [each, value])]];
        return { sets: keys, deletes: [], requests, before: undefined };
      }
      default: {
        // The first is deleted now and then.
        const gone = random.below(3) === 0 && group.value(keys[0]!) !== undefined ? 1 : 0;
        const [deletes, sets] = [keys.slice(0, gone), keys.slice(gone)];
        const commands = [
          ...deletes.map((each) => ['DEL', each]),
          ...sets.map((each) => ['GETSET', each, value]),
        ];
        const replies = [...deletes.map(() => ':1\r\n'), ...sets.map((each) => group.bulk(each))];
        const before = `*${replies.length}\r\n${replies.join('')}`;
        return { sets, deletes, requests: [['MULTI'], ...commands, ['EXEC']], before };
      }
    }
  }

  private async read({ name, port }: LoadNode, strong: boolean): Promise<void> {
    try {
      const client = await connectRaw(port);
      if (strong) await client.command('GOREDIS.CONSISTENCY', 'strong');
      while (!this.stopped) {
        await this.readOnce(name, client, strong);
        for (let i = strong ? STRONG_PAUSES : 1; i > 0 && !this.stopped; i--) await this.pause();
      }
      client.destroy();
    } catch (error) {
      // The node has gone.
      if (error instanceof WrongReply) throw error;
    }
  }

  /** A pipeline of reads. */
  private async readOnce(node: string, client: RawClient, strong: boolean): Promise<void> {
    const { random } = this.options;
    const group = this.groups[random.below(this.groups.length)]!;
    const requests = Array.from({ length: 1 + random.below(4) }, () => {
      const keys = group.keys.filter(() => random.below(2) === 0);
      return keys.length === 0 ? [group.keys[0]!] : keys.sort(() => random.next() - 0.5);
    });
    await this.readKeys(node, client, requests, strong);
  }

  private async readKeys(
    node: string,
    client: RawClient,
    requests: Requests,
    strong: boolean,
  ): Promise<void> {
    const calledAt = performance.now();
    client.send(
      encoded(requests.map((keys) => (keys.length === 1 ? ['GET', ...keys] : ['MGET', ...keys]))),
    );
    for (const keys of requests) {
      const reply = await client.readReply();
      const returnedAt = performance.now();
      if (reply.toString('latin1', 0, 1) === '-') continue;
      const values = keys.length === 1 ? [parseReply(reply)] : items(parseReply(reply));
      const seen = values.map((value) =>
        value === '$-1' ? undefined : Number(String(value).slice(1)),
      );
      this.reads.push({ node, keys, seen, strong, calledAt, returnedAt });
    }
  }

  private pause(): Promise<void> {
    const { random, pauseMs } = this.options;
    return new Promise((resolve) => void setTimeout(resolve, random.next() * pauseMs));
  }
}

/** A write that was answered as if another one had been lost. */
class WrongReply extends Error {}

class Group {
  keys: readonly string[] = [];
  private lives = 0;
  private number = 0;
  private values = new Map<string, number>();
  private busy: Promise<unknown> = Promise.resolve();

  constructor(private readonly name: string) {
    this.renew();
  }

  /** Other keys from now on. */
  renew(): void {
    this.lives++;
    this.keys = KEYS.map((key) => `${this.name}:${this.lives}:${key}`);
    this.values = new Map();
  }

  next(): number {
    return ++this.number;
  }

  take(number: number, sets: readonly string[], deletes: readonly string[]): void {
    for (const key of sets) this.values.set(key, number);
    for (const key of deletes) this.values.delete(key);
  }

  value(key: string): number | undefined {
    return this.values.get(key);
  }

  bulk(key: string): string {
    const text = String(this.values.get(key) ?? '');
    return text === '' ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;
  }

  /** One after another. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    const done = this.busy.then(run);
    this.busy = done.catch(() => undefined);
    return done;
  }
}

function encoded(requests: Requests): Buffer {
  return Buffer.concat(requests.map((request) => encodeRequest(request)));
}
