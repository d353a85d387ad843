/**
 * A table with a stream, and those who follow it, in a time that stands still until the test moves
 * it. Time moves in small steps, and behind each of them everything that it has caused comes to its
 * end: the same script gives the same requests.
 */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '../../../src/lib/clock';
import { itemKey, type ItemKey } from '../../../src/stores/dynamodb/item-key';
import { tableDefinition } from '../../../src/stores/dynamodb/table';
import { ask } from './ask';
import { FakeDynamo } from './fake-dynamodb';
import { TABLE } from './fake-store';
import type { When } from './faults';
import type { OtherProgram } from './other-program';
import { OwnClock } from './own-clock';
import type { Shard } from './streams/shard';
import type { FakeStream } from './streams/stream';
import { Traffic } from './traffic';

const STEP_MS = 50;
/** What an answer causes begins within so many turns of the event loop. */
const QUIET_TURNS = 3;
/** A shard is read that often at least while something goes on. */
const POLL_MS = 500;
/** Whatever a test waits for has come by then. */
const LONGEST_WAIT_MS = 120_000;

export interface SceneOptions {
  /** How many shards the stream begins with; 1 by default. */
  readonly shards?: number;
}

export class Scene {
  readonly clock = new ManualClock();
  readonly traffic = new Traffic();
  /** Requests that are answered only after the test has done something. */
  private waiting = 0;

  private constructor(readonly fake: FakeDynamo) {}

  static async start({ shards = 1 }: SceneOptions = {}): Promise<Scene> {
    const times: { scene?: Scene } = {};
    const fake = await FakeDynamo.start({
      nowMs: () => times.scene?.clock.nowMs() ?? 0,
      streams: { shards },
    });
    const scene = new Scene(fake);
    times.scene = scene;
    await ask(fake.endpoint, 'CreateTable', tableDefinition(TABLE));
    return scene;
  }

  async stop(): Promise<void> {
    await this.fake.stop();
  }

  get stream(): FakeStream {
    return this.fake.streams.of(TABLE);
  }

  get program(): OtherProgram {
    return this.fake.otherProgram(TABLE);
  }

  /** A clock of somebody's own, which goes with the scene's until it is set. */
  ownClock(): OwnClock {
    return new OwnClock(this.clock);
  }

  /** Until nothing goes on any more but what waits for time, or for the test. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      await nextTurn();
      quiet = this.traffic.underWay <= this.waiting ? quiet + 1 : 0;
    }
  }

  /** Time passes, and all that it causes. */
  async pass(ms: number, stepMs = STEP_MS): Promise<void> {
    await this.settle();
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      this.clock.advance(Math.min(stepMs, leftMs));
      await this.settle();
    }
  }

  /** Time passes until the condition holds. @returns how many milliseconds it took */
  async passUntil(condition: () => boolean): Promise<number> {
    await this.settle();
    const startMs = this.clock.nowMs();
    while (!condition()) {
      if (this.clock.nowMs() - startMs > LONGEST_WAIT_MS) throw new Error('it never came');
      await this.pass(STEP_MS);
    }
    return this.clock.nowMs() - startMs;
  }

  /** Time passes until something is done that may have to wait for it. */
  async passFor<T>(doing: Promise<T>): Promise<T> {
    let isDone = false;
    void doing.then(
      () => (isDone = true),
      () => (isDone = true),
    );
    await this.passUntil(() => isDone);
    return doing;
  }

  /** Before the next such request is applied this happens, and time may pass in it. */
  before(when: When, happens: () => Promise<unknown>): void {
    this.meanwhile(when, happens, false);
  }

  /** The next such request is applied, and its answer arrives when this has happened. */
  beforeAnswer(when: When, happens: () => Promise<unknown>): void {
    this.meanwhile(when, happens, true);
  }

  /**
   * Of what is held back, the followers see what was written until now up to a record of this key.
   * @param nth of the key's records that are held, from 1
   */
  async release(key: string, nth = 1): Promise<void> {
    const { s } = this.keyOf(key);
    const wanted = Buffer.from(s.B).toString('base64');
    for (const shard of this.stream.shards) {
      const held = shard.records.slice(shard.visible);
      const of = held.flatMap(({ change }, i) =>
        (change.key['s'] as { B: string }).B === wanted ? [i] : [],
      );
      if (of.length >= nth) shard.release(of[nth - 1]! + 1);
    }
    await this.pass(POLL_MS);
  }

  /** Redis keys, in database 0, whose changes the open shard takes. */
  keysIn(shard: Shard, count: number, prefix = 'k'): string[] {
    const keys: string[] = [];
    for (let i = 0; keys.length < count; i++) {
      const key = `${prefix}${i}`;
      if (shardOfKey(this.stream, this.keyOf(key)) === shard) keys.push(key);
    }
    return keys;
  }

  /** Where a key of database 0 is in the table. */
  keyOf(key: string): ItemKey {
    return itemKey({ db: 0, key });
  }

  private meanwhile(when: When, happens: () => Promise<unknown>, after: boolean): void {
    const run = async (): Promise<void> => {
      this.waiting++;
      try {
        await happens();
      } finally {
        this.waiting--;
      }
    };
    this.fake.faults.once({ kind: 'meanwhile', happens: run, after }, when);
  }
}

function shardOfKey(stream: FakeStream, { p }: ItemKey): Shard {
  const digest = createHash('md5').update(p.B).digest();
  return stream.shardOf(digest.readUInt32BE(0));
}
