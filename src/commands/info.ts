/** INFO. The server writes the text; only the sizes of the databases come from the store. */
import type { Context } from '../engine/context';
import type { DatabaseSize } from '../engine/ports';
import { textAt } from './args';
import { defineCommand } from './command';

/** Sections that contain the keyspace section, itself included. */
const withKeyspace = new Set(['keyspace', 'default', 'all', 'everything']);

function databaseSizes(ctx: Context): DatabaseSize[] {
  const keys = ctx.approximateSize();
  if (keys !== undefined) {
    return [{ db: 0, keys, expires: 0, averageTtlMs: 0, approximate: true }];
  }
  const sizes: DatabaseSize[] = [];
  for (let db = 0; db < ctx.server.databases; db++) {
    const keys = ctx.size(db);
    if (keys === 0) continue;
    const expires = ctx.expires(db);
    sizes.push({ db, keys, expires: expires.keys, averageTtlMs: expires.averageTtlMs });
  }
  return sizes;
}

/**
 * INFO [section [section ...]]
 *
 * Figures about the server, as text. A section that does not exist adds nothing.
 * Source: https://redis.io/docs/latest/commands/info/
 */
export const infoCommand = defineCommand({
  name: 'info',
  arity: -1,
  flags: ['loading', 'stale'],
  group: 'server',
  since: '1.0.0',
  summary: 'Get information and statistics about the server',
  complexity: 'O(1)',
  categories: ['dangerous'],
  history: [['7.0.0', 'Added support for taking multiple section arguments.']],
  tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  difference: 'Only figures that goredis has; `goredis_version` beside `redis_version`.',
  barrier: true,
  run(ctx, argv) {
    const asked = argv.slice(1).map((_section, i) => textAt(argv, i + 1).toLowerCase());
    const sections = asked.length === 0 ? ['default'] : asked;
    const sizes = sections.some((section) => withKeyspace.has(section)) ? databaseSizes(ctx) : [];
    return ctx.form.verbatim('txt', ctx.server.info(sections, sizes));
  },
});
