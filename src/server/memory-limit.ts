/**
 * `maxmemory` at the gate: makes room before a request runs, and refuses what needs memory when
 * there is none.
 * Source: processCommand in server.c of Redis 7.0
 */
import { metadataOf } from '../engine/subcommand';
import type { Config } from '../config';
import type { Argv, Command } from '../engine/command';
import type { Eviction } from '../engine/eviction';
import { ReplyError } from '../errors';
import type { Pause } from './pause';
import type { Session } from './session';

const outOfMemory = new ReplyError('OOM', "command not allowed when used memory > 'maxmemory'.");

/** What a transaction may do whatever it has queued; all else would make its queue longer. */
const ENDING = new Set(['exec', 'discard', 'quit', 'reset']);

export class MemoryLimit {
  constructor(
    config: Config,
    private readonly eviction: Eviction | undefined,
    pause: Pause,
    /** Is called when it has become active, or is no more. */
    onChange: () => void,
  ) {
    if (eviction === undefined) return;
    eviction.mayEvict = () => !pause.active;
    const { lfu } = eviction;
    follow(config, 'maxMemoryPolicy', (policy) => (eviction.policy = policy));
    follow(config, 'maxMemorySamples', (samples) => (eviction.samples = samples));
    follow(config, 'evictionTenacity', (tenacity) => (eviction.tenacity = tenacity));
    follow(config, 'lfuLogFactor', (factor) => (lfu.logFactor = factor));
    follow(config, 'lfuDecayMinutes', (minutes) => (lfu.decayMinutes = minutes));
    follow(config, 'maxMemoryBytes', (bytes) => {
      eviction.setLimit(bytes);
      onChange();
    });
  }

  /** Whether every request must come here. */
  get active(): boolean {
    return this.eviction !== undefined && this.eviction.limitBytes > 0;
  }

  /** @throws ReplyError OOM */
  admit(session: Session, command: Command, argv: Argv): void {
    if (this.eviction === undefined || this.eviction.makeRoom()) return;
    if (needsMemory(command, argv)) throw outOfMemory;
    if (!session.inMulti) return;
    if (!ENDING.has(command.name)) throw outOfMemory;
    const calls = command.name === 'exec' ? session.multi! : [];
    if (calls.some((call) => needsMemory(call.command, call.argv))) throw outOfMemory;
  }
}

function needsMemory(command: Command, argv: Argv): boolean {
  return metadataOf(command, argv).flags.includes('denyoom');
}

/** Applies the option now and whenever it changes. */
function follow<Name extends Parameters<Config['onChange']>[0]>(
  config: Config,
  name: Name,
  apply: (value: Config[Name]) => void,
): void {
  apply(config[name]);
  config.onChange(name, apply as never);
}
