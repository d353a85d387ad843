/**
 * COMMAND INFO and COMMAND DOCS: a command's metadata as Redis 7.0 prints it. Much of it follows
 * from flags and group, so that a definition names only what does not.
 * Source: addReplyCommandInfo, addReplyCommandDocs, setImplicitACLCategories in Redis's server.c
 */
import {
  array,
  bulkArray,
  bulkText,
  integer,
  simple,
  type Reply,
  type ReplyForm,
} from '../protocol/reply';
import type {
  Command,
  CommandFlag,
  CommandGroup,
  CommandMetadata,
  KeyFlag,
  KeyPositions,
} from '../engine/command';

/**
 * The orders in which Redis prints flags and categories, whatever the order of the definition. It
 * does not print `may_replicate`.
 */
const flagOrder: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
];
const keyFlagOrder: readonly KeyFlag[] = [
  'RO',
  'RW',
  'OW',
  'RM',
  'access',
  'update',
  'insert',
  'delete',
  'not_key',
  'incomplete',
  'variable_flags',
];
export const categoryOrder: readonly string[] = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
];

/** The ACL category that being in a group implies. Containers are in none: their subcommands are. */
const groupCategory: Readonly<Record<CommandGroup, string | undefined>> = {
  bitmap: 'bitmap',
  cluster: undefined,
  connection: 'connection',
  generic: 'keyspace',
  geo: 'geo',
  hash: 'hash',
  hyperloglog: 'hyperloglog',
  list: 'list',
  pubsub: undefined,
  scripting: 'scripting',
  server: undefined,
  set: 'set',
  'sorted-set': 'sortedset',
  stream: 'stream',
  string: 'string',
  transactions: 'transaction',
};

/** A command, or a subcommand together with its container. */
export interface Described {
  readonly command: Command;
  /** The subcommand's metadata, else the command itself. */
  readonly metadata: CommandMetadata;
  /** `parent|sub` for subcommands. */
  readonly fullName: string;
}

export function describeCommand(command: Command): Described {
  return { command, metadata: command, fullName: command.name };
}

export function describeSubcommands(command: Command): readonly Described[] {
  return (command.subcommands ?? []).map((metadata) => ({
    command,
    metadata,
    fullName: `${command.name}|${metadata.name}`,
  }));
}

/** ACL categories without their `@`, in Redis's order. */
export function categoriesOf({ command, metadata }: Described): readonly string[] {
  const { flags } = metadata;
  const categories = new Set(metadata.categories);
  const isContainer = metadata === command && command.subcommands !== undefined;
  const ofGroup = groupCategory[command.group];
  // WAIT is generic and still about its connection only.
  const implied = !isContainer && !categories.has('connection');
  if (ofGroup !== undefined && implied) categories.add(ofGroup);
  if (flags.includes('write')) categories.add('write');
  // Scripts may be read-only and are still not among the reads.
  if (flags.includes('readonly') && !categories.has('scripting')) categories.add('read');
  if (flags.includes('admin')) categories.add('admin').add('dangerous');
  if (flags.includes('pubsub')) categories.add('pubsub');
  if (flags.includes('blocking')) categories.add('blocking');
  categories.add(flags.includes('fast') ? 'fast' : 'slow');
  return categoryOrder.filter((category) => categories.has(category));
}

/** Where keys are and what the command does to them. */
export interface KeySpec {
  readonly keys: KeyPositions;
  readonly flags: readonly KeyFlag[];
  readonly notes: string | undefined;
}

export function keySpecsOf(metadata: CommandMetadata): readonly KeySpec[] {
  const { keys, lastKeyFlags } = metadata;
  if (keys === undefined) return [];
  const spec = { keys, flags: metadata.keyFlags ?? [], notes: metadata.keyNotes };
  if (lastKeyFlags === undefined) return [spec];
  const { first, last } = keys;
  return [
    { ...spec, keys: { first, last: first, step: 1 } },
    { keys: { first: last, last, step: 1 }, flags: lastKeyFlags, notes: undefined },
  ];
}

/** Status replies, as Redis prints flags and categories. */
function statuses(form: ReplyForm, texts: readonly string[]): Reply {
  return form.set(texts.map(simple));
}

/** Key flags as Redis prints them. */
export function keyFlagReply(form: ReplyForm, flags: readonly KeyFlag[]): Reply {
  return statuses(
    form,
    keyFlagOrder.filter((flag) => flags.includes(flag)),
  );
}

function keySpecReply(form: ReplyForm, { keys, flags, notes }: KeySpec): Reply {
  const part = (type: string, spec: readonly Reply[]): Reply =>
    form.map([bulkText('type'), bulkText(type), bulkText('spec'), form.map(spec)]);
  // In a specification the last key counts from the first.
  const lastKey = keys.last < 0 ? keys.last : keys.last - keys.first;
  const items: Reply[] = notes === undefined ? [] : [bulkText('notes'), bulkText(notes)];
  items.push(
    bulkText('flags'),
    keyFlagReply(form, flags),
    bulkText('begin_search'),
    part('index', [bulkText('index'), integer(keys.first)]),
    bulkText('find_keys'),
    part('range', [
      bulkText('lastkey'),
      integer(lastKey),
      bulkText('keystep'),
      integer(keys.step),
      bulkText('limit'),
      integer(0),
    ]),
  );
  return form.map(items);
}

/** One entry of COMMAND and COMMAND INFO. */
export function infoReply(form: ReplyForm, described: Described): Reply {
  const { command, metadata, fullName } = described;
  const { keys } = metadata;
  const subcommands = metadata === command ? describeSubcommands(command) : [];
  return array([
    bulkText(fullName),
    integer(metadata.arity),
    statuses(
      form,
      flagOrder.filter((flag) => metadata.flags.includes(flag)),
    ),
    integer(keys?.first ?? 0),
    integer(keys?.last ?? 0),
    integer(keys?.step ?? 0),
    statuses(
      form,
      categoriesOf(described).map((category) => `@${category}`),
    ),
    form.set((metadata.tips ?? []).map(bulkText)),
    form.set(keySpecsOf(metadata).map((spec) => keySpecReply(form, spec))),
    // An empty set, but an array of subcommands: RESP3 shows the difference.
    subcommands.length === 0
      ? form.set([])
      : array(subcommands.map((subcommand) => infoReply(form, subcommand))),
  ]);
}

/** Name and value of one entry of COMMAND DOCS. The tree of arguments is left out. */
export function docsReply(form: ReplyForm, described: Described): readonly [Reply, Reply] {
  const { command, metadata, fullName } = described;
  const { history, deprecated, systemCommand } = metadata;
  const fields: Reply[] = [
    bulkText('summary'),
    bulkText(metadata.summary),
    bulkText('since'),
    bulkText(metadata.since),
    bulkText('group'),
    bulkText(command.group),
  ];
  if (metadata.complexity !== undefined) {
    fields.push(bulkText('complexity'), bulkText(metadata.complexity));
  }
  if (systemCommand) fields.push(bulkText('doc_flags'), statuses(form, ['syscmd']));
  if (deprecated) {
    fields.push(
      bulkText('doc_flags'),
      statuses(form, ['deprecated']),
      bulkText('deprecated_since'),
      bulkText(deprecated.since),
      bulkText('replaced_by'),
      bulkText(deprecated.replacedBy),
    );
  }
  if (history) {
    fields.push(
      bulkText('history'),
      form.set(history.map(([since, change]) => bulkArray([since, change]))),
    );
  }
  const subcommands = metadata === command ? describeSubcommands(command) : [];
  if (subcommands.length > 0) {
    fields.push(
      bulkText('subcommands'),
      form.map(subcommands.flatMap((subcommand) => docsReply(form, subcommand))),
    );
  }
  return [bulkText(fullName), form.map(fields)];
}
