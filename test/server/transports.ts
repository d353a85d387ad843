/** The ways in which a client can reach a server; sessions must be alike over all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createRegistry } from '../../src/commands/registry';
import { createConfig, type Settings } from '../../src/config';
import { MemoryEngine } from '../../src/engine/memory-engine';
import { assembleServer } from '../../src/assemble';
import { systemClock } from '../../src/lib/clock';
import { LargeMemory } from '../../src/lib/large-memory';
import { silentLogger } from '../../src/lib/log';
import { seeded } from '../../src/lib/random';
import { Server } from '../../src/server/server';
import type { Session } from '../../src/server/session';
import { MemoryStore } from '../../src/stores/memory/memory-store';
import { duplexPair } from '../support/duplex-pair';
import { until } from '../support/until';

export interface OpenServer {
  readonly server: Server;
  connect(): Promise<Duplex>;
  stop(): Promise<void>;
}

type Open = (settings?: Partial<Settings>) => Promise<OpenServer>;

/** A server without any socket. */
export const inMemory: Open = async (settings = {}) => {
  const server = assembleServer({ config: settings });
  return {
    server,
    connect: async () => {
      const [client, far] = duplexPair();
      server.handle(far);
      return client;
    },
    stop: () => server.close(),
  };
};

export const overTcp: Open = (settings) =>
  listening(assembleServer({ config: { port: 0, bind: ['127.0.0.1'], ...settings } }));

/** As on a Node that does not let its accepted handles be taken. */
const overTcpUnshared: Open = async (settings) => {
  const config = createConfig({ port: 0, bind: ['127.0.0.1'], ...settings });
  const random = seeded(1);
  const largeMemory = new LargeMemory(systemClock, () => Infinity);
  const { databases } = config;
  const store = new MemoryStore({ databases, clock: systemClock, random, largeMemory });
  const server = new Server({
    config,
    commands: createRegistry(),
    engine: (port) => new MemoryEngine(store, port, systemClock, random, fail),
    log: silentLogger,
    clock: systemClock,
    version: '0.0.0',
    largeMemory,
    shareReads: () => false,
  });
  return listening(server);
};

const overUnixSocket: Open = async (settings) => {
  const dir = mkdtempSync(join(tmpdir(), 'goredis-socket-'));
  const unixSocket = join(dir, 'socket');
  const open = await listening(assembleServer({ config: { bind: [], unixSocket, ...settings } }));
  return {
    ...open,
    stop: async () => {
      await open.stop();
      rmSync(dir, { recursive: true });
    },
  };
};

async function listening(server: Server): Promise<OpenServer> {
  await server.listen();
  const { unixSocket } = server.config;
  return {
    server,
    connect: async () => {
      const socket = unixSocket === '' ? connect(server.port, '127.0.0.1') : connect(unixSocket);
      await once(socket, 'connect');
      return socket;
    },
    stop: () => server.close(),
  };
}

function fail(error: unknown): never {
  throw error;
}

export const transports: readonly (readonly [name: string, open: Open])[] = [
  ['a stream in memory', inMemory],
  ['TCP', overTcp],
  ['TCP read in the ordinary way', overTcpUnshared],
  ['a Unix socket', overUnixSocket],
];

/** The session of the client that was accepted as the `count`th of those still there. */
export async function nthSession({ sessions }: Server, count: number): Promise<Session> {
  await until(() => sessions.size >= count);
  return [...sessions][count - 1]!;
}
