/** OBJECT: how Redis would keep a value. It is no use of the key. */
import { genericError } from '../errors';
import { bulkText, integer, type Reply } from '../protocol/reply';
import { encodingOf, refcountOf } from '../values/encoding';
import type { Argv, Command, KeyPositions, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import type { Key } from '../store/record';
import type { Value } from '../values/value';
import { keyAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

const secondArgument: KeyPositions = { first: 2, last: 2, step: 1 };

const adjusts =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';
const lfuNotSelected = genericError(
  `An LFU maxmemory policy is not selected, access frequency not tracked. ${adjusts}`,
);
const lfuSelected = genericError(
  `An LFU maxmemory policy is selected, idle time not tracked. ${adjusts}`,
);

function ofKey(name: string, since: string, summary: string): Subcommand {
  return {
    name,
    arity: 3,
    flags: ['readonly'],
    since,
    summary,
    complexity: 'O(1)',
    keys: secondArgument,
    keyFlags: ['RO'],
    categories: ['keyspace'],
    tips: ['nondeterministic_output'],
  };
}

const subcommands: readonly Subcommand[] = [
  ofKey('encoding', '2.2.3', 'Inspect the internal encoding of a Redis object'),
  ofKey('freq', '4.0.0', 'Get the logarithmic access frequency counter of a Redis object'),
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '6.2.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
    categories: ['keyspace'],
  },
  ofKey('idletime', '2.2.3', 'Get the time since a Redis object was last accessed'),
  ofKey('refcount', '2.2.3', 'Get the number of references to the value of the key'),
];

const help = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
];

/** Answers from the key's value, nil if it is absent. */
function answer(describe: (value: Value, ctx: Context, key: Key) => Reply) {
  return (ctx: Context, argv: Argv): Reply => {
    const key = keyAt(argv, 2);
    const value = ctx.peek(key);
    return value === undefined ? ctx.form.nil : describe(value, ctx, key);
  };
}

/**
 * OBJECT ENCODING | FREQ | IDLETIME | REFCOUNT key, OBJECT HELP
 *
 * An absent key is nil. FREQ is an error without an LFU policy, which counts uses, and IDLETIME with
 * one, which does not keep the time of the last use.
 * Source: https://redis.io/docs/latest/commands/object/
 */
const objectCommand = defineCommand({
  name: 'object',
  arity: -2,
  flags: [],
  group: 'generic',
  since: '2.2.3',
  summary: 'A container for object introspection commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  run: runSubcommands('object', subcommands, {
    encoding: answer((value) => bulkText(encodingOf(value))),
    freq: answer((_value, ctx, key) => {
      const frequency = ctx.useFrequency(key);
      if (frequency === undefined) throw lfuNotSelected;
      return integer(frequency);
    }),
    help: () => helpReply('object', help),
    idletime: answer((_value, ctx, key) => {
      const idleS = ctx.idleSeconds(key);
      if (idleS === undefined) throw lfuSelected;
      return integer(idleS);
    }),
    refcount: answer((value) => integer(refcountOf(value))),
  }),
});

export const object: readonly Command[] = [objectCommand];
