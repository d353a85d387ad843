import { Deque } from '../../lib/deque';

/**
 * At most so many requests at once; the rest wait here, in their order, those that are made again
 * first. They must not wait in the HTTP agent for a free socket: the SDK counts that as connecting,
 * so that a long pipeline would look like a network that has gone.
 *
 * All that can start in a turn of the event loop start together: the SDK's way of a request is
 * long, and takes a third less time when several requests go each of its steps one after another.
 */
export class InFlight {
  private running = 0;
  private readonly repeats = new Deque<() => void>();
  private readonly firsts = new Deque<() => void>();
  private scheduled = false;

  constructor(private readonly max: number) {}

  /** Runs `request` when there is room. */
  async run<T>(request: () => Promise<T>, isRepeat = false): Promise<T> {
    const { repeats, firsts } = this;
    if (this.running < this.max && repeats.length + firsts.length === 0) this.running++;
    else await new Promise<void>((start) => (isRepeat ? repeats : firsts).pushBack(start));
    try {
      return await request();
    } finally {
      this.running--;
      this.startWaiting();
    }
  }

  private startWaiting(): void {
    const { repeats, firsts } = this;
    if (this.scheduled || repeats.length + firsts.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.running < this.max) {
        const start = repeats.popFront() ?? firsts.popFront();
        if (start === undefined) return;
        this.running++;
        start();
      }
    });
  }
}
