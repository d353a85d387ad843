/** The addresses that a server listens on: TCP, TLS, a Unix socket. */
import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs';
import {
  connect,
  createServer,
  isIPv6,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { dirname } from 'node:path';
import { liveTlsOptions, type Config, type Settings } from '../config';
import type { Logger } from '../lib/log';
import { listenNow } from './listen-now';
import { bindHost, listenError, listening, shownAddress } from './listening';
import { newReadBuffer, type Receive, type ShareReads } from './shared-read';
import type * as tls from './tls-listener';

/**
 * Takes a new connection.
 * @param plain whether there is no TLS
 * @returns what takes the socket's bytes, undefined if it is refused
 */
export type Accept = (socket: Socket, plain: boolean) => Receive | undefined;

const portRefusal = 'Unable to listen on this port. Check server logs.';
const tlsRefusal = 'Unable to update TLS configuration. Check server logs.';

/** The options that say where to listen, and Redis's words when it cannot. */
const moves: readonly [name: keyof Settings, refusal: string][] = [
  ['port', portRefusal],
  ['bind', 'Failed to bind to specified addresses.'],
  ['tlsPort', portRefusal],
  ['tlsAuthClients', tlsRefusal],
];

/** Where and how to listen. */
interface Place {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `tls-auth-clients` if it is for TLS: Node takes that for the life of a listener. */
  readonly tlsClients: string | undefined;
}

interface Open {
  readonly place: Place;
  readonly listener: NetServer | tls.TlsListener;
}

export class Listeners {
  private open: Open[] = [];
  /** Those that listen no more, while their connections are open: some may still shake hands. */
  private readonly left = new Set<tls.TlsListener>();
  private unix: NetServer | undefined;
  private closed = false;
  /** The port that `port 0` has drawn. */
  private drawnPort = 0;
  private readonly readBuffer = newReadBuffer();

  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    private readonly accept: Accept,
    private readonly shareReads: ShareReads,
  ) {}

  /** The TCP port in use, 0 without one. */
  get port(): number {
    return this.open.find(({ place }) => place.tlsClients === undefined)?.place.port ?? 0;
  }

  /**
   * Listens on every address of `bind` and on the Unix socket.
   * @returns what it listens on: `host:port`, or the path of the socket
   * @throws Error with one line that says which address cannot be had, and why
   */
  async listen(): Promise<readonly string[]> {
    const addresses: string[] = [];
    for (const { host, optional } of this.hosts()) {
      for (const place of this.placesAt(host)) {
        let { server, listener } = this.newListener(place);
        const options = this.tcpOptions(place);
        // What is a free address is had at once; all else Node looks up, or says what is wrong.
        if (listenNow(server, options) !== undefined) {
          ({ server, listener } = this.newListener(place));
          try {
            await listening(server, { ...options, ipv6Only: isIPv6(host) });
          } catch (error) {
            if (optional && isAbsent(codeOf(error))) continue;
            throw listenError(`${host}:${place.port}`, error);
          }
        }
        addresses.push(this.opened(place, server, listener));
      }
    }
    if (this.config.unixSocket !== '') addresses.push(await this.listenUnix());
    return addresses;
  }

  /** CONFIG SET of addresses, certificates and the like counts from now on. */
  followConfig(): void {
    this.config.onChange('tlsPort', (port) => {
      if (port > 0) this.orRefuse(tlsRefusal, () => this.newTlsListener());
    });
    for (const [name, refusal] of moves) {
      this.config.onChange(name, () => this.orRefuse(refusal, () => this.move()));
    }
    for (const name of liveTlsOptions) {
      this.config.onChange(name, () => this.orRefuse(tlsRefusal, () => this.updateTls()));
    }
  }

  /** The client is told what Redis tells, the log why. */
  private orRefuse(refusal: string, apply: () => void): void {
    try {
      apply();
    } catch (error) {
      this.log.warning((error as Error).message);
      throw new Error(refusal, { cause: error });
    }
  }

  /**
   * Goes to the TCP addresses that the configuration has now; connections stay. Old addresses are
   * left first, because `*` cannot be had beside an address that it includes. If it throws it may
   * listen on a part of them, until the configuration is one that it can follow.
   */
  private move(): void {
    // A request that was under way when the server began to close.
    if (this.closed) return;
    if (this.config.port !== 0) this.drawnPort = 0;
    const hosts = this.hosts();
    const wanted = hosts.flatMap(({ host }) => this.placesAt(host)).map(keyOf);
    const stays = ({ place }: Open): boolean => wanted.includes(keyOf(place));
    for (const open of this.open) if (!stays(open)) this.leave(open);
    this.open = this.open.filter(stays);
    for (const { host, optional } of hosts) {
      for (const place of this.placesAt(host)) {
        if (this.open.some((open) => keyOf(open.place) === keyOf(place))) continue;
        const { server, listener } = this.newListener(place);
        const code = listenNow(server, this.tcpOptions(place));
        if (code === undefined) {
          this.log.notice(`Listening on ${this.opened(place, server, listener)}`);
        } else if (!optional || !isAbsent(code)) {
          throw listenError(`${host}:${place.port}`, { code, message: code });
        }
      }
    }
  }

  private leave({ listener }: Open): void {
    if (!('server' in listener)) {
      listener.close();
      return;
    }
    this.left.add(listener);
    listener.server.close(() => this.left.delete(listener));
  }

  /** Certificates and ciphers, for connections made from now on. */
  private updateTls(): void {
    for (const { listener } of this.open) if ('update' in listener) listener.update();
  }

  /** Connections that were accepted stay. */
  close(): void {
    this.closed = true;
    this.unix?.close();
    for (const { listener } of this.open) listener.close();
    for (const listener of this.left) listener.close();
  }

  private hosts(): { host: string; optional: boolean }[] {
    return this.config.bind.map((entry) => {
      const optional = entry.startsWith('-');
      return { host: bindHost(optional ? entry.slice(1) : entry), optional };
    });
  }

  /** Without TLS, with it, or both. */
  private placesAt(host: string): Place[] {
    const { port, tlsPort, tlsAuthClients } = this.config;
    const places: Place[] = [];
    if (port > 0 || tlsPort === 0) {
      // With port 0 the first address draws the port, and the others take the same.
      places.push({ host, port: port || this.drawnPort, tlsClients: undefined });
    }
    if (tlsPort > 0) places.push({ host, port: tlsPort, tlsClients: tlsAuthClients });
    return places;
  }

  private tcpOptions({ host, port }: Place): { host: string; port: number; backlog: number } {
    return { host, port, backlog: this.config.tcpBacklog };
  }

  private newListener(place: Place): { server: NetServer; listener: NetServer | tls.TlsListener } {
    if (place.tlsClients === undefined) {
      const server = this.newPlainListener();
      return { server, listener: server };
    }
    const listener = this.newTlsListener();
    return { server: listener.server, listener };
  }

  /** @throws Error with one line if the options do not fit together */
  private newTlsListener(): tls.TlsListener {
    // Loaded when it is needed: node:tls takes longer to load than any file of goredis.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { TlsListener } = require('./tls-listener') as typeof tls;
    return new TlsListener(this.config, this.log, (socket) => {
      const receive = this.accept(socket, false);
      if (receive) socket.on('data', (chunk: Buffer) => receive(chunk, chunk.length));
    });
  }

  /** Takes in a listener that listens. */
  private opened(place: Place, server: NetServer, listener: NetServer | tls.TlsListener): string {
    const { host, tlsClients } = place;
    const { port } = server.address() as AddressInfo;
    if (place.port === 0) this.drawnPort = port;
    this.open.push({ place: { host, port, tlsClients }, listener });
    const address = shownAddress(host, port);
    if (tlsClients !== undefined) return `${address} (TLS)`;
    this.shareReads(server, this.readBuffer, (socket) => this.accept(socket, true));
    return address;
  }

  private async listenUnix(): Promise<string> {
    const path = this.config.unixSocket;
    // Where there is no such folder libuv speaks of a lack of permission.
    if (!existsSync(dirname(path))) throw listenError(path, new Error('No such directory'));
    if (await isStale(path)) unlinkSync(path);
    const listener = this.newPlainListener();
    try {
      await listening(listener, { path, backlog: this.config.tcpBacklog });
      const { unixSocketPermissions } = this.config;
      if (unixSocketPermissions > 0) chmodSync(path, unixSocketPermissions);
    } catch (error) {
      listener.close();
      throw listenError(path, error);
    }
    this.unix = listener;
    this.shareReads(listener, this.readBuffer, (socket) => this.accept(socket, true));
    return path;
  }

  private newPlainListener(): NetServer {
    return createServer({ allowHalfOpen: true }, (socket) => {
      const receive = this.accept(socket, true);
      if (receive) socket.on('data', (chunk) => receive(chunk, chunk.length));
    });
  }
}

const keyOf = ({ host, port, tlsClients = '' }: Place): string => `${host} ${port} ${tlsClients}`;

/** The machine does not have such an address. */
const isAbsent = (code: string | undefined): boolean =>
  code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';

const codeOf = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code;

/** Whether a socket file lies there that nobody listens on: what a killed server leaves behind. */
function isStale(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
