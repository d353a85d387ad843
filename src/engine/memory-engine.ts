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
import { newEngineStats, type Engine, type EngineSession, type EventSink } from './engine';
import { Eviction } from './eviction';
import { Expiry } from './expiry';
import { amongMessages } from './among-messages';
import { failureReply, type ReportBug } from './failure';
import { MemoryContext } from './memory-context';
import type { ClientPort, ServerPort } from './ports';
import { WatchSet, type Transaction } from './transaction';

/** Reading the clock costs as much as a small command: a pipeline reads it once in so many commands. */
const COMMANDS_PER_CLOCK_READING = 16;

export class MemoryEngine implements Engine {
  readonly stats = newEngineStats();
  readonly eviction: Eviction;
  private readonly context: MemoryContext;
  private readonly expiry: Expiry;
  private commandsUntilClock = 0;

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

  start(): void {
    this.expiry.start();
  }

  stop(): void {
    this.expiry.stop();
    this.eviction.stop();
  }

  refreshClock(): number {
    const nowMs = this.clock.nowMs();
    this.context.setTime(nowMs);
    this.commandsUntilClock = COMMANDS_PER_CLOCK_READING;
    return nowMs;
  }

  run(client: ClientPort, command: Command, argv: Argv): Reply {
    // Commands over the whole store may take long, so what follows must see a new time.
    if (--this.commandsUntilClock < 0 || command.barrier === true) this.refreshClock();
    try {
      this.context.begin(client);
      return command.run(this.context, argv);
    } catch (error) {
      this.stats.errorReplies++;
      return failureReply(error, command.name, this.reportBug);
    } finally {
      if (command.barrier === true) this.commandsUntilClock = 0;
    }
  }

  runTransaction(client: ClientPort, transaction: Transaction): Reply {
    this.refreshClock();
    const { context } = this;
    try {
      context.begin(client);
      if (context.watchesBroken(transaction.watches)) return client.form.nilArray;
      const replies: Reply[] = [];
      // Messages go out although CLIENT REPLY silences the reply they would stand in.
      if (client.replyMode === 'on') client.subscriptions.collect();
      for (const { command, argv } of transaction.calls) {
        const reply = context.call(command, argv);
        replies.push(client.kind === 'pubsub' ? amongMessages(client, reply) : reply);
      }
      return array(replies);
    } catch (error) {
      return failureReply(error, 'exec', this.reportBug);
    } finally {
      client.subscriptions.endCollecting();
      transaction.watches.release();
      this.commandsUntilClock = 0;
    }
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
    return this.engine.refreshClock();
  }

  execute(command: Command, argv: Argv): Reply {
    return this.engine.run(this.client, command, argv);
  }

  transaction(transaction: Transaction): Reply {
    return this.engine.runTransaction(this.client, transaction);
  }

  close(): void {
    this.client.watches.release();
  }
}
