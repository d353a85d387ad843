import type { Command } from '../engine/command';
import type { PauseMode } from '../engine/clients-port';
import type { QueuedCall } from '../engine/transaction';
import type { Clock } from '../lib/clock';
import type { Reply } from '../protocol/reply';
import type { Session } from './session';

/**
 * CLIENT PAUSE: requests that come while it lasts wait, each in its place of its connection, and
 * run when it ends. They have passed the gate's checks by then, as in Redis.
 * Source: pauseClients, blockPostponeClient in Redis 7.0
 */
export class Pause {
  private mode: PauseMode | undefined;
  private endMs = 0;
  private cancelEnd: (() => void) | undefined;
  private waiting: (() => void)[] = [];

  /** @param onChange is called when it has begun or ended */
  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  get active(): boolean {
    return this.mode !== undefined;
  }

  /** Connections with a request that waits. */
  get waitingClients(): number {
    return this.waiting.length;
  }

  /** While it lasts it can only become longer and stricter. */
  begin(mode: PauseMode, untilMs: number): void {
    const nowMs = this.clock.nowMs();
    if (this.mode === undefined && untilMs <= nowMs) return;
    this.mode = this.mode === 'all' ? 'all' : mode;
    this.endMs = Math.max(this.endMs, untilMs);
    this.cancelEnd?.();
    this.cancelEnd = this.clock.after(this.endMs - nowMs, () => this.end());
    this.onChange();
  }

  end(): void {
    if (this.mode === undefined) return;
    this.cancelEnd?.();
    this.cancelEnd = undefined;
    this.mode = undefined;
    this.endMs = 0;
    const { waiting } = this;
    this.waiting = [];
    this.onChange();
    for (const resume of waiting) resume();
  }

  /** Whether the request must wait. EXEC writes if something does that it has queued. */
  holds(session: Session, command: Command): boolean {
    if (this.mode === undefined) return false;
    if (this.mode === 'all') return true;
    return mayWrite(command) || (command.name === 'exec' && isWriting(session.multi));
  }

  /**
   * Runs the request when the pause is over, and the connection's further ones after it.
   * @param run answers undefined if its reply comes later still
   */
  postpone(session: Session, run: () => Reply | undefined): void {
    const slot = session.defer();
    session.hold();
    session.postponed = true;
    this.waiting.push(() => {
      session.postponed = false;
      if (!session.gone) {
        session.engine.beginChunk();
        slot.fill(run() ?? '');
        session.engine.endChunk();
      }
      session.release();
    });
  }
}

function isWriting(calls: readonly QueuedCall[] = []): boolean {
  return calls.some(({ command }) => mayWrite(command));
}

function mayWrite({ flags }: Command): boolean {
  return flags.includes('write') || flags.includes('may_replicate');
}
