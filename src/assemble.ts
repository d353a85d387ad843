/** Puts a server together: store, engine, commands. The only place where concrete stores are named. */
import { createRegistry } from './commands/registry';
import { createConfig, type Config, type Settings } from './config';
import type { Engine } from './engine/engine';
import { MemoryEngine } from './engine/memory-engine';
import type { ServerPort } from './engine/ports';
import type * as staged from './engine/staged-engine';
import { CorrectedClock, systemClock, type Clock } from './lib/clock';
import { heapLimitBytes } from './lib/heap';
import { waitingMemory } from './lib/heap-limits';
import { LargeMemory } from './lib/large-memory';
import { silentLogger, type Logger } from './lib/log';
import { systemRandom, type Random } from './lib/random';
import { Server } from './server/server';
import { isInPlace } from './store/in-place';
import type { Store } from './store/store';
import type * as cached from './stores/cached';
import { MemoryStore } from './stores/memory/memory-store';
import { version } from './version';

/** What a store is made of. */
export interface StoreParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How many databases there are. */
  readonly databases: number;
  readonly log: Logger;
}

/** Makes a store for one server. */
export type StoreFactory = (parts: StoreParts) => Store;

/** Parts to put in place of the usual ones. */
export interface ServerParts {
  /** Fields that differ from their defaults, or a whole configuration. */
  readonly config?: Partial<Settings> | Config;
  /** Without it the one that the option `store` names. */
  readonly store?: Store | StoreFactory;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Makes a server that does not listen yet. Servers in one process share nothing. */
export function assembleServer(parts: ServerParts = {}): Server {
  const { clock = systemClock, random = systemRandom, log = silentLogger } = parts;
  const config = isConfig(parts.config) ? parts.config : createConfig(parts.config);
  const storeParts = { clock, random, databases: config.databases, log };
  const heapBytes = heapLimitBytes();
  const largeMemory = new LargeMemory(clock, () => waitingMemory(config.maxMemoryBytes, heapBytes));
  const given =
    parts.store ?? ((own: StoreParts) => namedStores[config.store](own, config, largeMemory));
  const store = typeof given === 'function' ? given(storeParts) : given;
  const reportBug = (error: unknown, during: string): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warning(`Internal error in ${during}: ${text.replace(/\n\s*/g, ' | ')}`);
  };
  const engine = (server: ServerPort): Engine => {
    if (isInPlace(store)) return new MemoryEngine(store, server, clock, random, reportBug);
    // Loaded when it is needed, as the stores that need it.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { StagedEngine } = require('./engine/staged-engine') as typeof staged;
    const corrected = new CorrectedClock(clock, () => store.clockOffsetMs?.() ?? 0);
    return new StagedEngine(store, server, corrected, random, reportBug, log);
  };
  const commands = createRegistry();
  return new Server({ config, commands, engine, log, clock, version, largeMemory });
}

/** By the values of the option `store`. */
const namedStores: Readonly<
  Record<Settings['store'], (parts: StoreParts, config: Config, largeMemory: LargeMemory) => Store>
> = {
  memory: (parts, _config, largeMemory) => new MemoryStore({ ...parts, largeMemory }),
  dynamodb: storeOnDynamo,
  cached: storeOnDynamo,
};

function storeOnDynamo(parts: StoreParts, config: Config): Store {
  // Loaded when it is needed: the SDK alone takes longer to load than the whole rest.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { followedStore } = require('./stores/cached') as typeof cached;
  return followedStore(parts, config);
}

function isConfig(config: ServerParts['config']): config is Config {
  return typeof (config as Partial<Config> | undefined)?.onChange === 'function';
}
