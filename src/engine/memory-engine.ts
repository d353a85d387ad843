/**
 * The engine of an in-place store: every command runs to its end at once, between two others. From
 * socket to reply nothing is awaited, and on the way of a plain command nothing is allocated but
 * what the command itself makes.
 */
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import { array, type Reply } from '../protocol/reply';
import type { InPlaceStore } from '../store/in-place';
import type { Argv, Command } from './command';
import {
  newEngineStats,
  type CycleSink,
  type Engine,
  type EngineSession,
  type EventSink,
} from './engine';
import { Eviction } from './eviction';
import { Expiry } from './expiry';
import { amongMessages } from './among-messages';
import { CallTimes } from './call-times';
import { failureReply, type ReportBug } from './failure';
import { MemoryContext } from './memory-context';
import type { ClientPort, ServerPort } from './ports';
import { WatchSet, type Transaction } from './transaction';

export class MemoryEngine implements Engine {
  readonly stats = newEngineStats();
  readonly eviction: Eviction;
  private readonly context: MemoryContext;
  private readonly expiry: Expiry;
  private readonly times: CallTimes;

  constructor(
    readonly store: InPlaceStore,
    server: ServerPort,
    private readonly clock: Clock,
    random: Random,
    private readonly reportBug: ReportBug,
  ) {
    this.expiry = new Expiry(store, clock, (db, key, nowMs) => {
      this.context.setTime(nowMs);
      this.context.expireKey(db, key);
    });
    this.context = new MemoryContext(server, random, store, this.stats, reportBug, this.expiry);
    this.times = new CallTimes(clock, this.stats.calls, (nowMs) => this.context.setTime(nowMs));
    this.eviction = new Eviction(store, server.databases, clock, random, this.context);
  }

  connect(client: ClientPort): EngineSession {
    return new MemorySession(this, client);
  }

  newWatchSet(): WatchSet {
    return new WatchSet((keys) => {
      for (const { db, key } of keys) this.store.unwatch(db, key);
    });
  }

  sendEvents(sink: EventSink | undefined): void {
    this.context.sink = sink;
  }

  holdExpiry(held: boolean): void {
    this.context.expiryHeld = held;
    this.expiry.hold(held);
  }

  timeCycles(told: CycleSink | undefined): void {
    this.expiry.onSlice = told && ((ms) => told('expire-cycle', ms));
    this.eviction.onSlice = told && ((ms) => told('eviction-cycle', ms));
  }

  setActiveExpire(active: boolean): void {
    if (active) this.expiry.start();
    else this.expiry.stop();
  }

  start(): void {
    this.expiry.start();
  }

  stop(): void {
    this.expiry.stop();
    this.eviction.stop();
  }

  beginChunk(): number {
    return this.times.beginChunk();
  }

  endChunk(): void {
    this.times.endChunk();
  }

  run(client: ClientPort, command: Command, argv: Argv): Reply {
    if (argv.length > (command.quickArgs ?? 0)) return this.runAlone(client, command, argv);
    // Events go to subscribers while the command runs, however many there are.
    const maxRun = this.context.sink === undefined ? this.stats.calls.maxRun : 1;
    this.times.beginQuick(command, maxRun);
    this.times.isOf(client, argv);
    try {
      this.context.begin(client);
      return command.run(this.context, argv);
    } catch (error) {
      return this.failure(error, command, argv);
    }
  }

  /** Runs a command that is timed by itself. */
  private runAlone(client: ClientPort, command: Command, argv: Argv): Reply {
    const startMs = this.times.begin();
    try {
      this.context.begin(client);
      return command.run(this.context, argv);
    } catch (error) {
      return this.failure(error, command, argv);
    } finally {
      const ms = this.clock.monotonicMs() - startMs;
      this.stats.calls.record(client, command, argv, 1, ms);
    }
  }

  runTransaction(client: ClientPort, exec: Command, argv: Argv, transaction: Transaction): Reply {
    const { context, clock } = this;
    const { calls } = this.stats;
    const startMs = this.times.begin();
    try {
      context.begin(client);
      if (context.watchesBroken(transaction.watches)) return client.form.nilArray;
      const replies: Reply[] = [];
      // Messages go out although CLIENT REPLY silences the reply they would stand in.
      if (client.replyMode === 'on') client.subscriptions.collect();
      let fromMs = startMs;
      // The reply of a CLIENT KILL of the connection itself is the last that it hears.
      let heard = true;
      for (const call of transaction.calls) {
        const { closing } = client;
        const reply = context.call(call.command, call.argv);
        const shown = client.kind === 'pubsub' ? amongMessages(client, reply) : reply;
        replies.push(heard ? shown : '');
        if (client.closing && !closing) heard = false;
        const toMs = clock.monotonicMs();
        calls.record(client, call.command, call.argv, 1, toMs - fromMs);
        fromMs = toMs;
      }
      return array(replies);
    } catch (error) {
      return this.failure(error, exec, argv);
    } finally {
      client.subscriptions.endCollecting();
      transaction.watches.release();
      calls.record(client, exec, argv, 1, clock.monotonicMs() - startMs);
    }
  }

  private failure(error: unknown, command: Command, argv: Argv): string {
    const wire = failureReply(error, command.name, this.reportBug);
    this.stats.calls.failed(command, argv, wire);
    return wire;
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }
}

class MemorySession implements EngineSession {
  constructor(
    private readonly engine: MemoryEngine,
    private readonly client: ClientPort,
  ) {}

  beginChunk(): number {
    return this.engine.beginChunk();
  }

  endChunk(): void {
    this.engine.endChunk();
  }

  execute(command: Command, argv: Argv): Reply {
    return this.engine.run(this.client, command, argv);
  }

  transaction(exec: Command, argv: Argv, transaction: Transaction): Reply {
    return this.engine.runTransaction(this.client, exec, argv, transaction);
  }

  close(): void {
    this.client.watches.release();
  }
}
