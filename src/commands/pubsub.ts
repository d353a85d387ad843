/**
 * Publish and subscribe. Subscriptions belong to the connection: none of these commands waits for a
 * store, and a subscription counts from its confirmation on.
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/
 */
import { genericError, type ReplyError } from '../errors';
import { ownText } from '../lib/bytes';
import { bulkArray, bulkText, array, integer, sequence, type Reply } from '../protocol/reply';
import type { Argv, Command, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import type { SubscriptionKind } from '../engine/ports';
import { printedText, textAt } from './args';
import { defineCommand } from './command';
import { helpReply, runSubcommands } from './subcommands';

const notInTransaction = genericError("SSUBSCRIBE isn't allowed for a DENY BLOCKING client");

/** The words of confirmations begin with these. */
const PREFIX: Readonly<Record<SubscriptionKind, string>> = {
  channel: '',
  pattern: 'p',
  shard: 's',
};

const shardKeys = {
  keys: { first: 1, last: -1, step: 1 },
  keyFlags: ['not_key'],
} as const;

/** The number that confirmations tell: shard channels are counted by themselves. */
function counted(ctx: Context, kind: SubscriptionKind): number {
  const { subscriptions } = ctx.client;
  if (kind === 'shard') return subscriptions.count('shard');
  return subscriptions.count('channel') + subscriptions.count('pattern');
}

function confirmation(ctx: Context, kind: SubscriptionKind, verb: string, name: Reply): Reply {
  const word = bulkText(`${PREFIX[kind]}${verb}`);
  return ctx.client.form.push([word, name, integer(counted(ctx, kind))]);
}

/** Confirmations are messages: CLIENT REPLY, which silences replies, lets them through. */
function confirmed(ctx: Context, confirmations: readonly Reply[]): Reply {
  const reply = sequence(confirmations);
  if (ctx.inTransaction || ctx.client.replyMode === 'on') return reply;
  ctx.client.subscriptions.push(reply);
  return '';
}

/** Subscribes and confirms, name by name. */
function subscribeTo(kind: SubscriptionKind): Command['run'] {
  return (ctx, argv) => {
    // Redis makes an exception for the others only, because they had been possible before.
    if (kind === 'shard' && ctx.inTransaction) throw notInTransaction;
    const confirmations: Reply[] = [];
    for (let i = 1; i < argv.length; i++) {
      const name = ownText(textAt(argv, i));
      ctx.client.subscriptions.add(kind, name);
      confirmations.push(confirmation(ctx, kind, 'subscribe', bulkText(name)));
    }
    return confirmed(ctx, confirmations);
  };
}

/** Without names it ends all subscriptions of the kind; if there are none, that is confirmed with nil. */
function unsubscribeFrom(kind: SubscriptionKind): Command['run'] {
  return (ctx, argv) => {
    const { subscriptions } = ctx.client;
    const names: readonly string[] =
      argv.length > 1
        ? argv.slice(1).map((_name, i) => textAt(argv, i + 1))
        : subscriptions.of(kind);
    const confirmations = names.map((name) => {
      subscriptions.remove(kind, name);
      return confirmation(ctx, kind, 'unsubscribe', bulkText(name));
    });
    // Something is answered in any case.
    if (names.length === 0)
      confirmations.push(confirmation(ctx, kind, 'unsubscribe', ctx.form.nil));
    return confirmed(ctx, confirmations);
  };
}

type Details = Pick<Command, 'name' | 'since' | 'summary' | 'complexity'> &
  Partial<Pick<Command, 'keys' | 'keyFlags'>>;

function subscribing(kind: SubscriptionKind, details: Details): Command {
  return defineCommand({
    ...details,
    arity: -2,
    flags: ['pubsub', 'noscript', 'loading', 'stale'],
    group: 'pubsub',
    run: subscribeTo(kind),
  });
}

function unsubscribing(kind: SubscriptionKind, details: Details): Command {
  return defineCommand({
    ...details,
    arity: -1,
    flags: ['pubsub', 'noscript', 'loading', 'stale'],
    group: 'pubsub',
    run: unsubscribeFrom(kind),
  });
}

/**
 * SUBSCRIBE channel [channel ...]
 *
 * From its confirmation on the connection gets the messages of the channel. A RESP2 connection that
 * subscribes can then send little else.
 * Source: https://redis.io/docs/latest/commands/subscribe/
 */
const subscribe = subscribing('channel', {
  name: 'subscribe',
  since: '2.0.0',
  summary: 'Listen for messages published to the given channels',
  complexity: 'O(N) where N is the number of channels to subscribe to.',
});

/**
 * UNSUBSCRIBE [channel [channel ...]]
 *
 * Source: https://redis.io/docs/latest/commands/unsubscribe/
 */
const unsubscribe = unsubscribing('channel', {
  name: 'unsubscribe',
  since: '2.0.0',
  summary: 'Stop listening for messages posted to the given channels',
  complexity: 'O(N) where N is the number of clients already subscribed to a channel.',
});

/**
 * PSUBSCRIBE pattern [pattern ...]
 *
 * As SUBSCRIBE, for all channels that match a glob pattern.
 * Source: https://redis.io/docs/latest/commands/psubscribe/
 */
const psubscribe = subscribing('pattern', {
  name: 'psubscribe',
  since: '2.0.0',
  summary: 'Listen for messages published to channels matching the given patterns',
  complexity: 'O(N) where N is the number of patterns the client is already subscribed to.',
});

/**
 * PUNSUBSCRIBE [pattern [pattern ...]]
 *
 * Source: https://redis.io/docs/latest/commands/punsubscribe/
 */
const punsubscribe = unsubscribing('pattern', {
  name: 'punsubscribe',
  since: '2.0.0',
  summary: 'Stop listening for messages posted to channels matching the given patterns',
  complexity:
    'O(N+M) where N is the number of patterns the client is already subscribed and M is the number of total patterns subscribed in the system (by any client).',
});

/**
 * SSUBSCRIBE shardchannel [shardchannel ...]
 *
 * As SUBSCRIBE, for shard channels: names of their own, which patterns do not match.
 * Source: https://redis.io/docs/latest/commands/ssubscribe/
 */
const ssubscribe = subscribing('shard', {
  name: 'ssubscribe',
  since: '7.0.0',
  summary: 'Listen for messages published to the given shard channels',
  complexity: 'O(N) where N is the number of shard channels to subscribe to.',
  ...shardKeys,
});

/**
 * SUNSUBSCRIBE [shardchannel [shardchannel ...]]
 *
 * Source: https://redis.io/docs/latest/commands/sunsubscribe/
 */
const sunsubscribe = unsubscribing('shard', {
  name: 'sunsubscribe',
  since: '7.0.0',
  summary: 'Stop listening for messages posted to the given shard channels',
  complexity: 'O(N) where N is the number of clients already subscribed to a shard channel.',
  ...shardKeys,
});

/**
 * PUBLISH channel message
 *
 * Answers to how many subscriptions the message went. It waits for what its connection has asked
 * before, so that who hears it finds that done.
 * Source: https://redis.io/docs/latest/commands/publish/
 */
const publish = defineCommand({
  name: 'publish',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Post a message to a channel',
  complexity:
    'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).',
  barrier: true,
  run: (ctx, argv) => integer(ctx.publish('channel', textAt(argv, 1), argv[2]!)),
});

/**
 * SPUBLISH shardchannel message
 *
 * Source: https://redis.io/docs/latest/commands/spublish/
 */
const spublish = defineCommand({
  name: 'spublish',
  arity: 3,
  flags: ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'],
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Post a message to a shard channel',
  complexity: 'O(N) where N is the number of clients subscribed to the receiving shard channel.',
  keys: { first: 1, last: 1, step: 1 },
  keyFlags: ['not_key'],
  barrier: true,
  run: (ctx, argv) => integer(ctx.publish('shard', textAt(argv, 1), argv[2]!)),
});

function wrongSubcommand(name: string): ReplyError {
  return genericError(
    `unknown subcommand or wrong number of arguments for '${name}'. Try PUBSUB HELP.`,
  );
}

function names(kind: 'channel' | 'shard') {
  return (ctx: Context, argv: Argv): Reply => {
    if (argv.length > 3) throw wrongSubcommand(printedText(argv, 1));
    return bulkArray(ctx.server.hub.names(kind, argv.length > 2 ? textAt(argv, 2) : undefined));
  };
}

function numbers(kind: 'channel' | 'shard') {
  return (ctx: Context, argv: Argv): Reply =>
    array(
      argv.slice(2).flatMap((_name, i) => {
        const name = textAt(argv, i + 2);
        return [bulkText(name), integer(ctx.server.hub.subscriberCount(kind, name))];
      }),
    );
}

function ofHub(name: string, arity: number, since: string, summary: string, complexity: string) {
  const flags = ['pubsub', 'loading', 'stale'] as const;
  return { name, arity, flags, since, summary, complexity };
}

const subcommands: readonly Subcommand[] = [
  ofHub(
    'channels',
    -2,
    '2.8.0',
    'List active channels',
    'O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)',
  ),
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '6.2.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  ofHub('numpat', 2, '2.8.0', 'Get the count of unique patterns pattern subscriptions', 'O(1)'),
  ofHub(
    'numsub',
    -2,
    '2.8.0',
    'Get the count of subscribers for channels',
    'O(N) for the NUMSUB subcommand, where N is the number of requested channels',
  ),
  ofHub(
    'shardchannels',
    -2,
    '7.0.0',
    'List active shard channels',
    'O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).',
  ),
  ofHub(
    'shardnumsub',
    -2,
    '7.0.0',
    'Get the count of subscribers for shard channels',
    'O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels',
  ),
];

const help = [
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
];

/**
 * PUBSUB CHANNELS [pattern] | NUMPAT | NUMSUB [channel ...] | SHARDCHANNELS [pattern] |
 * SHARDNUMSUB [shardchannel ...] | HELP
 *
 * Source: https://redis.io/docs/latest/commands/pubsub/
 */
const pubsubCommand = defineCommand({
  name: 'pubsub',
  arity: -2,
  flags: [],
  group: 'pubsub',
  since: '2.8.0',
  summary: 'A container for Pub/Sub commands',
  complexity: 'Depends on subcommand.',
  subcommands,
  run: runSubcommands('pubsub', subcommands, {
    channels: names('channel'),
    help: () => helpReply('pubsub', help),
    numpat: (ctx) => integer(ctx.server.hub.count('pattern')),
    numsub: numbers('channel'),
    shardchannels: names('shard'),
    shardnumsub: numbers('shard'),
  }),
});

export const pubsub: readonly Command[] = [
  psubscribe,
  publish,
  pubsubCommand,
  punsubscribe,
  spublish,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
];
