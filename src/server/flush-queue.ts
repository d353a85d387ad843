/**
 * Sends replies at the end of a turn of the event loop: first all sockets that are readable are
 * read and their requests run, then all replies are written, as in Redis. Writing each reply at
 * once would wake the client again and again (measured: at pipeline depth 1 a write that wakes its
 * reader costs more than all the rest of a command).
 */
export interface Flushable {
  flushNow(): void;
}

export class FlushQueue {
  private waiting: Flushable[] = [];
  private spare: Flushable[] = [];

  /** Each at most once a turn: the caller remembers that it is waiting. */
  add(flushable: Flushable): void {
    if (this.waiting.length === 0) setImmediate(this.flushAll);
    this.waiting.push(flushable);
  }

  private readonly flushAll = (): void => {
    const { waiting } = this;
    this.waiting = this.spare;
    for (const flushable of waiting) flushable.flushNow();
    waiting.length = 0;
    this.spare = waiting;
  };
}
