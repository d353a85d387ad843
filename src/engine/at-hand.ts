/**
 * The short way of reads whose keys a store has at hand: from the request to the reply nothing is
 * awaited, and nothing allocated but what the command itself makes.
 */
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/random';
import type { Reply } from '../protocol/reply';
import type { RecordsAtHand } from '../store/at-hand';
import { AtHandContext } from './at-hand-context';
import { CallTimes } from './call-times';
import type { Argv, Command } from './command';
import type { EngineStats } from './engine';
import { failureReply, type ReportBug } from './failure';
import { FAULT } from './fault';
import type { ClientPort, ServerPort } from './ports';

export class AtHand {
  /** Whether the way is open: the store keeps records at hand, and nobody wants events. */
  open = false;
  readonly times: CallTimes;
  /** Absent if the store has nothing at hand: the way stays closed. */
  private readonly context: AtHandContext | undefined;

  constructor(
    private readonly records: RecordsAtHand | undefined,
    server: ServerPort,
    clock: Clock,
    random: Random,
    private readonly stats: EngineStats,
    private readonly reportBug: ReportBug,
  ) {
    if (records !== undefined) this.context = new AtHandContext(server, random, records);
    this.times = new CallTimes(clock, stats.calls, (nowMs) => {
      if (this.context === undefined) return;
      this.context.nowMs = nowMs;
      this.records!.timePasses();
    });
    this.sendEvents(false);
  }

  /** Events go with what a run has to say: the way is closed while somebody wants them. */
  sendEvents(wanted: boolean): void {
    this.open = this.context !== undefined && !wanted;
  }

  /** @returns undefined if something is not at hand, or more than reading is wanted */
  read(client: ClientPort, command: Command, argv: Argv): Reply | undefined {
    const { times } = this;
    const { calls } = this.stats;
    if (argv.length <= (command.quickArgs ?? 0)) {
      times.beginQuick(command, calls.maxRun);
      const reply = this.run(client, command, argv);
      if (reply === undefined) times.takeBack();
      else times.isOf(client, argv);
      return reply;
    }
    const startMs = times.begin();
    const reply = this.run(client, command, argv);
    if (reply !== undefined) calls.record(client, command, argv, 1, times.sinceMs(startMs));
    return reply;
  }

  private run(client: ClientPort, command: Command, argv: Argv): Reply | undefined {
    const { stats } = this;
    const context = this.context!;
    let reply: Reply;
    try {
      context.begin(client);
      reply = command.run(context, argv);
    } catch (error) {
      if (error === FAULT) {
        this.records!.unused();
        return undefined;
      }
      const wire = failureReply(error, command.name, this.reportBug);
      stats.calls.failed(command, argv, wire);
      reply = wire;
    }
    this.records!.used();
    stats.keyspaceHits += context.hits;
    stats.keyspaceMisses += context.misses;
    return reply;
  }
}
