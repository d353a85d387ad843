/** A goredis in this process, for tests that talk to it over a real socket. */
import { assembleServer } from '../../src/assemble';
import type { Settings } from '../../src/config';
import type { Clock } from '../../src/lib/clock';
import type { Logger } from '../../src/lib/log';
import { LineLogger } from '../../src/lib/log';
import { systemClock } from '../../src/lib/clock';
import type { Random } from '../../src/lib/random';
import type { Server } from '../../src/server/server';
import type { Store } from '../../src/store/store';

export interface GoredisOptions extends Partial<Omit<Settings, 'store'>> {
  readonly store?: Store | Settings['store'];
  readonly clock?: Clock;
  readonly random?: Random;
  readonly requirepass?: string;
  /** Gets every warning; by default a warning of an internal error is printed. */
  readonly log?: Logger;
}

export interface Goredis {
  readonly port: number;
  readonly server: Server;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startGoredis(options: GoredisOptions = {}): Promise<Goredis> {
  const { store = 'memory', clock, random, requirepass, log, ...settings } = options;
  const server = assembleServer({
    config: {
      port: 0,
      bind: ['127.0.0.1'],
      ...settings,
      ...(requirepass === undefined ? {} : { password: requirepass }),
      ...(typeof store === 'string' ? { store } : {}),
    },
    log: log ?? bugsOnly,
    ...(typeof store === 'string' ? {} : { store }),
    ...(clock === undefined ? {} : { clock }),
    ...(random === undefined ? {} : { random }),
  });
  await server.listen();
  open.add(server);
  const stop = async (): Promise<void> => {
    open.delete(server);
    await server.close();
  };
  return { port: server.port, server, stop };
}

/** A test that fails half way must not leave a server behind, which would keep jest from ending. */
const open = new Set<Server>();
afterAll(async () => {
  for (const server of open) {
    for (const session of server.sessions) session.destroy();
    await server.close();
  }
});

const bugsOnly = new LineLogger(
  'warning',
  (line) => {
    if (line.includes('Internal error')) process.stderr.write(line);
  },
  systemClock,
);
