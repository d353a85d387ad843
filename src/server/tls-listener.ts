/** Listens for TLS, and hands on connections that have shaken hands. */
import type { Socket } from 'node:net';
import { createServer, type Server as NodeTlsServer, type TLSSocket } from 'node:tls';
import type { Config } from '../config';
import type { Logger } from '../lib/log';
import { tlsOptions } from './tls-options';

export class TlsListener {
  readonly server: NodeTlsServer;
  /** Connections that have not shaken hands, by both ends. */
  private readonly shaking = new Map<string, Socket>();

  /** @throws Error with one line if the options do not fit together */
  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    accept: (socket: TLSSocket) => void,
  ) {
    this.server = createServer({ ...tlsOptions(config), allowHalfOpen: true });
    this.server.on('connection', (socket) => {
      const ends = endsOf(socket);
      this.shaking.set(ends, socket);
      socket.once('close', () => {
        if (this.shaking.get(ends) === socket) this.shaking.delete(ends);
      });
    });
    this.server.on('secureConnection', (socket) => {
      this.shaking.delete(endsOf(socket));
      if (this.showsWrongCertificate(socket)) {
        this.refused(socket, String(socket.authorizationError));
        socket.destroy();
      } else {
        accept(socket);
      }
    });
    this.server.on('tlsClientError', (error, socket) => this.refused(socket, error.message));
  }

  /**
   * Takes over changed options, for connections made from now on.
   * @throws Error with one line if they do not fit together; nothing has changed then
   */
  update(): void {
    this.server.setSecureContext(tlsOptions(this.config));
  }

  close(): void {
    this.server.close();
    for (const socket of this.shaking.values()) socket.destroy();
  }

  private showsWrongCertificate(socket: TLSSocket): boolean {
    if (this.config.tlsAuthClients !== 'optional' || socket.authorized) return false;
    return Object.keys(socket.getPeerCertificate()).length > 0;
  }

  private refused({ remoteAddress }: Socket, reason: string): void {
    this.log.verbose(`Error accepting a client connection from ${remoteAddress}: ${reason}`);
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
