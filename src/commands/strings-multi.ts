/** Strings: several keys at once. */
import { wrongArity } from '../errors';
import {
  PIECE_LENGTH,
  bulk,
  bulkText,
  ok,
  one,
  sequence,
  zero,
  type Reply,
} from '../protocol/reply';
import { NO_EXPIRY } from '../store/record';
import { lentBytes, stringFrom } from '../values/string';
import { isString } from '../values/value';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import { keyAt } from './args';
import { allKeys, defineCommand, everySecondKey } from './command';

/**
 * MGET key [key ...]
 *
 * The values in order; nil for missing keys and for keys of other types.
 * Source: https://redis.io/docs/latest/commands/mget/
 */
const mget = defineCommand({
  name: 'mget',
  arity: -2,
  overLimit: 'moments',
  flags: ['readonly', 'fast'],
  group: 'string',
  since: '1.0.0',
  summary: 'Get the values of all the given keys',
  complexity: 'O(N) where N is the number of keys to retrieve.',
  keys: allKeys,
  keyFlags: ['RO', 'access'],
  tips: ['request_policy:multi_shard'],
  run(ctx, argv) {
    const { nil } = ctx.form;
    let text = `*${argv.length - 1}\r\n`;
    let before: Reply[] | undefined;
    for (let at = 1; at < argv.length; at++) {
      if (text.length >= PIECE_LENGTH) {
        before ??= [];
        before.push(text);
        text = '';
      }
      const value = ctx.get(keyAt(argv, at));
      if (typeof value === 'string') {
        text += bulkText(value);
      } else if (value === undefined || !isString(value)) {
        text += nil;
      } else {
        const item = bulk(lentBytes(value));
        if (typeof item === 'string') {
          text += item;
        } else {
          before ??= [];
          before.push(text, item);
          text = '';
        }
      }
    }
    if (before === undefined) return text;
    before.push(text);
    return sequence(before);
  },
});

function setAll(ctx: Context, argv: Argv): void {
  for (let at = 1; at < argv.length; at += 2) {
    const key = keyAt(argv, at);
    const value = argv[at + 1]!;
    ctx.set(key, typeof value === 'string' ? value : stringFrom(value), NO_EXPIRY);
    ctx.notify('$', 'set', key);
  }
}

/**
 * MSET key value [key value ...]
 *
 * Sets all values at once and takes their deadlines away. Of a key given twice the last value stays.
 * Source: https://redis.io/docs/latest/commands/mset/
 */
const mset = defineCommand({
  name: 'mset',
  arity: -3,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '1.0.1',
  summary: 'Set multiple keys to multiple values',
  complexity: 'O(N) where N is the number of keys to set.',
  keys: everySecondKey,
  keyFlags: ['OW', 'update'],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  run(ctx, argv) {
    if (argv.length % 2 === 0) throw wrongArity('mset');
    setAll(ctx, argv);
    return ok;
  },
});

/**
 * MSETNX key value [key value ...]
 *
 * Sets all values if none of the keys is there: 1. Else sets nothing: 0.
 * Source: https://redis.io/docs/latest/commands/msetnx/
 */
const msetnx = defineCommand({
  name: 'msetnx',
  arity: -3,
  flags: ['write', 'denyoom'],
  group: 'string',
  since: '1.0.1',
  summary: 'Set multiple keys to multiple values, only if none of the keys exist',
  complexity: 'O(N) where N is the number of keys to set.',
  keys: everySecondKey,
  keyFlags: ['OW', 'insert'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
  run(ctx, argv) {
    if (argv.length % 2 === 0) throw wrongArity('msetnx');
    for (let at = 1; at < argv.length; at += 2) {
      if (ctx.peek(keyAt(argv, at)) !== undefined) return zero;
    }
    setAll(ctx, argv);
    return one;
  },
});

export const stringsMulti: readonly Command[] = [mget, mset, msetnx];
