import type { Duplex } from 'node:stream';

/** Streams of no client that are not closed yet: they were not let in, or their sessions have ended. */
export class Lingering {
  private readonly streams = new Set<Duplex>();

  /** @param onEmpty is called each time the last has closed */
  constructor(private readonly onEmpty: () => void) {}

  get size(): number {
    return this.streams.size;
  }

  add(stream: Duplex): void {
    this.streams.add(stream);
    stream.once('close', () => {
      this.streams.delete(stream);
      if (this.size === 0) this.onEmpty();
    });
  }

  /** Closes all at once, and waits for none: not all streams tell that they are closed. */
  drop(): void {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }
}
