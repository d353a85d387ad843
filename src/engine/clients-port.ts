/** What CLIENT may know of all connections, and do to them. `src/server/` implements it. */
import type { ClientPort } from './ports';

/** What CLIENT PAUSE holds back: everything, or what may write. */
export type PauseMode = 'all' | 'write';

export interface ClientsPort {
  /** In the order in which they came. */
  all(): Iterable<ClientPort>;
  /**
   * CLIENT PAUSE: requests wait until then. While a pause lasts, another one can only make it
   * longer and stricter.
   */
  pause(mode: PauseMode, untilMs: number): void;
  /** Ends the pause, if there is one: what waited runs. */
  unpause(): void;
}
