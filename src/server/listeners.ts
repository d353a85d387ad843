/** The addresses that a server listens on: TCP, TLS, a Unix socket. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import {
  connect,
  createServer,
  isIPv6,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import type { Config } from '../config';
import type { Logger } from '../lib/log';
import { newReadBuffer, type Receive, type ShareReads } from './shared-read';
import type * as tls from './tls-listener';

/**
 * Takes a new connection.
 * @param plain whether bytes that the socket has written are with the kernel
 * @returns what takes the socket's bytes, undefined if it is refused
 */
export type Accept = (socket: Socket, plain: boolean) => Receive | undefined;

export class Listeners {
  /** The TCP port in use, 0 without one. */
  port = 0;
  private readonly listeners: NetServer[] = [];
  private readonly tlsListeners: tls.TlsListener[] = [];
  private readonly readBuffer = newReadBuffer();

  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    private readonly accept: Accept,
    private readonly shareReads: ShareReads,
  ) {}

  /**
   * Listens on every address of `bind` and on the Unix socket.
   * @returns what it listens on: `host:port`, or the path of the socket
   * @throws Error with one line that says which address cannot be had, and why
   */
  async listen(): Promise<readonly string[]> {
    const addresses: string[] = [];
    for (const entry of this.config.bind) {
      const optional = entry.startsWith('-');
      const host = bindHost(optional ? entry.slice(1) : entry);
      try {
        addresses.push(...(await this.listenOn(host)));
      } catch (error) {
        const code = codeOf((error as Error).cause);
        if (optional && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue;
        throw error;
      }
    }
    if (this.config.unixSocket !== '') addresses.push(await this.listenUnix());
    return addresses;
  }

  /** Certificates and ciphers, for connections made from now on. */
  updateTls(): void {
    try {
      for (const listener of this.tlsListeners) listener.update();
    } catch (error) {
      this.log.warning((error as Error).message);
      throw new Error('Unable to update TLS configuration. Check server logs.', { cause: error });
    }
  }

  /** Connections that were accepted stay. */
  close(): void {
    for (const listener of [...this.listeners, ...this.tlsListeners]) listener.close();
  }

  /** Listens without TLS, with it, or both. */
  private async listenOn(host: string): Promise<string[]> {
    const { port, tlsPort } = this.config;
    const addresses: string[] = [];
    if (port > 0 || tlsPort === 0) addresses.push(await this.listenTcp(host));
    if (tlsPort > 0) addresses.push(`${await this.listenTls(host)} (TLS)`);
    return addresses;
  }

  private async listenTls(host: string): Promise<string> {
    const { tlsPort: port, tcpBacklog: backlog } = this.config;
    // Loaded when it is needed: node:tls takes longer to load than any file of goredis.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { TlsListener } = require('./tls-listener') as typeof tls;
    const listener = new TlsListener(this.config, this.log, (socket) => {
      const receive = this.accept(socket, false);
      if (receive) socket.on('data', (chunk: Buffer) => receive(chunk, chunk.length));
    });
    this.tlsListeners.push(listener);
    try {
      await listening(listener.server, { host, port, backlog, ipv6Only: isIPv6(host) });
    } catch (error) {
      throw listenError(`${host}:${port}`, error);
    }
    return shownAddress(host, port);
  }

  private async listenTcp(host: string): Promise<string> {
    const listener = this.newListener();
    const { tcpBacklog: backlog } = this.config;
    // With port 0 the first address draws the port, and the others take the same.
    const port = this.port || this.config.port;
    try {
      await listening(listener, { host, port, backlog, ipv6Only: isIPv6(host) });
    } catch (error) {
      throw listenError(`${host}:${port}`, error);
    }
    this.port = (listener.address() as AddressInfo).port;
    this.shareReads(listener, this.readBuffer, (socket) => this.accept(socket, true));
    return isIPv6(host) ? `[${host}]:${this.port}` : `${host}:${this.port}`;
  }

  private async listenUnix(): Promise<string> {
    const path = this.config.unixSocket;
    if (await isStale(path)) unlinkSync(path);
    const listener = this.newListener();
    try {
      await listening(listener, { path, backlog: this.config.tcpBacklog });
      const { unixSocketPermissions } = this.config;
      if (unixSocketPermissions > 0) chmodSync(path, unixSocketPermissions);
    } catch (error) {
      throw listenError(path, error);
    }
    this.shareReads(listener, this.readBuffer, (socket) => this.accept(socket, true));
    return path;
  }

  private newListener(): NetServer {
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      const receive = this.accept(socket, true);
      if (receive) socket.on('data', (chunk) => receive(chunk, chunk.length));
    });
    this.listeners.push(listener);
    return listener;
  }
}

/** `*` and `::*` are how Redis writes all addresses. */
export function bindHost(entry: string): string {
  return entry === '*' ? '0.0.0.0' : entry === '::*' ? '::' : entry;
}

export function shownAddress(host: string, port: number | undefined): string {
  return host.includes(':') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}

export function listening(
  listener: NetServer,
  options: Parameters<NetServer['listen']>[0],
): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

const codeOf = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code;

export function listenError(address: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'EADDRINUSE' ? 'Address already in use' : message;
  return new Error(`Could not listen on ${address}: ${reason}`, { cause: error });
}

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
