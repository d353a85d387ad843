import { genericError } from '../errors';
import { ok } from '../protocol/reply';
import { defineCommand } from './command';

const deniedInTransaction = genericError("MONITOR isn't allowed for DENY BLOCKING client");

/**
 * MONITOR
 *
 * From here on the connection is sent a line about every command of every connection. RESET ends
 * that. Where it is on already there is no reply, as in Redis.
 * Source: https://redis.io/docs/latest/commands/monitor/
 */
export const monitorCommand = defineCommand({
  name: 'monitor',
  arity: 1,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  group: 'server',
  since: '1.0.0',
  summary: 'Listen for all requests received by the server in real time',
  run({ client, inTransaction }) {
    if (inTransaction) throw deniedInTransaction;
    return client.monitor() ? ok : '';
  },
});
