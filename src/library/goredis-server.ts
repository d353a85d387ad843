/** A server as users of the library see it. */
import type { Duplex } from 'node:stream';
import type { Server } from '../server/server';
import type { Session } from '../server/session';
import { Client, type ClientOptions } from './client';

/** Where a server listens; clients take it as it is: `new Redis(server.address)`. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How long `close` waits for clients to take their last replies, in real time. */
const CLOSE_GRACE_MS = 1000;

export class GoredisServer {
  private listening: Promise<readonly string[]> | undefined;
  private firstAddress: Address | undefined;
  private open = false;
  private closing: Promise<void> | undefined;

  constructor(private readonly server: Server) {
    server.onShutdown = () => {
      // Who calls `close` hears of errors; nobody may.
      this.close().catch(() => undefined);
    };
  }

  /**
   * Listens on every address of `bind`, and on the Unix socket.
   * @throws Error that says which address cannot be had, and why; if it has been called before, or
   *   the server is closed
   */
  async listen(): Promise<this> {
    if (this.closing !== undefined) throw new Error('the server is closed');
    if (this.listening !== undefined) throw new Error('the server listens already');
    this.listening = this.server.listen();
    const addresses = await this.listening;
    this.open = true;
    this.firstAddress = addresses.map(parseAddress).find((address) => address !== undefined);
    return this;
  }

  /**
   * The first TCP address it listens on, or did before it was closed.
   * @throws Error before it listens on one
   */
  get address(): Address {
    if (this.firstAddress === undefined) throw new Error('the server has no TCP address');
    return this.firstAddress;
  }

  /**
   * Serves a client over a stream, be it a socket, one end of a pipe or something of your own.
   * @throws TypeError for anything else; Error if the server is closed
   */
  handle(stream: Duplex): void {
    if (!isDuplex(stream)) throw new TypeError('handle takes a Duplex stream');
    this.attach(stream, () => undefined);
  }

  /**
   * A client in this process that needs no socket. Neither does it need `listen`.
   * @throws TypeError for options of another type; Error if the server is closed
   */
  connect(options: ClientOptions = {}): Client {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError('connect takes an object of options');
    }
    let session: Session | undefined;
    return new Client(
      (stream) => this.attach(stream, (made) => (session = made)),
      () => session?.flushNow(),
      options,
    );
  }

  /**
   * Answers what was asked for, ends all connections, and closes the store. Nothing is left of the
   * server then. A client that does not take its replies is dropped after a second. SHUTDOWN does
   * the same.
   */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    await this.listening?.catch(() => undefined);
    // Not by the server's clock: that may be one that stands still.
    const timer = setTimeout(() => this.server.dropAll(), CLOSE_GRACE_MS);
    await this.server.close().finally(() => clearTimeout(timer));
    // Node is done with closed handles at the end of a turn, and this may be the middle of one.
    for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate);
  }

  /** Hands the stream to a session, when the store is open. */
  private attach(stream: Duplex, take: (session: Session | undefined) => void): void {
    if (this.closing !== undefined) throw new Error('the server is closed');
    if (this.open) {
      take(this.server.handle(stream));
      return;
    }
    const fail = (): void => void stream.destroy();
    stream.once('error', fail);
    this.server.start().then(
      () => {
        this.open = true;
        stream.off('error', fail);
        if (!stream.destroyed) take(this.server.handle(stream));
      },
      (error: Error) => stream.destroy(error),
    );
  }
}

/** `host:port` or `[host]:port`; a Unix socket has none. */
function parseAddress(shown: string): Address | undefined {
  const [, host, port] = /^\[?([\da-zA-Z.:-]+?)\]?:(\d+)(?: \(TLS\))?$/.exec(shown) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

function isDuplex(stream: unknown): boolean {
  const candidate = stream as Partial<Duplex> | null | undefined;
  const methods = [
    candidate?.on,
    candidate?.write,
    candidate?.end,
    candidate?.resume,
    candidate?.destroy,
  ];
  return methods.every((method) => typeof method === 'function');
}
