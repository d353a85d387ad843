/**
 * When two replies count as equal. Bytes are compared wherever Redis promises them; the looser ways
 * are for replies that it leaves open (the order of KEYS) or that depend on the time.
 */

/**
 * - `bytes`: the same bytes.
 * - `sorted`: the same after sorting every array of strings.
 * - `shape`: the same types and lengths of arrays; of errors the same code.
 * - `kind`: the same type, and nothing more: goredis may add fields of its own (HELLO, INFO).
 * - `ms`, `s`: as `bytes`, but large integers are times in that unit, which may differ by what
 *   passes while two servers are asked.
 * - `idle`: as `bytes`, but a few seconds since a key was used are as good as none.
 * - `encoding`: as `bytes`, but `int` and `embstr` are one (see docs/differences.md).
 */
export type Compare = 'bytes' | 'sorted' | 'shape' | 'kind' | 'ms' | 's' | 'idle' | 'encoding';

/** A reply as a tree: an aggregate is its head's letter and its elements, all else one text with its letter. */
export type Tree = string | { readonly head: string; readonly items: readonly Tree[] };

/** How far times may lie apart: enough for a busy machine. */
const TOLERANCE = { ms: 10_000, s: 10 };
/** Below it an integer is no time but a count or a flag, and compared as it is. */
const SHORTEST = { ms: 50_000, s: 50 };
const AGGREGATES = '*~>%';
const BULKS = '$=!';

export function parseReply(bytes: Buffer): Tree {
  const text = bytes.toString('latin1');
  let at = 0;
  const next = (): Tree => {
    const lineEnd = text.indexOf('\r\n', at);
    const head = text.charAt(at);
    const line = text.slice(at + 1, lineEnd);
    at = lineEnd + 2;
    const count = Number(line);
    if (AGGREGATES.includes(head) && count >= 0) {
      const length = head === '%' ? count * 2 : count;
      return { head, items: Array.from({ length }, next) };
    }
    if (!BULKS.includes(head) || count < 0) return head + line;
    at += count + 2;
    return head + text.slice(at - count - 2, at - 2);
  };
  return next();
}

/** The elements of a reply that must have some. */
export function items(tree: Tree): readonly Tree[] {
  if (typeof tree === 'string') throw new Error(`no aggregate: ${tree}`);
  return tree.items;
}

export function sameReply(compare: Compare, expected: Buffer, actual: Buffer): boolean {
  if (expected.equals(actual)) return true;
  if (compare === 'bytes') return false;
  const [a, b] = [parseReply(expected), parseReply(actual)];
  switch (compare) {
    case 'sorted':
      return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
    case 'shape':
      return JSON.stringify(shape(a)) === JSON.stringify(shape(b));
    case 'kind':
      return expected[0] === actual[0];
    case 'ms':
    case 's':
      return isNear(compare, a, b);
    case 'idle':
      return [a, b].every((tree) => isFewSeconds(tree));
    case 'encoding':
      return [a, b].every((tree) => tree === '$int' || tree === '$embstr');
  }
}

/** As `sameReply` for EXEC: every element of the array in the way of its own command. */
export function sameTransaction(
  compares: readonly Compare[],
  expected: Buffer,
  actual: Buffer,
): boolean {
  if (expected.equals(actual)) return true;
  const [a, b] = [elements(expected), elements(actual)];
  if (a?.length !== compares.length || b?.length !== compares.length) return false;
  return a.every((element, i) => sameReply(compares[i]!, element, b[i]!));
}

/** The bytes of an array's elements; undefined for any other reply. */
function elements(reply: Buffer): Buffer[] | undefined {
  const tree = parseReply(reply);
  if (typeof tree === 'string') return undefined;
  return tree.items.map((item) => Buffer.from(unparse(item), 'latin1'));
}

function unparse(tree: Tree): string {
  if (typeof tree === 'string') {
    const [head, rest] = [tree.charAt(0), tree.slice(1)];
    return BULKS.includes(head) ? `${head}${rest.length}\r\n${rest}\r\n` : `${tree}\r\n`;
  }
  const count = tree.head === '%' ? tree.items.length / 2 : tree.items.length;
  return `${tree.head}${count}\r\n${tree.items.map(unparse).join('')}`;
}

function sorted(tree: Tree): Tree {
  if (typeof tree === 'string') return tree;
  const items = tree.items.map(sorted);
  if (items.every((item) => typeof item === 'string')) items.sort();
  return { head: tree.head, items };
}

function shape(tree: Tree): unknown {
  if (typeof tree !== 'string') return [tree.head, tree.items.map(shape)];
  return tree.startsWith('-') ? tree.split(' ', 1)[0] : tree.charAt(0);
}

function isFewSeconds(tree: Tree): boolean {
  return typeof tree === 'string' && /^:\d+$/.test(tree) && Number(tree.slice(1)) <= TOLERANCE.s;
}

function isNear(unit: 'ms' | 's', a: Tree, b: Tree): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  if (!a.startsWith(':') || !b.startsWith(':')) return false;
  const [x, y] = [Number(a.slice(1)), Number(b.slice(1))];
  return Math.min(x, y) >= SHORTEST[unit] && Math.abs(x - y) <= TOLERANCE[unit];
}
