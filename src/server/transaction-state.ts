import type { QueuedCall, Transaction, WatchSet } from '../engine/transaction';
import { ClientState } from './client-state';
import type { SessionHost } from './session-host';

/** What MULTI and WATCH set on a connection, up to the EXEC or DISCARD that ends it. */
export abstract class TransactionState extends ClientState {
  watches: WatchSet;
  /** What is queued since MULTI. */
  multi: QueuedCall[] | undefined;
  private poisoned = false;

  constructor(readonly host: SessionHost) {
    super();
    this.watches = host.engine.newWatchSet();
  }

  get inMulti(): boolean {
    return this.multi !== undefined;
  }

  beginMulti(): void {
    this.multi = [];
    this.poisoned = false;
    this.updatePlain();
  }

  queue(call: QueuedCall): void {
    this.multi!.push(call);
  }

  poisonMulti(): void {
    this.poisoned = true;
  }

  /** Ends MULTI for EXEC. Undefined if a request could not be queued. */
  takeTransaction(): Transaction | undefined {
    const calls = this.multi ?? [];
    const { poisoned, watches } = this;
    this.endMulti();
    if (poisoned) {
      this.resetWatches();
      return undefined;
    }
    // The engine releases these when it has run the transaction.
    this.watches = this.host.engine.newWatchSet();
    return { calls, watches };
  }

  discardMulti(): void {
    this.endMulti();
    this.resetWatches();
  }

  resetWatches(): void {
    this.watches.release();
    this.watches = this.host.engine.newWatchSet();
  }

  /** To be called when anything has changed that requests must pass the gate for. */
  abstract updatePlain(): void;

  private endMulti(): void {
    this.multi = undefined;
    this.poisoned = false;
    this.updatePlain();
  }
}
