import type { Subcommand } from '../engine/command';
import type { ClientPort, ReplyMode } from '../engine/ports';
import { resp2, type ReplyForm } from '../protocol/reply';

/** What commands set on a connection, for themselves or for those that look at it. */
export class ClientState {
  db = 0;
  form: ReplyForm = resp2;
  name = '';
  libName = '';
  libVersion = '';
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = 'on';
  readonly kind: ClientPort['kind'] = 'normal';
  /** That of the last request whose command has any. */
  subcommand: Subcommand | undefined;
  /** A request waits for the end of a pause. */
  postponed = false;

  /** RESET */
  protected resetState(): void {
    this.db = 0;
    this.form = resp2;
    this.name = '';
    this.noEvict = this.noTouch = false;
    this.replyMode = 'on';
  }
}
