/** The last commands that were slow. Source: slowlog.c of Redis 7.0 */
import type { Argv, Command } from '../engine/command';
import type { ClientPort } from '../engine/ports';
import type { SlowlogEntry, SlowlogPort } from '../engine/slowlog-port';
import { ownText } from '../lib/bytes';
import { Deque } from '../lib/deque';
import { shownArgv } from './shown-argv';

const MAX_ARGS = 32;
const MAX_ARG_BYTES = 128;

export class Slowlog implements SlowlogPort {
  private readonly entries = new Deque<SlowlogEntry>();
  private nextId = 0;

  get length(): number {
    return this.entries.length;
  }

  newest(count: number): readonly SlowlogEntry[] {
    const length = Math.min(count, this.length);
    return Array.from({ length }, (_, at) => this.entries.at(at)!);
  }

  reset(): void {
    this.trim(0);
  }

  add(client: ClientPort, command: Command, argv: Argv, us: number, nowMs: number): void {
    if (command.flags.includes('skip_slowlog')) return;
    this.entries.pushFront({
      id: this.nextId++,
      atS: Math.floor(nowMs / 1000),
      us: Math.floor(us),
      argv: cut(shownArgv(command, argv)),
      address: client.address,
      clientName: client.name,
    });
  }

  /** Forgets the oldest entries. */
  trim(maxLength: number): void {
    while (this.entries.length > maxLength) this.entries.popBack();
  }
}

function cut(argv: Argv): string[] {
  const kept = argv.length > MAX_ARGS ? MAX_ARGS - 1 : argv.length;
  const shown = argv.slice(0, kept).map(cutArg);
  if (kept < argv.length) shown.push(`... (${argv.length - kept} more arguments)`);
  return shown;
}

/** A copy: the argument may be a part of the chunk that it came in. */
function cutArg(arg: Argv[number]): string {
  const text =
    typeof arg === 'string'
      ? ownText(arg.slice(0, MAX_ARG_BYTES))
      : arg.latin1Slice(0, Math.min(arg.length, MAX_ARG_BYTES));
  const more = arg.length - MAX_ARG_BYTES;
  return more > 0 ? `${text}... (${more} more bytes)` : text;
}
