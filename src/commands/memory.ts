/** MEMORY: what keys and the process take. Figures are goredis's own, names and forms are Redis's. */
import { syntaxError } from '../errors';
import { bulkText, integer, ok, type Reply } from '../protocol/reply';
import type { Argv, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import type { MemoryFigures } from '../engine/ports';
import { NO_EXPIRY } from '../store/record';
import { keyMemory, valueMemory } from '../values/memory';
import { integerAt, keyAt, wordAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

const DEFAULT_SAMPLES = 5;

function usage(ctx: Context, argv: Argv): Reply {
  let samples = DEFAULT_SAMPLES;
  for (let i = 3; i < argv.length; i += 2) {
    if (wordAt(argv, i) !== 'SAMPLES' || i + 1 === argv.length) throw syntaxError;
    samples = integerAt(argv, i + 1);
    if (samples < 0) throw syntaxError;
  }
  const key = keyAt(argv, 2);
  const value = ctx.peek(key);
  if (value === undefined) return ctx.form.nil;
  const hasDeadline = ctx.expiresAtMs(key) !== NO_EXPIRY;
  return integer(keyMemory(key, hasDeadline) + valueMemory(value, samples));
}

function stats(ctx: Context): Reply {
  const { form } = ctx;
  const figures = ctx.server.memory.figures();
  const { usedBytes, startupBytes, datasetBytes, residentBytes } = figures;
  const fields: Reply[] = [];
  const add = (name: string, value: Reply): void => void fields.push(bulkText(name), value);
  const addRatio = (name: string, resident: number, allocated: number): void => {
    add(`${name}.ratio`, form.double(resident / allocated));
    add(`${name}.bytes`, integer(resident - allocated));
  };
  const allocated = figures.heapBytes + figures.externalBytes;
  const active = figures.heapCapacityBytes + figures.externalBytes;

  add('peak.allocated', integer(figures.peakBytes));
  add('total.allocated', integer(usedBytes));
  add('startup.allocated', integer(startupBytes));
  add('replication.backlog', integer(0));
  add('clients.slaves', integer(0));
  add('clients.normal', integer(figures.clientBytes));
  for (const name of ['cluster.links', 'aof.buffer', 'lua.caches', 'functions.caches']) {
    add(name, integer(0));
  }
  let keys = 0;
  for (let db = 0; db < ctx.server.databases; db++) {
    const size = ctx.size(db);
    if (size === 0) continue;
    keys += size;
    add(`db.${db}`, form.map(tableFields(size, ctx.expires(db).keys)));
  }
  add('overhead.total', integer(startupBytes));
  add('keys.count', integer(keys));
  add('keys.bytes-per-key', integer(keys === 0 ? 0 : Math.floor(datasetBytes / keys)));
  add('dataset.bytes', integer(datasetBytes));
  add('dataset.percentage', form.double(percentage(datasetBytes, usedBytes - startupBytes)));
  add('peak.percentage', form.double(percentage(usedBytes, figures.peakBytes)));
  add('allocator.allocated', integer(allocated));
  add('allocator.active', integer(active));
  add('allocator.resident', integer(residentBytes));
  addRatio('allocator-fragmentation', active, allocated);
  addRatio('allocator-rss', residentBytes, active);
  addRatio('rss-overhead', residentBytes, residentBytes);
  add('fragmentation', form.double(residentBytes / usedBytes));
  add('fragmentation.bytes', integer(residentBytes - usedBytes));
  return form.map(fields);
}

/** What the keys of a database take without their values. */
function tableFields(keys: number, volatileKeys: number): Reply[] {
  const main = keyMemory('', false);
  return [
    bulkText('overhead.hashtable.main'),
    integer(keys * main),
    bulkText('overhead.hashtable.expires'),
    integer(volatileKeys * (keyMemory('', true) - main)),
    bulkText('overhead.hashtable.slot-to-keys'),
    integer(0),
  ];
}

function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

const EMPTY_BELOW_BYTES = 5 << 20;
const BIG_CLIENT_BYTES = 200 << 10;

const allWell =
  "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";
const emptyReport =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n";
const peakReport =
  ' * Peak memory: In the past this instance used more than 150% the memory that is currently using. If the memory peak was only occasional and you want to try to reclaim memory, please try the MEMORY PURGE command.\n\n';
const residentReport =
  ' * High total RSS: This instance has a memory fragmentation and RSS overhead greater than 1.4 (this means that the Resident Set Size of the process is much larger than what keys and values need). It is garbage that was not collected yet, or the rest of a large peak; MEMORY PURGE collects it.\n\n';
const clientReport =
  ' * Big client buffers: The clients output buffers in this instance are greater than 200K per client (on average). This may result from different causes, like clients sending commands with large replies or very large sequences of commands in the same pipeline. Please use the CLIENT LIST command in order to investigate the issue if it causes problems in your instance, or to understand better why certain clients are using a big amount of memory.\n\n';

/** Source: getMemoryDoctorReport in object.c of Redis 7.0 */
function doctorReport(figures: MemoryFigures, clients: number): string {
  if (figures.usedBytes - figures.startupBytes < EMPTY_BELOW_BYTES) return emptyReport;
  let issues = '';
  if (figures.peakBytes > figures.usedBytes * 1.5) issues += peakReport;
  if (figures.residentBytes > figures.usedBytes * 1.4) issues += residentReport;
  if (figures.clientBytes > clients * BIG_CLIENT_BYTES) issues += clientReport;
  if (issues === '') return allWell;
  return `Sam, I detected a few issues in this Redis instance memory implants:\n\n${issues}I'm here to keep you safe, Sam. I want to help you.\n`;
}

const perServer = ['nondeterministic_output', 'request_policy:all_shards'];

const subcommands: readonly Subcommand[] = [
  {
    name: 'doctor',
    arity: 2,
    flags: [],
    since: '4.0.0',
    summary: 'Outputs memory problems report',
    complexity: 'O(1)',
    tips: [...perServer, 'response_policy:special'],
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '4.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'malloc-stats',
    arity: 2,
    flags: [],
    since: '4.0.0',
    summary: 'Show allocator internal stats',
    complexity: 'Depends on how much memory is allocated, could be slow',
    tips: [...perServer, 'response_policy:special'],
    difference: "Lines about V8's heap.",
  },
  {
    name: 'purge',
    arity: 2,
    flags: [],
    since: '4.0.0',
    summary: 'Ask the allocator to release memory',
    complexity: 'Depends on how much memory is allocated, could be slow',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
    difference: 'Collects garbage; everybody waits for that.',
  },
  {
    name: 'stats',
    arity: 2,
    flags: [],
    since: '4.0.0',
    summary: 'Show memory usage details',
    complexity: 'O(1)',
    tips: [...perServer, 'response_policy:special'],
  },
  {
    name: 'usage',
    arity: -3,
    flags: ['readonly'],
    since: '4.0.0',
    summary: 'Estimate the memory usage of a key',
    complexity: 'O(N) where N is the number of samples.',
    keys: { first: 2, last: 2, step: 1 },
    keyFlags: ['RO'],
    difference: 'What goredis needs for the key.',
  },
];

const help = [
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
];

/**
 * MEMORY DOCTOR | HELP | MALLOC-STATS | PURGE | STATS, MEMORY USAGE key [SAMPLES count]
 *
 * USAGE of an absent key is nil, and no use of a key that is there.
 * Source: https://redis.io/docs/latest/commands/memory-usage/
 */
export const memoryCommand = defineCommand({
  name: 'memory',
  arity: -2,
  flags: [],
  group: 'server',
  since: '4.0.0',
  summary: 'A container for memory diagnostics commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  barrier: true,
  run: runSubcommands('memory', subcommands, {
    doctor(ctx) {
      const { clients, memory } = ctx.server;
      const report = doctorReport(memory.figures(), [...clients.all()].length);
      return ctx.form.verbatim('txt', report);
    },
    help: () => helpReply('memory', help),
    'malloc-stats': (ctx) => ctx.form.verbatim('txt', ctx.server.memory.allocatorReport()),
    purge(ctx) {
      ctx.server.memory.purge();
      return ok;
    },
    stats,
    usage,
  }),
});
