/**
 * MONITOR: the connections that are told of every command of every connection, once it has run.
 *
 * While there is none nothing is done for them. Of commands they are told by the statistics of
 * calls, which compare one number for slow calls anyhow.
 * Source: replicationFeedMonitors in replication.c, call in server.c of Redis 7.0
 */
import type { Argv, Command } from '../engine/command';
import type { ClientPort } from '../engine/ports';
import { metadataOf } from '../engine/subcommand';
import type { Clock } from '../lib/clock';
import { quoted } from '../lib/quoted';
import { sequence, type Reply } from '../protocol/reply';
import type { Session } from './session';
import { shownArgv } from './shown-argv';
import { unixPath } from './unix-path';

export class Monitors {
  private readonly sessions = new Set<Session>();
  /** The one among them whose own request is running. */
  private asking: Session | undefined;
  private ownLines: Reply[] = [];
  /** What the wall clock shows at zero of the monotonic one, to the microsecond. */
  private offsetMs = -Infinity;

  /** Is called when the first has come or the last has gone. */
  onChange: () => void = () => {};

  constructor(private readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {}

  get active(): boolean {
    return this.sessions.size > 0;
  }

  /** @returns false if it is among them already */
  add(session: Session): boolean {
    if (this.sessions.has(session)) return false;
    this.sessions.add(session);
    session.monitoring = true;
    session.updatePlain();
    if (this.sessions.size === 1) this.onChange();
    return true;
  }

  /** Does nothing if it is not among them. */
  remove(session: Session): void {
    if (!this.sessions.delete(session)) return;
    session.monitoring = false;
    session.updatePlain();
    if (this.sessions.size === 0) this.onChange();
  }

  /** Tells all of them of a request. @param db the one that it has left selected */
  tell(client: ClientPort, command: Command, argv: Argv, db: number): void {
    const { flags } = metadataOf(command, argv);
    // What administers may hold secrets.
    if (flags.includes('admin') || flags.includes('skip_monitor')) return;
    const line = this.lineOf(client, shownArgv(command, argv), db);
    for (const session of this.sessions) {
      if (session.closing) continue;
      // Muted replies take their time's lines with them.
      const { replyMode } = session;
      if (session !== this.asking) {
        if (replyMode === 'on') session.pushMessage(line);
      } else if (replyMode === 'on' || replyMode === 'skip') {
        this.ownLines.push(line);
      }
    }
  }

  /** Runs a request of a monitoring connection, which sees the line about it behind the reply. */
  run(session: Session, request: () => Reply | undefined): Reply | undefined {
    this.asking = session;
    try {
      const reply = request();
      return this.ownLines.length > 0 ? sequence([reply ?? '', ...this.ownLines]) : reply;
    } finally {
      this.asking = undefined;
      this.ownLines = [];
    }
  }

  private lineOf(client: ClientPort, argv: Argv, db: number): Reply {
    const path = unixPath(client.address);
    const origin = path === undefined ? client.address : `unix:${path}`;
    const texts = [`+${this.time()} [${db} ${origin}]`];
    for (const arg of argv) texts.push(' ', ...quoted(arg));
    return sequence([...texts, '\r\n']);
  }

  /** Unix seconds with six decimals. The wall clock has whole milliseconds: the rest is the monotonic one's. */
  private time(): string {
    const wallMs = this.clock.nowMs();
    const monotonicMs = this.clock.monotonicMs();
    const ms = Math.min(Math.max(monotonicMs + this.offsetMs, wallMs), wallMs + 0.999);
    this.offsetMs = ms - monotonicMs;
    const us = String(Math.floor(ms * 1000));
    return `${us.slice(0, -6)}.${us.slice(-6)}`;
  }
}
