/** Commands on the deadlines of keys. */
import { genericError, invalidExpire } from '../errors';
import { cString } from '../lib/bytes';
import { INT64_MAX, INT64_MIN } from '../lib/numbers';
import { integer, one, zero, type Reply } from '../protocol/reply';
import { NO_EXPIRY } from '../store/record';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import { clampDeadline, int64At, keyAt, textAt } from './args';
import { defineCommand, firstKey } from './command';

type Unit = 's' | 'ms';
type From = 'now' | 'epoch';

const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const conditionBits = new Map([
  ['NX', NX],
  ['XX', XX],
  ['GT', GT],
  ['LT', LT],
]);

const nxWithOthers = genericError(
  'NX and XX, GT or LT options at the same time are not compatible',
);
const gtWithLt = genericError('GT and LT options at the same time are not compatible');

/** Source: parseExtendedExpireArgumentsOrReply in Redis's expire.c */
function conditionsOf(argv: Argv): number {
  let conditions = 0;
  for (let i = 3; i < argv.length; i++) {
    const option = cString(textAt(argv, i));
    const bit = conditionBits.get(option.toUpperCase());
    if (bit === undefined) {
      // Line breaks at the end are dropped, others become spaces.
      throw genericError(`Unsupported option ${option.replace(/[\r\n]+$/, '')}`);
    }
    conditions |= bit;
  }
  if (conditions & NX && conditions & (XX | GT | LT)) throw nxWithOthers;
  if (conditions & GT && conditions & LT) throw gtWithLt;
  return conditions;
}

/**
 * The deadline that a request names, in Unix milliseconds. It may be in the past; one beyond 2^53 is
 * kept as 2^53 - 1.
 * @throws ReplyError if int64 milliseconds cannot hold it
 */
function deadlineOf(ctx: Context, argv: Argv, unit: Unit, from: From, name: string): number {
  const value = int64At(argv, 2);
  const baseMs = from === 'now' ? BigInt(ctx.nowMs) : 0n;
  const ms = unit === 's' ? value * 1000n : value;
  if (ms < INT64_MIN || ms > INT64_MAX - baseMs) throw invalidExpire(name);
  return clampDeadline(ms + baseMs);
}

/** Whether the conditions allow a key with the deadline `current` the deadline `next`. */
function allowed(conditions: number, current: number, next: number): boolean {
  const volatile = current !== NO_EXPIRY;
  if (conditions & NX && volatile) return false;
  if (conditions & XX && !volatile) return false;
  // A key without a deadline lives for ever: nothing is later, everything is earlier.
  if (conditions & GT && (!volatile || next <= current)) return false;
  if (conditions & LT && volatile && next >= current) return false;
  return true;
}

/**
 * EXPIRE key seconds [NX | XX | GT | LT], and its three siblings
 *
 * Gives a key a deadline: 1. A deadline that has passed removes the key at once (event `del`, not
 * `expired`). An absent key, or a condition that does not hold, is 0, and nothing happens.
 * Source: https://redis.io/docs/latest/commands/expire/
 */
function expireCommand(
  name: string,
  unit: Unit,
  from: From,
  since: string,
  summary: string,
): Command {
  return defineCommand({
    name,
    arity: -3,
    quickArgs: 4,
    flags: ['write', 'fast'],
    group: 'generic',
    since,
    summary,
    complexity: 'O(1)',
    keys: firstKey,
    keyFlags: ['RW', 'update'],
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    run(ctx, argv) {
      const conditions = argv.length > 3 ? conditionsOf(argv) : 0;
      const deadlineMs = deadlineOf(ctx, argv, unit, from, name);
      const key = keyAt(argv, 1);
      if (ctx.peek(key) === undefined) return zero;
      if (conditions !== 0 && !allowed(conditions, ctx.expiresAtMs(key), deadlineMs)) return zero;
      if (deadlineMs <= ctx.nowMs) {
        ctx.remove(key);
        ctx.notify('g', 'del', key);
      } else {
        ctx.setExpiry(key, deadlineMs);
        ctx.replied();
        ctx.notify('g', 'expire', key);
      }
      return one;
    },
  });
}

/** -2 for an absent key, -1 for one without a deadline. Seconds are rounded, not cut. */
function deadlineReply(ctx: Context, argv: Argv, unit: Unit, from: From): Reply {
  const key = keyAt(argv, 1);
  if (ctx.ask(key) === undefined) return integer(-2);
  const expiresAtMs = ctx.expiresAtMs(key);
  if (expiresAtMs === NO_EXPIRY) return integer(-1);
  const ms = from === 'now' ? expiresAtMs - ctx.nowMs : expiresAtMs;
  return integer(unit === 'ms' ? ms : Math.floor((ms + 500) / 1000));
}

/**
 * TTL key, and its three siblings
 *
 * Answers when a key expires; it is no use of the key.
 * Source: https://redis.io/docs/latest/commands/ttl/
 */
function ttlCommand(name: string, unit: Unit, from: From, since: string, summary: string): Command {
  return defineCommand({
    name,
    arity: 2,
    quickArgs: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    since,
    summary,
    complexity: 'O(1)',
    keys: firstKey,
    keyFlags: ['RO', 'access'],
    // What the absolute ones answer does not depend on when they are asked, and both came later.
    ...(from === 'now' && {
      tips: ['nondeterministic_output'],
      history: [['2.8.0', 'Added the -2 reply.']] as const,
    }),
    run: (ctx, argv) => deadlineReply(ctx, argv, unit, from),
  });
}

/**
 * PERSIST key
 *
 * Takes a key's deadline away: 1. An absent key, or one without a deadline, is 0.
 * Source: https://redis.io/docs/latest/commands/persist/
 */
const persist = defineCommand({
  name: 'persist',
  arity: 2,
  quickArgs: 2,
  flags: ['write', 'fast'],
  group: 'generic',
  since: '2.2.0',
  summary: 'Remove the expiration from a key',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RW', 'update'],
  run(ctx, argv) {
    const key = keyAt(argv, 1);
    if (ctx.peek(key) === undefined || ctx.expiresAtMs(key) === NO_EXPIRY) return zero;
    ctx.setExpiry(key, NO_EXPIRY);
    ctx.notify('g', 'persist', key);
    return one;
  },
});

export const expiry: readonly Command[] = [
  expireCommand('expire', 's', 'now', '1.0.0', "Set a key's time to live in seconds"),
  expireCommand(
    'expireat',
    's',
    'epoch',
    '1.2.0',
    'Set the expiration for a key as a UNIX timestamp',
  ),
  ttlCommand('expiretime', 's', 'epoch', '7.0.0', 'Get the expiration Unix timestamp for a key'),
  persist,
  expireCommand('pexpire', 'ms', 'now', '2.6.0', "Set a key's time to live in milliseconds"),
  expireCommand(
    'pexpireat',
    'ms',
    'epoch',
    '2.6.0',
    'Set the expiration for a key as a UNIX timestamp specified in milliseconds',
  ),
  ttlCommand(
    'pexpiretime',
    'ms',
    'epoch',
    '7.0.0',
    'Get the expiration Unix timestamp for a key in milliseconds',
  ),
  ttlCommand('pttl', 'ms', 'now', '2.6.0', 'Get the time to live for a key in milliseconds'),
  ttlCommand('ttl', 's', 'now', '1.0.0', 'Get the time to live for a key in seconds'),
];
