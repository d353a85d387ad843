/** What bin/goredis.js needs before the thread of the server runs. */
export { ConfigError, loadConfig, readCommandLine, usage, type Config } from './config';
export { systemClock } from './lib/clock';
export { heapLimits } from './lib/heap-limits';
export { LineLogger, logWriter, writeNow } from './lib/log';
