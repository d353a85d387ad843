/**
 * A client in the process of its server, without a socket. It speaks RESP2 with a session as any
 * other client does; requests are pipelined in the order in which they are sent.
 */
import type RedisParser from 'redis-parser';
import { Deque } from '../lib/deque';
import { LocalStream } from './local-stream';
import { Subscriptions } from './subscriptions';

/** Text goes as UTF-8. */
export type Argument = string | number | bigint | Uint8Array;

/** An error of the server: `message` is all of it, `code` its first word, such as `WRONGTYPE`. */
export interface ServerError extends Error {
  readonly code: string;
}

/**
 * A reply: text (or a Buffer, if the client was made so), an integer, null, or a list. An error is
 * a rejection, but inside a list (EXEC) it is an error in its place. Integers beyond 2^53 lose digits.
 */
export type Reply = string | Buffer | number | null | ServerError | readonly Reply[];

export interface ClientOptions {
  /** Replies hold Buffers in place of text, as values that are not UTF-8 need it. */
  readonly buffers?: boolean;
}

interface Request {
  readonly name: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** How many channels it names, if it is one that names channels. */
  readonly names: number;
  /** Replies that are still to come, once the first is here; only SUBSCRIBE and its kind have several. */
  missing?: number;
}

/** How a line of MONITOR begins. */
const MONITOR_LINE = /^\d+\.\d{6} \[\d+ /;
const MONITOR_HEAD_LENGTH = 40;

interface Taker {
  readonly resolve: (message: Reply) => void;
  readonly reject: (error: Error) => void;
}

export class Client {
  private readonly stream: LocalStream;
  private readonly parser: RedisParser;
  private readonly requests = new Deque<Request>();
  private readonly messages = new Deque<Reply>();
  private readonly takers = new Deque<Taker>();
  private readonly subscriptions = new Subscriptions();
  /** MONITOR is asked for, or on. */
  private monitoring = false;
  private readonly closed: Promise<void>;
  private closing = false;
  private failure: Error | undefined;

  /**
   * @param attach gives the stream to a session
   * @param flush makes the session write what is ready
   */
  constructor(
    attach: (stream: LocalStream) => void,
    private readonly flush: () => void,
    options: ClientOptions,
  ) {
    // Loaded when it is needed: most servers have no such client.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const Parser = require('redis-parser') as typeof RedisParser;
    this.parser = new Parser({
      returnBuffers: options.buffers === true,
      returnReply: (reply) => this.receive(withCodes(reply)),
      returnError: (error) => this.receive(withCode(error)),
      returnFatalError: (error) => {
        this.failure = error;
        this.stream.destroy();
      },
    });
    this.stream = new LocalStream((bytes) => this.parser.execute(bytes));
    this.stream.on('error', (error) => (this.failure ??= error));
    this.closed = new Promise((resolve) => {
      this.stream.once('close', () => {
        this.end();
        resolve();
      });
    });
    attach(this.stream);
  }

  /**
   * Sends a request: `send('SET', 'key', 'value')`.
   * @returns the reply. Of SUBSCRIBE and its kind, which answer once a channel, the last one.
   *   Rejects with the server's error (ServerError), when the connection closes before, and with a
   *   TypeError for what cannot be sent: other arguments, `HELLO 3`, and `CLIENT REPLY` and a second
   *   MONITOR, because every request is awaited.
   */
  async send(...args: readonly Argument[]): Promise<Reply> {
    const request = encodeRequest(args);
    const [name = '', first = '', second = ''] = args.map((arg) => String(arg).toLowerCase());
    if (name === 'hello' && first !== '' && first !== '2') {
      throw new TypeError('this client speaks RESP2 only');
    }
    if (name === 'client' && first === 'reply' && second !== 'on') {
      throw new TypeError('this client needs its replies');
    }
    if (name === 'monitor' && this.monitoring) throw new TypeError('this client monitors already');
    if (this.closing) throw this.closedError();
    this.monitoring ||= name === 'monitor';
    return new Promise((resolve, reject) => {
      this.requests.pushBack({ name, names: args.length - 1, resolve, reject });
      this.stream.request(request);
    });
  }

  /**
   * The messages that have come and that nobody has taken: `['message', channel, text]`, or
   * `['pmessage', pattern, channel, text]`, or a line of MONITOR. What the server has to send is
   * fetched first, so that all events of `clock.advance(...)` are there when it returns.
   */
  takeMessages(): Reply[] {
    this.flush();
    this.stream.deliver();
    const messages: Reply[] = [];
    for (
      let message = this.messages.popFront();
      message !== undefined;
      message = this.messages.popFront()
    ) {
      messages.push(message);
    }
    return messages;
  }

  /** The next such message. Rejects when the connection closes before. */
  nextMessage(): Promise<Reply> {
    const message = this.messages.popFront();
    if (message !== undefined) return Promise.resolve(message);
    if (this.closing) return Promise.reject(this.closedError());
    return new Promise((resolve, reject) => this.takers.pushBack({ resolve, reject }));
  }

  /** Closes the connection when what was sent is answered. */
  close(): Promise<void> {
    this.closing = true;
    this.stream.endRequests();
    return this.closed;
  }

  private receive(reply: Reply): void {
    if (this.subscriptions.isMessage(reply) || this.isMonitorLine(reply)) {
      this.push(reply);
      return;
    }
    const request = this.requests.at(0);
    if (request === undefined) {
      // The server says why it closes the connection; else it is a line of MONITOR.
      if (reply instanceof Error) this.failure = reply;
      else this.push(reply);
      return;
    }
    request.missing ??= this.subscriptions.repliesTo(request.name, request.names);
    if (this.subscriptions.confirms(request.name, reply) && --request.missing > 0) return;
    this.requests.popFront();
    if (request.name === 'monitor') this.monitoring = String(reply) === 'OK';
    else if (request.name === 'reset') this.monitoring = false;
    if (reply instanceof Error) request.reject(reply);
    else request.resolve(reply);
  }

  private isMonitorLine(reply: Reply): boolean {
    if (!this.monitoring) return false;
    if (typeof reply !== 'string' && !Buffer.isBuffer(reply)) return false;
    return MONITOR_LINE.test(reply.slice(0, MONITOR_HEAD_LENGTH).toString());
  }

  private push(message: Reply): void {
    const taker = this.takers.popFront();
    if (taker === undefined) this.messages.pushBack(message);
    else taker.resolve(message);
  }

  private end(): void {
    this.closing = true;
    const error = this.closedError();
    for (let next = this.requests.popFront(); next !== undefined; next = this.requests.popFront()) {
      next.reject(error);
    }
    for (let next = this.takers.popFront(); next !== undefined; next = this.takers.popFront()) {
      next.reject(error);
    }
  }

  private closedError(): Error {
    const why = this.failure === undefined ? '' : `: ${this.failure.message}`;
    return new Error(`the connection is closed${why}`, { cause: this.failure });
  }
}

/** @throws TypeError */
function encodeRequest(args: readonly Argument[]): Buffer {
  if (args.length === 0) throw new TypeError('a request needs the name of a command');
  const pieces: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = bytesOf(arg);
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(pieces);
}

const CRLF = Buffer.from('\r\n');

/** Errors inside a list are those of commands that EXEC has run, one level down. */
function withCodes(reply: unknown): Reply {
  if (Array.isArray(reply)) {
    for (const item of reply) if (item instanceof Error) withCode(item);
  }
  return reply as Reply;
}

function withCode(error: Error): ServerError {
  return Object.assign(error, { code: /^\S*/.exec(error.message)![0] });
}

function bytesOf(arg: unknown): Uint8Array {
  if (arg instanceof Uint8Array) return arg;
  if (typeof arg === 'string' || typeof arg === 'number' || typeof arg === 'bigint') {
    return Buffer.from(String(arg));
  }
  const kind = arg === null ? 'null' : typeof arg;
  throw new TypeError(`arguments are strings, numbers, bigints or Buffers, not ${kind}`);
}
