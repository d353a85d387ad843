/** Lists. */
import { notPositive, wrongArity } from '../errors';
import {
  PIECE_LENGTH,
  bulk,
  bulkArray,
  bulkText,
  emptyArray,
  integer,
  type Reply,
} from '../protocol/reply';
import { NO_EXPIRY } from '../store/record';
import { ListValue } from '../values/list';
import type { Argv, Command } from '../engine/command';
import type { Context } from '../engine/context';
import type { Bytes } from '../lib/bytes';
import { integerAt, keyAt } from './args';
import { defineCommand, firstKey } from './command';

/** @returns the new length */
function push(ctx: Context, argv: Argv, end: 'front' | 'back'): Reply {
  const key = keyAt(argv, 1);
  const existing = ctx.editList(key);
  const list = existing ?? new ListValue();
  if (end === 'front') for (let at = 2; at < argv.length; at++) list.pushFront(argv[at]!);
  else for (let at = 2; at < argv.length; at++) list.pushBack(argv[at]!);
  if (existing === undefined) ctx.set(key, list, NO_EXPIRY);
  else ctx.changed(key);
  ctx.replied();
  ctx.notify('l', end === 'front' ? 'lpush' : 'rpush', key);
  return integer(list.size);
}

/**
 * LPUSH key element [element ...]
 *
 * Puts each element before the first one, so the last argument comes to stand first; creates a
 * missing list; answers the new length.
 * Source: https://redis.io/docs/latest/commands/lpush/
 * @throws ReplyError WRONGTYPE
 */
const lpush = defineCommand({
  name: 'lpush',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'list',
  since: '1.0.0',
  summary: 'Prepend one or multiple elements to a list',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  keys: firstKey,
  keyFlags: ['RW', 'insert'],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  run: (ctx, argv) => push(ctx, argv, 'front'),
});

/**
 * RPUSH key element [element ...]
 *
 * Puts the elements behind the last one; creates a missing list; answers the new length.
 * Source: https://redis.io/docs/latest/commands/rpush/
 * @throws ReplyError WRONGTYPE
 */
const rpush = defineCommand({
  name: 'rpush',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  group: 'list',
  since: '1.0.0',
  summary: 'Append one or multiple elements to a list',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  keys: firstKey,
  keyFlags: ['RW', 'insert'],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  run: (ctx, argv) => push(ctx, argv, 'back'),
});

function pop(ctx: Context, argv: Argv, name: 'lpop' | 'rpop'): Reply {
  if (argv.length > 3) throw wrongArity(name);
  const counted = argv.length === 3;
  const count = counted ? integerAt(argv, 2, notPositive) : 1;
  if (count < 0) throw notPositive;
  const key = keyAt(argv, 1);
  const list = ctx.editList(key);
  if (list === undefined) return counted ? ctx.form.nilArray : ctx.form.nil;
  if (count === 0) return emptyArray;
  const items: Bytes[] = [];
  for (let left = Math.min(count, list.size); left > 0; left--) items.push(take(list, name));
  ctx.replied();
  // First: `changed` announces `del` when no element is left.
  ctx.notify('l', name, key);
  ctx.changed(key);
  return counted ? bulkArray(items) : bulk(items[0]!);
}

function take(list: ListValue, name: 'lpop' | 'rpop'): Bytes {
  return (name === 'lpop' ? list.popFront() : list.popBack())!;
}

/**
 * LPOP key [count]
 *
 * Removes the first element and answers it; with a count an array of as many as there are. Nil
 * (with a count a nil array) for a missing key. A list without elements goes away with its key.
 * Source: https://redis.io/docs/latest/commands/lpop/
 * @throws ReplyError value is out of range (count), WRONGTYPE
 */
const lpop = defineCommand({
  name: 'lpop',
  arity: -2,
  flags: ['write', 'fast'],
  group: 'list',
  since: '1.0.0',
  summary: 'Remove and get the first elements in a list',
  complexity: 'O(N) where N is the number of elements returned',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'delete'],
  history: [['6.2.0', 'Added the `count` argument.']],
  run: (ctx, argv) => pop(ctx, argv, 'lpop'),
});

/**
 * RPOP key [count]
 *
 * As LPOP, from the end: the last element comes first.
 * Source: https://redis.io/docs/latest/commands/rpop/
 * @throws ReplyError value is out of range (count), WRONGTYPE
 */
const rpop = defineCommand({
  name: 'rpop',
  arity: -2,
  flags: ['write', 'fast'],
  group: 'list',
  since: '1.0.0',
  summary: 'Remove and get the last elements in a list',
  complexity: 'O(N) where N is the number of elements returned',
  keys: firstKey,
  keyFlags: ['RW', 'access', 'delete'],
  history: [['6.2.0', 'Added the `count` argument.']],
  run: (ctx, argv) => pop(ctx, argv, 'rpop'),
});

/**
 * LRANGE key start stop
 *
 * The elements from start to stop, both included, counted from the end when negative. Empty for a
 * missing key and where there is nothing.
 * Source: https://redis.io/docs/latest/commands/lrange/
 * @throws ReplyError not an integer, WRONGTYPE
 */
const lrange = defineCommand({
  name: 'lrange',
  arity: 4,
  flags: ['readonly'],
  group: 'list',
  since: '1.0.0',
  summary: 'Get a range of elements from a list',
  complexity:
    'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
  keys: firstKey,
  keyFlags: ['RO', 'access'],
  run(ctx, argv) {
    let start = integerAt(argv, 2);
    let stop = integerAt(argv, 3);
    const list = ctx.list(keyAt(argv, 1));
    if (list === undefined) return emptyArray;
    if (start < 0) start = Math.max(0, list.size + start);
    if (stop < 0) stop = list.size + stop;
    if (stop >= list.size) stop = list.size - 1;
    return start > stop ? emptyArray : rangeReply(list, start, stop);
  },
});

function rangeReply(list: ListValue, start: number, stop: number): Reply {
  let text = `*${stop - start + 1}\r\n`;
  for (let at = start; at <= stop; at++) {
    const item = list.at(at)!;
    if (typeof item !== 'string' || text.length >= PIECE_LENGTH) {
      return piecesReply(list, start, stop);
    }
    text += bulkText(item);
  }
  return text;
}

/** For ranges with large elements, or very many. */
function piecesReply(list: ListValue, start: number, stop: number): Reply {
  const items: Bytes[] = [];
  for (let at = start; at <= stop; at++) items.push(list.at(at)!);
  return bulkArray(items);
}

/**
 * LLEN key
 *
 * The number of elements, 0 for a missing key.
 * Source: https://redis.io/docs/latest/commands/llen/
 * @throws ReplyError WRONGTYPE
 */
const llen = defineCommand({
  name: 'llen',
  arity: 2,
  flags: ['readonly', 'fast'],
  group: 'list',
  since: '1.0.0',
  summary: 'Get the length of a list',
  complexity: 'O(1)',
  keys: firstKey,
  keyFlags: ['RO'],
  run: (ctx, argv) => integer(ctx.list(keyAt(argv, 1))?.size ?? 0),
});

/** All list commands: the registry reads this list. */
export const lists: readonly Command[] = [llen, lpop, lpush, lrange, rpop, rpush];
