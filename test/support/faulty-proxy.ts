/**
 * A TCP proxy that does to requests and responses what networks do to them. It takes what a client
 * sends up to the next answer for one request, as HTTP clients that keep their connections do.
 *
 * What was sent is passed on even when its sender has gone meanwhile, or was killed: a late request.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Random } from '../../src/lib/random';

/**
 * - `pass`: nothing happens to the request.
 * - `cut`: the connection breaks, and the request is not passed on.
 * - `drop-response`: the request is passed on, and the connection breaks when the response comes.
 * - `late`: the connection breaks at once, and the request is passed on after `ms`.
 * - `delay-request`, `delay-response`: passed on after `ms`.
 */
export type Fate =
  | { readonly kind: 'pass' | 'cut' | 'drop-response' }
  | { readonly kind: 'late' | 'delay-request' | 'delay-response'; readonly ms: number };

export const PASS: Fate = { kind: 'pass' };

/** Draws a fate other than `pass` for so many of a hundred requests; delays are up to `maxMs`. */
export function faults(random: Random, percent: number, maxMs: number): () => Fate {
  return () => {
    if (random.next() * 100 >= percent) return PASS;
    const ms = random.next() * maxMs;
    switch (random.below(5)) {
      case 0:
        return { kind: 'cut' };
      case 1:
        return { kind: 'drop-response' };
      case 2:
        return { kind: 'late', ms };
      case 3:
        return { kind: 'delay-request', ms };
      default:
        return { kind: 'delay-response', ms };
    }
  };
}

export class FaultyProxy {
  /** Called for each request. */
  fate: () => Fate = () => PASS;
  /** How many requests met which fate. */
  readonly met = new Map<Fate['kind'], number>();
  private readonly sockets = new Set<Socket>();

  /** @param target a port of 127.0.0.1 */
  static async start(target: number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server, target);
    server.on('connection', (near) => proxy.connect(near));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private connect(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => this.sockets.delete(socket));
    }
    /** What is under way; undefined between a response and the next request. */
    let fate: Fate | undefined;
    const draw = (): Fate => {
      const drawn = this.fate();
      this.met.set(drawn.kind, (this.met.get(drawn.kind) ?? 0) + 1);
      return drawn;
    };
    near.on('data', (chunk) => {
      const isFirst = fate === undefined;
      fate ??= draw();
      if (fate.kind === 'cut') {
        far.destroy();
        near.resetAndDestroy();
      } else if (fate.kind === 'late' || fate.kind === 'delay-request') {
        // The chunks of a request are late together, so they keep their order.
        setTimeout(() => far.write(chunk), fate.ms);
      } else {
        far.write(chunk);
      }
      // In the next turn, because the rest of the request may be here already.
      if (isFirst && fate.kind === 'late') setImmediate(() => near.resetAndDestroy());
    });
    near.once('close', () => {
      if (fate === undefined) far.destroy();
    });
    let delayMs = 0;
    far.on('data', (chunk) => {
      const met = fate;
      fate = undefined;
      if (met?.kind === 'drop-response') near.resetAndDestroy();
      if (met !== undefined) delayMs = met.kind === 'delay-response' ? met.ms : 0;
      if (near.destroyed) far.destroy();
      else if (delayMs > 0) setTimeout(() => near.write(chunk), delayMs);
      else near.write(chunk);
    });
    far.once('close', () => near.destroy());
  }
}
