/** goredis as a library. `docs/testing-with-goredis.md` shows its use. */
import { assembleServer, type StoreFactory } from './assemble';
import { configByName, type NamedOptions } from './config';
import { GoredisServer } from './library/goredis-server';
import type { Clock } from './lib/clock';
import type { Logger } from './lib/log';
import type { Random } from './lib/random';
import type { Store } from './store/store';

const processOptions = ['maxHeap', 'logfile', 'loglevel'] as const;
type ProcessOption = (typeof processOptions)[number];

/**
 * Every option of docs/configuration.md, in camel case (`maxmemory`, `notifyKeyspaceEvents`), with
 * a typed value or the text of redis.conf (`'100mb'`); and the parts below. `maxHeap`, `logfile` and
 * `loglevel` are not among them: they are about the process, which here is yours.
 */
export interface ServerOptions extends Omit<NamedOptions, 'store' | ProcessOption> {
  /** The name of a store, or one of your own, or what makes one. A store belongs to one server. */
  readonly store?: NamedOptions['store'] | Store | StoreFactory;
  /** The time that the server sees; `manualClock()` stands still until it is told to advance. */
  readonly clock?: Clock;
  /** Where chance comes from; `seeded(7)` is repeatable. */
  readonly random?: Random;
  /** Gets what the server logs; by default nobody does. */
  readonly log?: Logger;
}

/**
 * Makes a server: `await createServer({ port: 0 }).listen()`, and at the end `await server.close()`.
 * Several servers in one process share nothing.
 * @throws TypeError for unknown options and bad values
 */
export function createServer(options: ServerOptions = {}): GoredisServer {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('createServer takes an object of options');
  }
  const { store = 'memory', clock, random, log, ...named } = options;
  const foreign = processOptions.find((name) => name in named);
  if (foreign !== undefined)
    throw new TypeError(`option '${foreign}' is for \`goredis\` as a process`);
  checkPart('clock', clock, ['nowMs', 'monotonicMs', 'after']);
  checkPart('random', random, ['next', 'below']);
  checkPart('log', log, ['debug', 'verbose', 'notice', 'warning']);
  if (typeof store !== 'string' && typeof store !== 'function') {
    checkPart('store', store, ['open', 'close', 'load', 'commit']);
  }
  const config = configByName(typeof store === 'string' ? { ...named, store } : named);
  const server = assembleServer({
    config,
    ...(typeof store === 'string' ? {} : { store }),
    ...(clock === undefined ? {} : { clock }),
    ...(random === undefined ? {} : { random }),
    ...(log === undefined ? {} : { log }),
  });
  return new GoredisServer(server);
}

function checkPart(name: string, part: unknown, methods: readonly string[]): void {
  if (part === undefined) return;
  const candidate = part as Readonly<Record<string, unknown>> | null;
  const missing = methods.find((method) => typeof candidate?.[method] !== 'function');
  if (missing !== undefined) throw new TypeError(`option '${name}': has no method '${missing}'`);
}

export type { Argument, Client, ClientOptions, Reply, ServerError } from './library/client';
export type { Address, GoredisServer } from './library/goredis-server';
export type { StoreFactory, StoreParts } from './assemble';
export type { Store } from './store/store';
export type { InPlaceStore } from './store/in-place';
export type { Duration } from './lib/duration';
export type { Logger } from './lib/log';
export { manualClock, ManualClock, systemClock, type Clock } from './lib/clock';
export { seeded, systemRandom, type Random } from './lib/random';
export { version } from './version';
