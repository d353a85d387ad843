import type { Duplex } from 'node:stream';
import type { DebugPort } from '../engine/debug-port';
import type { Engine } from '../engine/engine';
import type { Hub } from '../events/hub';
import type { Reply } from '../protocol/reply';
import type { Command } from '../engine/command';
import type { Clock } from '../lib/clock';
import type { LargeMemory } from '../lib/large-memory';
import type { Logger } from '../lib/log';
import type { CommandNames } from '../protocol/command-names';
import type { Limits } from '../protocol/limits';
import type { Config } from '../config';
import type { FlushQueue } from './flush-queue';
import type { MemoryLimit } from './memory-limit';
import type { Monitors } from './monitors';
import type { Pause } from './pause';
import type { Session } from './session';
import type { ServerStats } from './stats';

/** What a session needs of the server it belongs to. */
export interface SessionHost {
  readonly engine: Engine;
  readonly names: CommandNames<Command>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: Config;
  readonly stats: ServerStats;
  readonly flushQueue: FlushQueue;
  readonly hub: Hub<Reply>;
  readonly authRequired: boolean;
  readonly pause: Pause;
  readonly memoryLimit: MemoryLimit;
  readonly monitors: Monitors;
  readonly largeMemory: LargeMemory;
  readonly debug: DebugPort;
  /** Every request of every connection must pass the gate. */
  readonly gated: boolean;
  sessionClosed(session: Session): void;
  /** A stream that is no client's any more is not closed yet. */
  linger(stream: Duplex): void;
}
