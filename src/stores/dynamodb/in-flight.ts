import { Deque } from '../../lib/deque';

/**
 * At most so many requests at once; the rest wait here, in their order. They must not wait in the
 * HTTP agent for a free socket: the SDK counts that as connecting, so that a long pipeline would
 * look like a network that has gone.
 */
export class InFlight {
  private running = 0;
  private readonly waiting = new Deque<() => void>();

  constructor(private readonly max: number) {}

  /** Runs `request` when there is room. */
  async run<T>(request: () => Promise<T>): Promise<T> {
    if (this.running < this.max) this.running++;
    else await new Promise<void>((resolve) => this.waiting.pushBack(resolve));
    try {
      return await request();
    } finally {
      // Whoever waits takes over the place.
      const next = this.waiting.popFront();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
