/**
 * The server: makes a session of every connection, and is what commands see of it (`ServerPort`).
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Config } from '../config';
import type { Calls } from '../engine/calls';
import type { Command } from '../engine/command';
import type { Engine } from '../engine/engine';
import type { ClientsPort } from '../engine/clients-port';
import type { DebugPort } from '../engine/debug-port';
import type { CommandTable, DatabaseSize, ServerPort } from '../engine/ports';
import { Hub } from '../events/hub';
import { eventPublisher } from '../events/notifications';
import { MAX_BYTES } from '../lib/bytes';
import type { Clock } from '../lib/clock';
import type { LargeMemory } from '../lib/large-memory';
import type { Logger } from '../lib/log';
import { isSameSecret, randomId, sha256 } from '../lib/secrets';
import { CommandNames } from '../protocol/command-names';
import { defaultLimits, type Limits } from '../protocol/limits';
import type { Transport } from '../protocol/reply-writer';
import { refusal } from './admission';
import { newDebugPort } from './debug';
import { endGently } from './gentle-end';
import { FlushQueue } from './flush-queue';
import { infoText } from './info';
import { LatencyMonitor } from './latency';
import { Lingering } from './lingering';
import { Listeners } from './listeners';
import { shownAddress } from './listening';
import { messageReply } from './messages';
import { MemoryLimit } from './memory-limit';
import { Pause } from './pause';
import { Monitors } from './monitors';
import { ProcessMemory } from './process-memory';
import { Rates } from './rates';
import { Session } from './session';
import { shareSettings } from './shared-settings';
import type { SessionHost } from './session-host';
import { shareReads, type Receive, type ShareReads } from './shared-read';
import type * as metrics from './metrics-endpoint';
import { watchCalls } from './slow-calls';
import { Slowlog } from './slowlog';
import { newServerStats } from './stats';

export interface ServerDeps {
  readonly config: Config;
  readonly commands: CommandTable;
  /** Makes the engine; it is handed the server because commands reach it through their context. */
  readonly engine: (server: ServerPort) => Engine;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  readonly largeMemory: LargeMemory;
  /** In place of the usual one, for tests of the ordinary way of reading. */
  readonly shareReads?: ShareReads;
}

/** How long `close` waits for clients to take their last replies. */
const CLOSE_GRACE_MS = 4000;

export class Server implements ServerPort, SessionHost {
  readonly config: Config;
  readonly commands: CommandTable;
  readonly engine: Engine;
  readonly log: Logger;
  readonly clock: Clock;
  readonly version: string;
  readonly largeMemory: LargeMemory;
  readonly names = new CommandNames<Command>();
  readonly limits: Limits = defaultLimits();
  readonly stats = newServerStats();
  readonly hub = new Hub(messageReply);
  readonly flushQueue = new FlushQueue();
  readonly sessions = new Set<Session>();
  private readonly lingering = new Lingering(() => this.tellIfEmpty());
  readonly startedMs: number;
  readonly startedAtS: number;

  readonly pause: Pause;
  readonly memoryLimit: MemoryLimit;
  readonly memory: ProcessMemory;
  readonly rates: Rates;
  readonly clients: ClientsPort;
  readonly slowlog = new Slowlog();
  readonly latency: LatencyMonitor;
  readonly monitors: Monitors;
  readonly debug: DebugPort;
  /** For whoever made the server: a client has ended it. */
  onShutdown: (() => void) | undefined;
  private readonly listeners: Listeners;
  private runIdNow: string | undefined;
  private nextId = 1;
  private stopIdleCheck: (() => void) | undefined;
  private metrics: metrics.MetricsEndpoint | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private whenLastCloses: (() => void) | undefined;

  constructor(deps: ServerDeps) {
    this.config = deps.config;
    this.commands = deps.commands;
    this.log = deps.log;
    this.clock = deps.clock;
    this.version = deps.version;
    this.largeMemory = deps.largeMemory;
    this.listeners = new Listeners(
      deps.config,
      deps.log,
      (socket, plain) => this.accept(socket, plain),
      deps.shareReads ?? shareReads,
    );
    this.pause = new Pause(deps.clock, () => this.updateGate());
    this.clients = {
      all: () => this.sessions,
      pause: (mode, untilMs) => this.pause.begin(mode, untilMs),
      unpause: () => this.pause.end(),
    };
    this.startedMs = deps.clock.monotonicMs();
    this.startedAtS = Math.floor(deps.clock.nowMs() / 1000);
    this.rates = new Rates(deps.clock);
    this.engine = deps.engine(this);
    const { eviction } = this.engine;
    this.memory = new ProcessMemory(eviction, this.sessions, this.largeMemory);
    this.memoryLimit = new MemoryLimit(deps.config, eviction, this.pause, () => this.updateGate());
    this.latency = new LatencyMonitor(deps.config, deps.clock);
    this.monitors = new Monitors(deps.clock);
    watchCalls(this);
    this.debug = newDebugPort(this.config, this.engine, this.log);
    for (const command of this.commands.all()) this.names.add(command.name, command, command.keys);
    const { config, limits } = this;
    limits.maxBulkBytes = this.maxBulkBytes;
    limits.maxQueryBufferBytes = config.maxQueryBytes;
    config.onChange('maxBulkBytes', () => (limits.maxBulkBytes = this.maxBulkBytes));
    config.onChange('maxQueryBytes', (bytes) => (limits.maxQueryBufferBytes = bytes));
    this.engine.sendEvents(eventPublisher(this.hub, config.eventClasses));
    config.onChange('eventClasses', (letters) =>
      this.engine.sendEvents(eventPublisher(this.hub, letters)),
    );
    config.onChange('password', () => this.updateGate());
    config.onChange('timeoutSeconds', () => this.checkIdle());
  }

  /** The TCP port in use, 0 without one. */
  get port(): number {
    return this.listeners.port;
  }

  get calls(): Calls {
    return this.engine.stats.calls;
  }

  get databases(): number {
    return this.config.databases;
  }

  get maxBulkBytes(): number {
    return Math.min(this.config.maxBulkBytes, MAX_BYTES);
  }

  get authRequired(): boolean {
    return this.config.password !== '';
  }

  get gated(): boolean {
    return this.pause.active || this.memoryLimit.active;
  }

  private updateGate(): void {
    this.engine.holdExpiry(this.pause.active);
    for (const session of this.sessions) session.updatePlain();
  }

  /** Names this run of the server. */
  get runId(): string {
    return (this.runIdNow ??= randomId());
  }

  get passwordHash(): string {
    return sha256(this.config.password).toString('hex');
  }

  checkPassword(password: string): boolean {
    return isSameSecret(password, this.config.password);
  }

  info(sections: readonly string[], sizes: readonly DatabaseSize[]): string {
    return infoText(this, sections, sizes);
  }

  resetStats(): void {
    Object.assign(this.stats, newServerStats());
    const { stats } = this.engine;
    stats.keyspaceHits = stats.keyspaceMisses = stats.expiredKeys = 0;
    stats.evictedKeys = stats.commits = stats.conflicts = stats.committedCommands = 0;
    stats.calls.reset();
    stats.costs.reset();
    stats.expiryLag.reset();
    this.memory.resetPeak();
    this.rates.reset();
  }

  /** Opens the store; then streams can be handled. `listen` does it, too. */
  start(): Promise<void> {
    return (this.starting ??= this.open());
  }

  private async open(): Promise<void> {
    const { store } = this.engine;
    await store.open();
    if (store.settings !== undefined) await shareSettings(store.settings, this.config, this.log);
    this.engine.start();
  }

  /**
   * Opens the store and listens on every address of `bind` and on the Unix socket.
   * @returns what it listens on: `host:port`, or the path of the socket
   * @throws Error with one line that says which address cannot be had, and why
   */
  async listen(): Promise<readonly string[]> {
    await this.start();
    let addresses: readonly string[];
    try {
      addresses = await this.listeners.listen();
      this.listeners.followConfig();
      await this.listenForMetrics();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.checkIdle();
    return addresses;
  }

  private async listenForMetrics(): Promise<void> {
    const { metricsBind, metricsPort } = this.config;
    if (metricsPort === 0) return;
    // Loaded when it is needed: HTTP and the metrics' library take a while to load.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { MetricsEndpoint } = require('./metrics-endpoint') as typeof metrics;
    this.metrics = new MetricsEndpoint(this);
    await this.metrics.listen(metricsBind, metricsPort);
    this.log.notice(`Metrics are at http://${shownAddress(metricsBind, metricsPort)}/metrics`);
  }

  /**
   * Makes a session over any duplex stream.
   * @returns undefined if the stream is destroyed already, and if the server is closed or has too
   *   many clients; the stream is then ended
   */
  handle(stream: Duplex, address = 'stream:0', localAddress = address): Session | undefined {
    // Nothing would tell that it closes.
    if (stream.destroyed || this.refuses(stream)) return undefined;
    const session = this.newSession(stream, address, localAddress, 'stream');
    stream.on('data', (chunk: Uint8Array | string) => {
      const bytes = bufferOf(chunk, stream.readableEncoding);
      session.receive(bytes, 0, bytes.length);
    });
    return session;
  }

  shutdown(): void {
    this.log.warning('User requested shutdown...');
    this.close().catch((error: Error) => this.log.warning(`Not closed well: ${error.message}`));
    this.onShutdown?.();
  }

  /** Stops accepting, lets running commands end, sends their replies, and closes the store. */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    this.stopIdleCheck?.();
    this.listeners.close();
    this.metrics?.close();
    // What waits for the end of a pause was asked for, too.
    this.pause.end();
    for (const session of this.sessions) session.endWhenAnswered();
    await this.engine.idle();
    await this.streamsClosed();
    // It may be closed before it is open.
    await this.starting?.catch(() => undefined);
    this.engine.stop();
    await this.engine.store.close();
    this.largeMemory.clear();
  }

  sessionClosed(session: Session): void {
    this.sessions.delete(session);
    this.tellIfEmpty();
  }

  linger(stream: Duplex): void {
    this.lingering.add(stream);
  }

  private tellIfEmpty(): void {
    if (this.sessions.size + this.lingering.size === 0) this.whenLastCloses?.();
  }

  private async streamsClosed(): Promise<void> {
    if (this.sessions.size + this.lingering.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.clock.after(CLOSE_GRACE_MS, resolve);
        this.whenLastCloses = () => {
          cancel();
          resolve();
        };
      });
    }
    this.dropAll();
  }

  /** Closes every connection at once, and waits for none: not all streams tell that they are closed. */
  dropAll(): void {
    this.lingering.drop();
    for (const session of this.sessions) {
      session.destroy();
      session.dispose();
    }
    this.tellIfEmpty();
  }

  /**
   * @param plain whether there is no TLS
   * @returns what takes the socket's bytes, undefined if it is refused
   */
  private accept(socket: Socket, plain: boolean): Receive | undefined {
    if (this.refuses(socket, socket.remoteAddress)) return undefined;
    socket.setNoDelay(true);
    const keepAliveS = this.config.tcpKeepAliveSeconds;
    if (keepAliveS > 0) socket.setKeepAlive(true, keepAliveS * 1000);
    const { remoteAddress } = socket;
    const unix = `${this.config.unixSocket}:0`;
    const address =
      remoteAddress === undefined ? unix : shownAddress(remoteAddress, socket.remotePort);
    const local =
      remoteAddress === undefined
        ? unix
        : shownAddress(socket.localAddress ?? '', socket.localPort);
    const session = this.newSession(socket, address, local, plain ? 'plain socket' : 'TLS socket');
    return (bytes, length) => session.receive(bytes, 0, length);
  }

  /** Whether the client is not let in. Says so to it, unless the server is closing. */
  private refuses(stream: Duplex, remoteAddress?: string): boolean {
    const reason = refusal(this.config, this.sessions.size, remoteAddress);
    if (this.closing === undefined && reason === undefined) return false;
    this.stats.rejectedConnections++;
    this.linger(stream);
    stream.on('error', () => stream.destroy());
    if (this.closing === undefined) stream.write(reason);
    endGently(stream, this.clock);
    return true;
  }

  private newSession(
    stream: Duplex,
    address: string,
    local: string,
    transport: Transport,
  ): Session {
    this.stats.connections++;
    const session = new Session(this, stream, this.nextId++, address, local, transport);
    this.sessions.add(session);
    return session;
  }

  /** `timeout`: closes clients that have been idle for longer. Costs nothing while it is off. */
  private checkIdle(): void {
    this.stopIdleCheck?.();
    this.stopIdleCheck = undefined;
    const timeoutMs = this.config.timeoutSeconds * 1000;
    if (timeoutMs === 0 || this.closing !== undefined) return;
    const nowMs = this.clock.nowMs();
    for (const session of this.sessions) {
      // Who listens has good reason to be silent.
      if (session.subscriptions.size > 0 || session.monitoring) continue;
      if (session.unanswered === 0 && nowMs - session.lastActiveMs > timeoutMs) {
        this.log.verbose(`Closing idle client ${session.address}`);
        session.destroy();
      }
    }
    this.stopIdleCheck = this.clock.after(1000, () => this.checkIdle());
  }
}

/** Streams of objects give what was put in, and text is what a stream with an encoding makes of bytes. */
function bufferOf(chunk: Uint8Array | string, encoding: BufferEncoding | null): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding ?? 'utf8');
  if (Buffer.isBuffer(chunk)) return chunk;
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
