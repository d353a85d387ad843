/**
 * What runs in the worker thread that bin/goredis.js starts: the whole server. The thread exists
 * because only its heap limits can be chosen after the options are known. It talks to the main
 * thread, which has the signals and ends the process, in the messages below.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { assembleServer } from './assemble';
import { configFromChanges, type Config, type Pair } from './config';
import { systemClock } from './lib/clock';
import { watchHeap } from './lib/heap-watch';
import { HeapBalance } from './server/heap-balance';
import { LineLogger, logWriter } from './lib/log';

/** What the main thread hands over at the start. */
export interface StartData {
  /** Config.changes() */
  readonly changes: readonly Pair[];
  readonly maxHeapBytes: number;
  /** The file that CONFIG REWRITE writes. */
  readonly configFile: string | undefined;
}

/** Any message from the main thread means: stop. */
export type MessageToMain =
  /** A client has sent SHUTDOWN; it is stopping. */
  | { readonly kind: 'stopping' }
  /** The server has stopped as it was told to. */
  | { readonly kind: 'closed' }
  /** It cannot start. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Memory is full. */
  | { readonly kind: 'full' };

async function runServer(config: Config, maxHeapBytes: number, main: MessagePort): Promise<void> {
  const tell = (message: MessageToMain): void => main.postMessage(message);
  const stopAsked = new Promise<unknown>((resolve) => main.once('message', resolve));
  const log = new LineLogger(config.logLevel, logWriter(config.logFile), systemClock);
  config.onChange('logLevel', (level) => (log.level = level));
  config.onRewrite = (failure) =>
    log.warning(
      failure === undefined
        ? 'CONFIG REWRITE executed with success.'
        : `CONFIG REWRITE failed: ${failure}`,
    );
  const server = assembleServer({ config, log });
  const { largeMemory } = server;
  watchHeap(
    maxHeapBytes,
    () => tell({ kind: 'full' }),
    () => largeMemory.bytes,
  );
  const { eviction } = server.engine;
  if (eviction !== undefined) {
    const balance = new HeapBalance(eviction);
    config.onChange('maxMemoryBytes', () => balance.update());
  }
  const shutdownAsked = new Promise<void>((resolve) => {
    server.onShutdown = () => {
      tell({ kind: 'stopping' });
      resolve();
    };
  });
  log.notice(`goredis ${server.version} is starting`);
  const inert = config.inertChanges();
  if (inert.length > 0) log.warning(`These options have no effect in goredis: ${inert.join(', ')}`);
  if (server.engine.eviction === undefined && limitsMemory(config)) {
    log.warning(
      `maxmemory and maxmemory-policy have no effect on the store ${config.store}: it evicts nothing`,
    );
  }

  let addresses: readonly string[] | 'stopped';
  try {
    // A store may take a while to open, and to close before it is open; nothing is lost without.
    addresses = await Promise.race([server.listen(), stopAsked.then(() => 'stopped' as const)]);
  } catch (error) {
    tell({ kind: 'failed', reason: (error as Error).message });
    return;
  }
  if (addresses === 'stopped') {
    tell({ kind: 'closed' });
    return;
  }
  if (addresses.length === 0) {
    tell({ kind: 'failed', reason: 'bind and unixsocket leave no address to listen on' });
    return;
  }
  log.notice(`Ready to accept connections on ${addresses.join(' ')}, store ${config.store}`);

  await Promise.race([stopAsked, shutdownAsked]);
  await server.close();
  log.warning('goredis is now ready to exit, bye bye...');
  tell({ kind: 'closed' });
}

function limitsMemory({ maxMemoryBytes, maxMemoryPolicy }: Config): boolean {
  return maxMemoryBytes > 0 || maxMemoryPolicy !== 'noeviction';
}

if (parentPort !== null) {
  // The AWS SDK's advice on versions of Node is for its maintainers, and would be all of stderr.
  // Source: https://github.com/aws/aws-sdk-js-v3/issues/7983
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const { changes, maxHeapBytes, configFile } = workerData as StartData;
  void runServer(configFromChanges(changes, configFile), maxHeapBytes, parentPort);
}
