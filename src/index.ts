/** goredis as a library: the only place, with `bin/`, where concrete stores are named. */
import { createRegistry } from './commands/registry';
import { createConfig, type Config, type Settings } from './config';
import type { Engine } from './engine/engine';
import { MemoryEngine } from './engine/memory-engine';
import type { ServerPort } from './engine/ports';
import { StagedEngine } from './engine/staged-engine';
import { systemClock, type Clock } from './lib/clock';
import { silentLogger, type Logger } from './lib/log';
import { systemRandom, type Random } from './lib/random';
import { Server } from './server/server';
import { isInPlace } from './store/in-place';
import type { Store } from './store/store';
import { MemoryStore } from './stores/memory/memory-store';
import { version } from './version';

/** What `createServer` takes: options by their field names, and parts to put in place of the usual ones. */
export interface ServerOptions {
  /** Options of the table in `src/config/options.ts`, or a whole configuration. */
  readonly config?: Partial<Settings> | Config;
  /** A store of your own; without it the one that the option `store` names. */
  readonly store?: Store;
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Makes a server that does not listen yet: `await server.listen()`, and at the end
 * `await server.close()`. Servers in one process share nothing.
 */
export function createServer(options: ServerOptions = {}): Server {
  const { clock = systemClock, random = systemRandom, log = silentLogger } = options;
  const config = isConfig(options.config) ? options.config : createConfig(options.config);
  const store = options.store ?? newStore(config, clock, random);
  const reportBug = (error: unknown, during: string): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warning(`Internal error in ${during}: ${text.replace(/\n\s*/g, ' | ')}`);
  };
  const engine = (server: ServerPort): Engine =>
    isInPlace(store)
      ? new MemoryEngine(store, server, clock, random, reportBug)
      : new StagedEngine(store, server, clock, random, reportBug);
  return new Server({ config, commands: createRegistry(), engine, log, clock, version });
}

function isConfig(config: ServerOptions['config']): config is Config {
  return typeof (config as Partial<Config> | undefined)?.onChange === 'function';
}

function newStore(config: Config, clock: Clock, random: Random): Store {
  switch (config.store) {
    case 'memory':
      return new MemoryStore({ databases: config.databases, clock, random });
  }
}

export { Server } from './server/server';
export type { Store } from './store/store';
export type { InPlaceStore } from './store/in-place';
export { ManualClock, systemClock, type Clock } from './lib/clock';
export { seeded, systemRandom, type Random } from './lib/random';
export { version } from './version';
