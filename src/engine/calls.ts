/**
 * What the commands of a server have cost, counted by command: calls, time, errors. INFO
 * commandstats, errorstats and latencystats, LATENCY HISTOGRAM and `total_commands_processed` are
 * read from here; SLOWLOG and the latency monitor are told of calls that took long.
 *
 * Reading the clock costs a twentieth of a GET. So the engine times the runs of equal quick
 * commands that come in one chunk as one (docs/design/0005-call-times.md) and records them here
 * with one call. Counts are exact; times are exact for a run, and a call's is the run's mean.
 */
import { Histogram } from '../lib/histogram';
import type { Argv, Command, CommandMetadata } from './command';
import type { ClientPort } from './ports';
import { findSubcommand, metadataOf } from './subcommand';

export interface CallFigures {
  calls: number;
  /** Microseconds, not rounded. */
  us: number;
  /** Refused before they ran. */
  rejected: number;
  /** Ran and answered an error. */
  failed: number;
  /** Nanoseconds a call; only while `latency-tracking` is on. */
  latency: Histogram | undefined;
}

/**
 * @param us how long the call, or a run of equal quick calls whose last it is, took
 * @param db the one that it has left selected
 */
export type OnSlowCall = (
  client: ClientPort,
  command: Command,
  argv: Argv,
  us: number,
  db: number,
) => void;

/** Redis looks for the end of an error's first word in so many bytes. */
const MAX_CODE_LENGTH = 32;

export class Calls {
  total = 0;
  errors = 0;
  /** Errors by their first word. */
  readonly errorCodes = new Map<string, number>();
  latencyTracking = true;
  /** `onSlow` is told of what takes at least so long; of everything, if this is -Infinity. */
  slowUs = Infinity;
  onSlow: OnSlowCall = () => {};
  /** How many equal quick commands may be timed as one. */
  maxRun = 1;

  private readonly figures = new Map<CommandMetadata, CallFigures>();
  /** The command that was counted last: most often it is the next one, too. */
  private lastCommand: Command | undefined;
  private lastFigures: CallFigures | undefined;

  /**
   * @param ms how long `count` calls, of which `argv` is the last, took together
   * @param db the one they have left selected, if by now the client may have another
   */
  record(
    client: ClientPort,
    command: Command,
    argv: Argv,
    count: number,
    ms: number,
    db?: number,
  ): void {
    const us = ms * 1000;
    const figures = this.figuresOf(command, argv);
    this.total += count;
    figures.calls += count;
    figures.us += us;
    if (this.latencyTracking) {
      (figures.latency ??= new Histogram()).record((us * 1000) / count, count);
    }
    if (us >= this.slowUs) this.onSlow(client, command, argv, us, db ?? client.db);
  }

  /** A call has answered an error; it is recorded besides. @param wire the error */
  failed(command: Command, argv: Argv, wire: string): void {
    this.figuresOf(command, argv).failed++;
    this.countError(wire);
  }

  /** @param command undefined if there is none of that name */
  rejected(command: Command | undefined, argv: Argv, wire: string): void {
    const unknown =
      command?.subcommands !== undefined &&
      argv.length > 1 &&
      findSubcommand(command.subcommands, argv) === undefined;
    if (command !== undefined && !unknown) this.figuresOf(command, argv).rejected++;
    this.countError(wire);
  }

  /** Source: afterErrorReply in networking.c */
  countError(wire: string): void {
    this.errors++;
    const end = wire.slice(0, MAX_CODE_LENGTH).indexOf(' ');
    const code = end < 0 ? 'ERR' : wire.slice(1, end);
    this.errorCodes.set(code, (this.errorCodes.get(code) ?? 0) + 1);
  }

  /** Commands and subcommands that have figures, by their full names (`client|list`). */
  *named(commands: readonly Command[]): Generator<readonly [name: string, figures: CallFigures]> {
    for (const command of commands) {
      const own = this.figures.get(command);
      if (own !== undefined) yield [command.name, own];
      for (const sub of command.subcommands ?? []) {
        const figures = this.figures.get(sub);
        if (figures !== undefined) yield [`${command.name}|${sub.name}`, figures];
      }
    }
  }

  reset(): void {
    this.total = this.errors = 0;
    this.errorCodes.clear();
    this.figures.clear();
    this.lastCommand = this.lastFigures = undefined;
  }

  private figuresOf(command: Command, argv: Argv): CallFigures {
    if (command === this.lastCommand) return this.lastFigures!;
    if (command.subcommands !== undefined) return this.find(metadataOf(command, argv));
    this.lastCommand = command;
    return (this.lastFigures = this.find(command));
  }

  private find(command: CommandMetadata): CallFigures {
    const known = this.figures.get(command);
    if (known !== undefined) return known;
    const figures = { calls: 0, us: 0, rejected: 0, failed: 0, latency: undefined };
    this.figures.set(command, figures);
    return figures;
  }
}
