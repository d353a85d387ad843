/**
 * Who is not let in, and what is said to them. Source: clientAcceptHandler, acceptCommonHandler in
 * networking.c of Redis 7.0
 */
import type { Config } from '../config';

const TOO_MANY = '-ERR max number of clients reached\r\n';

const PROTECTED =
  '-DENIED Redis is running in protected mode because protected ' +
  'mode is enabled and no password is set for the default user. ' +
  'In this mode connections are only accepted from the loopback interface. ' +
  'If you want to connect from external computers to Redis you ' +
  'may adopt one of the following solutions: ' +
  '1) Just disable protected mode sending the command ' +
  "'CONFIG SET protected-mode no' from the loopback interface " +
  'by connecting to Redis from the same host the server is ' +
  'running, however MAKE SURE Redis is not publicly accessible ' +
  'from internet if you do so. Use CONFIG REWRITE to make this ' +
  'change permanent. ' +
  '2) Alternatively you can just disable the protected mode by ' +
  'editing the Redis configuration file, and setting the protected ' +
  "mode option to 'no', and then restarting the server. " +
  '3) If you started the server manually just for testing, restart ' +
  "it with the '--protected-mode no' option. " +
  '4) Setup a an authentication password for the default user. ' +
  'NOTE: You only need to do one of the above things in order for ' +
  'the server to start accepting connections from the outside.\r\n';

/**
 * @param clients how many there are already
 * @param remoteAddress of a TCP connection; undefined for a Unix socket and for other streams
 * @returns the refusal to send, undefined if the connection is welcome
 */
export function refusal(
  config: Config,
  clients: number,
  remoteAddress: string | undefined,
): string | undefined {
  if (clients >= config.maxClients) return TOO_MANY;
  if (config.protectedMode && config.password === '' && !isLoopback(remoteAddress)) {
    return PROTECTED;
  }
  return undefined;
}

/** Whether a client's address, as CLIENT LIST shows it, is one of this machine. */
export function isLocalAddress(address: string): boolean {
  // Unix sockets and streams have port 0.
  return address.endsWith(':0') || /^(?:127\.0\.0\.1|\[::1\]):\d+$/.test(address);
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || address === '127.0.0.1' || address === '::1';
}
