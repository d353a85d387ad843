/**
 * One connection: bytes in, replies out, in order, and what the connection remembers (database,
 * protocol version, transaction, watches). It runs over any duplex stream.
 *
 * On a store that answers at once a request goes from `receive` to the reply writer in one
 * synchronous call, and all replies of a chunk leave in one write. Replies that come later keep a
 * slot in the order of replies.
 *
 * Back-pressure: while too many bytes of replies are unread, or too many requests unanswered, the
 * connection's requests wait; when too many of those have come in, the stream is paused. It is not
 * paused earlier, because a paused socket does not tell that its client has left.
 */
import type { Duplex } from 'node:stream';
import type { EngineSession } from '../engine/engine';
import { Subscriptions } from '../events/subscriptions';
import type { Argv, Command } from '../engine/command';
import type { ClientPort, ReplySlot } from '../engine/ports';
import { forgetBytes } from '../lib/key-hash';
import { ReplyWriter, type Transport } from '../protocol/reply-writer';
import type { Reply } from '../protocol/reply';
import { MORE, REQUEST, RequestParser } from '../protocol/request-parser';
import { clientLine } from './client-line';
import { directWrites } from './direct-write';
import { dispatch, needsNoGate } from './dispatcher';
import { endGently } from './gentle-end';
import { OutputLimiter, UNCOUNTED_REPLY_BYTES } from './output-limit';
import { mutedSlot, ReplyQueue } from './reply-queue';
import { HELD_REPLY_BYTES, MAX_HELD_BYTES, MAX_UNANSWERED } from './session-limits';
import type { SessionHost } from './session-host';
import { TransactionState } from './transaction-state';

export class Session extends TransactionState implements ClientPort {
  readonly subscriptions: Subscriptions<Reply>;
  readonly engine: EngineSession;
  readonly connectedAtMs: number;
  lastActiveMs: number;

  readonly parser: RequestParser<Command>;
  private readonly writer: ReplyWriter;
  private readonly outputLimiter: OutputLimiter;
  private readonly replies = new ReplyQueue();
  private holds = 0;
  private paused = false;
  private processing = false;
  private flushScheduled = false;
  /** The client sends nothing more. */
  private inputEnded = false;
  /** No further request is run. */
  closing = false;
  private ended = false;
  gone = false;
  /** Also without a password, if none was set when it connected. */
  private hasAuthenticated = false;
  /** Nothing special: requests need not pass the whole gate. */
  private plain = true;

  constructor(
    host: SessionHost,
    private readonly stream: Duplex,
    readonly id: number,
    readonly address: string,
    readonly localAddress: string,
    private readonly transport: Transport,
  ) {
    super(host);
    this.parser = new RequestParser(host.names, host.limits, host.largeMemory);
    const short = transport === 'plain socket' ? directWrites(stream) : undefined;
    this.writer = new ReplyWriter(stream, transport, short);
    this.outputLimiter = new OutputLimiter(
      host,
      () => this.kind,
      () => this.outputBytes,
      () => this.destroyForOutput(),
    );
    this.connectedAtMs = this.lastActiveMs = host.clock.nowMs();
    this.subscriptions = new Subscriptions(host.hub, this);
    this.engine = host.engine.connect(this);
    this.authenticated = !host.authRequired;
    this.strongReads = this.strongByDefault;
    stream.on('drain', () => {
      this.lastActiveMs = host.clock.nowMs();
      this.outputLimiter.checkSoftLimit();
      if (this.writer.pendingBytes > 0) this.flushSoon();
      this.resumeIfRead();
    });
    stream.on('error', () => this.destroy());
    stream.on('end', () => {
      // The client has sent its last request; what it asked for is still answered.
      this.inputEnded = true;
      // Some of it may still be held back although nothing holds it any more: no 'drain' came yet.
      this.resumeIfRead();
      this.finishIfDone();
    });
    stream.on('close', () => this.dispose());
  }

  get authenticated(): boolean {
    return this.hasAuthenticated;
  }

  set authenticated(value: boolean) {
    this.hasAuthenticated = value;
    this.updatePlain();
  }

  protected get strongByDefault(): boolean {
    return this.host.config.readConsistency === 'strong';
  }

  /** Whether it may run commands: it is authenticated, or no password is wanted now. */
  get trusted(): boolean {
    return this.parser.trusted;
  }

  /** Requests begun and not answered. */
  get unanswered(): number {
    return this.replies.length;
  }

  /** Bytes of replies that the client has not taken yet. */
  get outputBytes(): number {
    return this.replies.bytes + this.writer.pendingBytes + this.stream.writableLength;
  }

  /** Bytes of requests that were received and not run yet. */
  get inputBytes(): number {
    return this.parser.bytesPending;
  }

  describe(running?: Argv): string {
    return clientLine(this, this.host.clock.nowMs(), running);
  }

  /** Takes bytes from the stream. They may be overwritten as soon as this returns. */
  receive(chunk: Buffer, start: number, end: number): void {
    if (this.closing) return;
    this.host.stats.inputBytes += end - start;
    this.lastActiveMs = this.engine.beginChunk();
    this.parser.feed(chunk, start, end);
    if (this.isHeld()) this.keepInput();
    else this.work();
    forgetBytes();
  }

  /** Runs a request that has passed the gate. */
  run(command: Command, argv: Argv): Reply | undefined {
    return this.engine.execute(command, argv);
  }

  reset(): void {
    this.discardMulti();
    this.host.monitors.remove(this);
    this.resetState();
    this.authenticated = !this.host.authRequired;
  }

  monitor(): boolean {
    return this.host.monitors.add(this);
  }

  closeAfterReply(): void {
    this.closing = true;
  }

  defer(): ReplySlot {
    const slot = this.replies.defer(() => this.sendKnown());
    return this.replyMode === 'on' ? slot : mutedSlot(slot);
  }

  hold(): void {
    this.holds++;
  }

  release(): void {
    this.holds--;
    this.resumeIfRead();
  }

  /** Ends the connection when what was asked so far is answered and sent. */
  endWhenAnswered(): void {
    this.closing = true;
    this.finishIfDone();
  }

  /** Closes at once; replies that were not sent are lost. */
  destroy(): void {
    this.closing = true;
    this.stream.destroy();
  }

  /** A message goes out behind the replies that were given before it. */
  pushMessage(wire: Reply): void {
    if (this.closing) return;
    this.answer(wire);
    if (!this.processing) this.flushSoon();
  }

  subscribedChanged(): void {
    this.updatePlain();
  }

  override updatePlain(): void {
    const { host, parser } = this;
    parser.trusted = this.hasAuthenticated || !host.authRequired;
    this.plain =
      parser.trusted &&
      this.multi === undefined &&
      this.replyMode === 'on' &&
      !this.monitoring &&
      this.subscriptions.size === 0 &&
      !host.gated;
  }

  /** Runs the requests that the parser has, and sends the replies. */
  private work(): void {
    // A reply that comes at once may end a hold in the middle of this.
    if (this.processing) return;
    this.processing = true;
    try {
      // When the kernel takes a full load of replies at once, no 'drain' will tell us to go on.
      for (;;) {
        const done = this.runRequests();
        this.engine.endChunk();
        if (done) break;
        this.flush();
        // Closed for its output: nothing more of it runs.
        if (this.closing) break;
        if (!this.isHeld()) continue;
        this.keepInput();
        break;
      }
    } catch (error) {
      // A bug. It ends this connection, not the server and all others.
      this.host.log.warning(`Client ${this.address} closed by an internal error: ${String(error)}`);
      this.destroy();
    }
    this.processing = false;
    if (this.closing || this.inputEnded) this.finishIfDone();
    else if (this.writer.pendingBytes > 0) this.flushSoon();
  }

  /** @returns false if it stopped because further requests are held back */
  private runRequests(): boolean {
    const { parser, host, replies, writer } = this;
    for (;;) {
      const status = parser.next();
      if (status === REQUEST) {
        const { command, argv } = parser;
        const reply =
          this.plain && command !== undefined && needsNoGate(command, argv.length)
            ? this.run(command, argv)
            : dispatch(this, command, argv);
        if (reply !== undefined) this.answer(reply);
        if (this.closing) return true;
        if (
          this.holds > 0 ||
          writer.pendingBytes + replies.bytes >= HELD_REPLY_BYTES ||
          replies.length >= MAX_UNANSWERED
        ) {
          return false;
        }
      } else if (status === MORE) {
        return true;
      } else {
        // Redis closes after a protocol error: the rest of the stream cannot be trusted.
        this.closing = true;
        if (parser.error !== '') {
          host.engine.stats.calls.countError(parser.error);
          this.answer(parser.error);
        }
        host.log.verbose(`Protocol error from client ${this.address}: ${parser.error.trim()}`);
        return true;
      }
    }
  }

  private answer(reply: Reply): void {
    if (this.replies.length === 0) this.writer.add(reply);
    else this.replies.push(reply);
  }

  /** Sends the replies that nothing is in front of any more. */
  private sendKnown(): void {
    for (;;) {
      const reply = this.replies.shift();
      if (reply === undefined) break;
      this.writer.add(reply);
    }
    if (!this.processing) this.flushSoon();
  }

  private flushSoon(): void {
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    this.host.flushQueue.add(this);
  }

  /** Sends what is ready. Called by the flush queue. */
  flushNow(): void {
    this.flushScheduled = false;
    this.flush();
    if (this.parser.bytesPending > 0 || this.paused) this.resumeIfRead();
    if (this.closing || this.inputEnded) this.finishIfDone();
  }

  private flush(): void {
    const { outputLimiter, stream, writer } = this;
    if (this.gone || stream.destroyed) return;
    const waiting = writer.pendingBytes + stream.writableLength;
    // Before writing, as in Redis: what the kernel would take at once counts, too.
    if (waiting > UNCOUNTED_REPLY_BYTES && outputLimiter.overHardLimit(waiting)) {
      this.destroyForOutput();
      return;
    }
    // A socket that is full tells when it has drained; a stream of this process may not be looked at.
    if (this.transport === 'stream' || !stream.writableNeedDrain) {
      const before = writer.bytesWritten;
      writer.flush();
      this.host.stats.outputBytes += writer.bytesWritten - before;
      if (writer.pendingBytes > 0 && !stream.writableNeedDrain) this.flushSoon();
    }
    if (writer.pendingBytes + stream.writableLength > UNCOUNTED_REPLY_BYTES) {
      outputLimiter.checkSoftLimit();
    }
  }

  private destroyForOutput(): void {
    this.host.log.warning(`Client ${this.address} closed for overcoming of output buffer limits.`);
    this.destroy();
  }

  private isHeld(): boolean {
    const { replies, stream, writer } = this;
    if (this.holds > 0 || replies.length >= MAX_UNANSWERED) return true;
    const bytes = replies.bytes + writer.pendingBytes + stream.writableLength;
    if (bytes < HELD_REPLY_BYTES) return false;
    // A stream that would take still more does not tell when it is empty.
    return replies.length > 0 || writer.pendingBytes > 0 || stream.writableNeedDrain;
  }

  /** Holds on to requests that must wait. */
  private keepInput(): void {
    const { parser } = this;
    parser.keep();
    if (parser.overLimit) this.destroy();
    // A client that only has to wait must not come near the limit of its input.
    const mostBytes = Math.min(MAX_HELD_BYTES, this.host.limits.maxQueryBufferBytes / 2);
    if (!this.paused && parser.bytesPending >= mostBytes) {
      this.paused = true;
      this.stream.pause();
    }
  }

  private resumeIfRead(): void {
    if (this.gone || this.closing || this.processing || this.isHeld()) return;
    this.engine.beginChunk();
    this.work();
    // Not held: all that came in is used up, if only as a part of a large argument.
    if (this.paused && !this.isHeld()) {
      this.paused = false;
      this.stream.resume();
    }
  }

  /** Ends the stream when no more requests will come and every reply is on its way. */
  private finishIfDone(): void {
    const done = this.closing || (this.inputEnded && !this.isHeld());
    if (!done || this.ended || this.gone || this.replies.length > 0) return;
    this.closing = true;
    this.flush();
    // The last slices go first; after each this is asked again.
    if (this.writer.pendingBytes > 0) return;
    this.ended = true;
    endGently(this.stream, this.host.clock, () => {
      // Gone for all others, as in Redis, though its client may not have closed its side yet.
      this.host.linger(this.stream);
      this.dispose();
    });
  }

  /** The stream is closed, or soon will be. */
  dispose(): void {
    if (this.gone) return;
    this.gone = true;
    this.closing = true;
    this.outputLimiter.stop();
    this.subscriptions.clear();
    this.host.monitors.remove(this);
    this.engine.close();
    this.host.sessionClosed(this);
  }
}
