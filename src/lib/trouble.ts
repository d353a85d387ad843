import type { Logger } from './log';

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** A second, twice as long each time, at most a minute. @param failures how many in a row, at least 1 */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 30), MAX_PAUSE_MS);
}

interface Words {
  /** What the log says when it begins, before the reason, and when it is over. */
  readonly begins: string;
  readonly ends: string;
}

/** The state of work that is done by itself, again and again: well, or failing, which the log says once. */
export class Trouble {
  /** In a row. */
  private failures = 0;
  private begun = false;

  /** @param patience so many failures in a row are no trouble yet */
  constructor(
    private readonly log: Logger,
    private readonly words: Words,
    private readonly patience = 0,
  ) {}

  get isOn(): boolean {
    return this.begun;
  }

  /**
   * @param lasting whether there is no hope that it passes by itself
   * @returns how long to wait, in milliseconds: 0 while it is no trouble
   */
  failed(error: unknown, lasting = false): number {
    this.failures++;
    if (!this.begun && !lasting && this.failures <= this.patience) return 0;
    if (!this.begun) {
      this.begun = true;
      this.failures = 1;
      this.log.warning(`${this.words.begins}: ${(error as Error).message}`);
    }
    return pauseAfter(this.failures);
  }

  succeeded(): void {
    this.failures = 0;
    if (!this.begun) return;
    this.begun = false;
    this.log.notice(this.words.ends);
  }
}
