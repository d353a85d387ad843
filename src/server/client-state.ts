import type { Subcommand } from '../engine/command';
import type { ClientPort, ReplyMode } from '../engine/ports';
import type { Subscriptions } from '../events/subscriptions';
import { resp2, type Reply, type ReplyForm } from '../protocol/reply';

/** What commands set on a connection, for themselves or for those that look at it. */
export abstract class ClientState {
  db = 0;
  form: ReplyForm = resp2;
  name = '';
  libName = '';
  libVersion = '';
  noEvict = false;
  noTouch = false;
  replyMode: ReplyMode = 'on';
  /** That of the last request whose command has any. */
  subcommand: Subcommand | undefined;
  /** MONITOR: it is told of every command. */
  monitoring = false;
  /** A request waits for the end of a pause. */
  postponed = false;

  strongReads = false;

  /** What the option `read-consistency` says. */
  protected abstract readonly strongByDefault: boolean;
  abstract readonly subscriptions: Subscriptions<Reply>;

  get protocol(): 2 | 3 {
    return this.form.version;
  }

  get kind(): ClientPort['kind'] {
    return this.subscriptions.size > 0 ? 'pubsub' : 'normal';
  }

  get onlySubscribes(): boolean {
    return this.form.version === 2 && this.subscriptions.size > 0;
  }

  /** RESET */
  protected resetState(): void {
    this.subscriptions.clear();
    this.db = 0;
    this.form = resp2;
    this.name = '';
    this.noTouch = false;
    this.strongReads = this.strongByDefault;
    // The request itself stays silenced by the CLIENT REPLY SKIP before it.
    if (this.replyMode !== 'muted') this.replyMode = 'on';
  }
}
