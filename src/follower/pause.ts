import type { Clock } from '../lib/clock';

/** Pauses of what belongs together: each ends by itself, and all at once when it is to stop. */
export class Pauses {
  stopped = false;
  private readonly ends = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** @param wake is called with what ends this pause early */
  pause(ms: number, wake: (end: () => void) => void = () => {}): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        this.ends.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.clock.after(ms, end);
      this.ends.add(end);
      wake(end);
    });
  }

  stop(): void {
    this.stopped = true;
    for (const end of [...this.ends]) end();
  }
}
