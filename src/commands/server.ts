/** Commands about the server. */
import { bulkArray } from '../protocol/reply';
import type { Command } from '../engine/command';
import { defineCommand } from './command';
import { configCommand } from './config';
import { debugCommand } from './debug';
import { infoCommand } from './info';
import { latencyCommand } from './latency';
import { memoryCommand } from './memory';
import { monitorCommand } from './monitor';
import { commandCommand } from './introspection';
import { shutdownCommand } from './shutdown';
import { slowlogCommand } from './slowlog';

/**
 * TIME
 *
 * The time in Unix seconds and the microseconds of the running second; as exact as the server's
 * clock, which has milliseconds.
 * Source: https://redis.io/docs/latest/commands/time/
 */
const time = defineCommand({
  name: 'time',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  group: 'server',
  since: '2.6.0',
  summary: 'Return the current server time',
  complexity: 'O(1)',
  tips: ['nondeterministic_output'],
  difference: 'The microseconds are whole milliseconds.',
  run: ({ nowMs }) => bulkArray([Math.floor(nowMs / 1000), Math.floor(nowMs % 1000) * 1000]),
});

export const server: readonly Command[] = [
  commandCommand,
  configCommand,
  debugCommand,
  infoCommand,
  latencyCommand,
  memoryCommand,
  monitorCommand,
  shutdownCommand,
  slowlogCommand,
  time,
];
