import type { Clock } from '../lib/clock';

/** Pauses of one loop: each ends by itself, or at once when the loop is to stop. */
export class Pauses {
  stopped = false;
  private end: (() => void) | undefined;

  constructor(private readonly clock: Clock) {}

  pause(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.clock.after(ms, () => this.end?.());
      this.end = () => {
        this.end = undefined;
        cancel();
        resolve();
      };
    });
  }

  /** Ends the present pause. */
  wake(): void {
    this.end?.();
  }

  stop(): void {
    this.stopped = true;
    this.end?.();
  }
}
