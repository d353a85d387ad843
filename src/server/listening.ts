/** One address: how it is written, and what `listen` of node:net says of it. */
import type { Server } from 'node:net';

/** `*` and `::*` are how Redis writes all addresses. */
export function bindHost(entry: string): string {
  return entry === '*' ? '0.0.0.0' : entry === '::*' ? '::' : entry;
}

export function shownAddress(host: string, port: number | undefined): string {
  return host.includes(':') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}

export function listening(
  listener: Server,
  options: Parameters<Server['listen']>[0],
): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

export function listenError(address: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'EADDRINUSE' ? 'Address already in use' : message;
  return new Error(`Could not listen on ${address}: ${reason}`, { cause: error });
}
