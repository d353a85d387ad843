/**
 * Listens before it returns, or not at all. `listen` of node:net says later whether it worked, but
 * the reply to CONFIG SET must say so; and it costs a start several milliseconds, because it
 * compiles a long expression to find out that `::1` is an address. The handle comes from a function
 * that Node itself uses for its cluster and does not document; without it, a server that starts
 * listens by `listen`, and CONFIG SET leaves addresses as they were.
 * Source: createServerHandle in https://github.com/nodejs/node/blob/v20.x/lib/net.js
 */
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

/** UV_TCP_IPV6ONLY: `::` is not IPv4 as well. */
const IPV6_ONLY = 1;

interface Internals {
  _createServerHandle?: (
    address: string,
    port: number,
    addressType: number,
    fd: undefined,
    flags: number,
  ) => object | number;
}

/**
 * @returns undefined if `listener` listens now, else the code of the error, such as `EADDRINUSE`
 */
export function listenNow(
  listener: net.Server,
  { host, port, backlog }: { host: string; port: number; backlog: number },
): string | undefined {
  // isIP would compile that expression. What is no address after all is an error of `create`.
  const family = host.includes(':') ? 6 : net.isIPv4(host) ? 4 : 0;
  const create = (net as Internals)._createServerHandle;
  if (family === 0 || create === undefined) return 'EAI_NONAME';
  const handle = create(host, port, family, undefined, family === 6 ? IPV6_ONLY : 0);
  if (typeof handle === 'number') return getSystemErrorName(handle);
  // Comes in a later turn; `listening` tells at once.
  const ignored = (): void => undefined;
  listener.on('error', ignored);
  listener.listen(handle, backlog);
  // That another listens is the one thing that the kernel says here and not at `bind`.
  if (!listener.listening) return 'EADDRINUSE';
  listener.off('error', ignored);
  return undefined;
}
