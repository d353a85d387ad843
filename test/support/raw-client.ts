/**
 * A client that shows what is on the wire: it cuts the stream into replies but leaves their bytes
 * as they are, so that tests compare bytes. It knows RESP2 and RESP3. A RESP3 push message counts
 * as a reply, in the order it arrived.
 */
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type Target = number | { readonly path: string } | Duplex;

/** Connects to a port of 127.0.0.1 or to a Unix socket, or speaks over a stream that is there. */
export async function connectRaw(target: Target): Promise<RawClient> {
  if (typeof target === 'object' && !('path' in target)) return new RawClient(target);
  const socket: Socket =
    typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target.path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve();
    });
  });
  socket.setNoDelay(true);
  return new RawClient(socket);
}

/** A request in RESP. Strings are latin1: one byte a character. */
export function encodeRequest(args: readonly (string | Buffer)[]): Buffer {
  const pieces: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === 'string' ? Buffer.from(arg, 'latin1') : arg;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(pieces);
}

interface Reader {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export class RawClient {
  /** Resolves when the other side has closed, however that came; all replies are here by then. */
  readonly closed: Promise<void>;
  private isClosed = false;
  private failure: Error | undefined;
  private readonly framer = new ReplyFramer();
  private readonly replies: Buffer[] = [];
  private readers: Reader[] = [];

  constructor(readonly stream: Duplex) {
    stream.on('data', (chunk: Buffer) => {
      for (const reply of this.framer.push(chunk)) {
        const reader = this.readers.shift();
        if (reader) reader.resolve(reply);
        else this.replies.push(reply);
      }
    });
    stream.on('error', (error: Error) => (this.failure = error));
    this.closed = new Promise((resolve) => {
      const close = (): void => {
        this.isClosed = true;
        for (const reader of this.readers) reader.reject(this.closedError());
        this.readers = [];
        resolve();
      };
      stream.once('end', close);
      stream.once('close', close);
    });
  }

  /** Strings are latin1. */
  send(bytes: string | Buffer): void {
    this.stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** An inline command, as typed into telnet. */
  sendLine(line: string): void {
    this.send(`${line}\r\n`);
  }

  /** Sends one request in RESP and reads one reply. */
  command(...args: (string | Buffer)[]): Promise<Buffer> {
    this.send(encodeRequest(args));
    return this.readReply();
  }

  /** The exact bytes of the next reply. Rejects when the connection closes before. */
  readReply(): Promise<Buffer> {
    const reply = this.replies.shift();
    if (reply) return Promise.resolve(reply);
    if (this.isClosed) return Promise.reject(this.closedError());
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  readReplies(count: number): Promise<Buffer[]> {
    return Promise.all(Array.from({ length: count }, () => this.readReply()));
  }

  /** All that comes until the other side closes, an unfinished reply included. */
  async readToClose(): Promise<Buffer> {
    await this.closed;
    return Buffer.concat([...this.replies.splice(0), this.framer.unfinished()]);
  }

  /** Bytes of replies that are here and were not read yet. */
  get unread(): number {
    return this.replies.reduce((sum, reply) => sum + reply.length, this.framer.unfinished().length);
  }

  /** Closes our side after what was sent and waits for the other side to close. */
  end(): Promise<void> {
    this.stream.end();
    return this.closed;
  }

  /** Drops the connection. */
  destroy(): void {
    this.stream.destroy();
  }

  private closedError(): Error {
    const rest = this.framer.unfinished();
    const text =
      rest.length > 0 ? `, unfinished reply ${JSON.stringify(rest.toString('latin1'))}` : '';
    return new Error(`connection closed while a reply was awaited${text}`, { cause: this.failure });
  }
}

/**
 * Cuts a stream into replies. It goes over each byte once: a reply is whole when no element of it
 * is missing, and an aggregate only adds to the number of missing elements.
 */
export class ReplyFramer {
  private bytes: Buffer = Buffer.alloc(0);
  /** Where the next header of the current reply starts. */
  private at = 0;
  private missing = 1;

  /** The replies that are complete with this chunk. */
  push(chunk: Buffer): Buffer[] {
    this.append(chunk);
    const replies: Buffer[] = [];
    let start = 0;
    while (this.step()) {
      if (this.missing > 0) continue;
      replies.push(Buffer.from(this.bytes.subarray(start, this.at)));
      start = this.at;
      this.missing = 1;
    }
    this.bytes = this.bytes.subarray(start);
    this.at -= start;
    return replies;
  }

  unfinished(): Buffer {
    return this.bytes;
  }

  /** Large replies come in many chunks, so the room grows by doubling. */
  private append(chunk: Buffer): void {
    const { bytes } = this;
    const length = bytes.length + chunk.length;
    const room = bytes.buffer.byteLength - bytes.byteOffset;
    if (bytes.length > 0 && length <= room) {
      this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    } else {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, bytes.length * 2));
      bytes.copy(grown);
      this.bytes = grown.subarray(0, length);
    }
    chunk.copy(this.bytes, length - chunk.length);
  }

  /** Passes one element; false when it is not here yet. */
  private step(): boolean {
    const lineEnd = this.bytes.indexOf('\r\n', this.at);
    if (lineEnd === -1) return false;
    const kind = String.fromCharCode(this.bytes[this.at]!);
    const next = lineEnd + 2;
    const count = Number(this.bytes.toString('latin1', this.at + 1, lineEnd));
    switch (kind) {
      case '$':
      case '=':
      case '!': {
        const end = count < 0 ? next : next + count + 2;
        if (end > this.bytes.length) return false;
        this.pass(end, 0);
        return true;
      }
      case '*':
      case '~':
      case '>':
        this.pass(next, Math.max(count, 0));
        return true;
      case '%':
        this.pass(next, count * 2);
        return true;
      case '|':
        // Attributes precede the reply they describe.
        this.pass(next, count * 2 + 1);
        return true;
      case '+':
      case '-':
      case ':':
      case '_':
      case '#':
      case ',':
      case '(':
        this.pass(next, 0);
        return true;
      default:
        throw new Error(
          `not a reply: ${JSON.stringify(this.bytes.toString('latin1', this.at, next))}`,
        );
    }
  }

  private pass(next: number, children: number): void {
    this.at = next;
    this.missing += children - 1;
  }
}
