/** The options on the memory that keys may take, and on which go when it is full. */
import { option } from './option';
import { integer, memory, oneOf } from './types';

const INT_MAX = 2 ** 31 - 1;
const ULLONG_MAX = 2n ** 64n - 1n;

export const memoryOptions = {
  maxMemoryBytes: option('maxmemory', memory({ min: 0, max: ULLONG_MAX, unsigned: true }), {
    default: '0',
    live: true,
    unit: 'bytes',
    help: 'What keys and values may take, as `used_memory` in `INFO` counts it. Beyond it keys are removed as `maxmemory-policy` says, or else commands that need memory are refused. 0: no limit. It has an effect on the store `memory` only. [memory.md](memory.md) says what counts and what the process takes beside it.',
  }),
  maxMemoryPolicy: option(
    'maxmemory-policy',
    oneOf([
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ]),
    {
      default: 'noeviction',
      live: true,
      help: 'Which keys go when memory is full: those not used for long (`lru`), those used rarely (`lfu`), those that would expire next (`ttl`), or any; of all keys or only of those with a deadline (`volatile`).',
    },
  ),
  maxMemorySamples: option('maxmemory-samples', integer({ min: 1, max: INT_MAX }), {
    default: '5',
    live: true,
    unit: 'keys',
    help: 'Among how many random keys the next one to go is chosen. More: nearer to the policy, and slower.',
  }),
  evictionTenacity: option('maxmemory-eviction-tenacity', integer({ min: 0, max: 100 }), {
    default: '10',
    live: true,
    help: 'How long a command may wait while keys are removed: 10 is half a millisecond, 100 as long as it takes. What is left goes between commands.',
  }),
  lfuLogFactor: option('lfu-log-factor', integer({ min: 0, max: INT_MAX }), {
    default: '10',
    live: true,
    help: 'The larger, the more uses it takes for the counter of an LFU policy to rise.',
  }),
  lfuDecayMinutes: option('lfu-decay-time', integer({ min: 0, max: INT_MAX }), {
    default: '1',
    live: true,
    unit: 'minutes',
    help: 'After so many minutes the counter of an LFU policy sinks by one. 0: it never does.',
  }),
};
