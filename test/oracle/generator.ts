/**
 * Random scripts of every command, over few keys in few databases, sent by some connections (the
 * second speaks RESP3). Deadlines are far away, so that nothing expires while a script runs; those
 * that count from now never come near one another or an absolute one, so that GT and LT answer
 * alike on both servers.
 */
import { seeded, type Random } from '../../src/lib/random';
import type { Compare } from './compare';
import type { Step } from './oracle';

/** Draws arguments. */
export class Draw {
  /** @param prefix of all keys */
  constructor(
    private readonly random: Random,
    private readonly prefix = '',
  ) {}

  below(n: number): number {
    return this.random.below(n);
  }

  chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)]!;
  }

  /** Between `least` and `most` results of `draw`. */
  several<T>(least: number, most: number, draw: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, draw);
  }

  /** All of `options`, each or not, in any order. */
  some(percent: number, ...options: readonly string[][]): string[] {
    const chosen = options.filter(() => this.chance(percent));
    return chosen.sort(() => this.random.next() - 0.5).flat();
  }

  key(): string {
    return this.prefix + this.pick(KEYS);
  }

  field(): string {
    return this.pick(FIELDS);
  }

  value(): string {
    return this.chance(5) ? this.pick(LONG_VALUES) : this.pick(VALUES);
  }

  /** A string length, offset or index, also beyond both ends. */
  index(): string {
    return String(this.below(30) - 15);
  }

  db(): string {
    return this.chance(3) ? this.pick(['16', '-1', 'x']) : String(this.below(DATABASES));
  }

  /** A time to live or a deadline, sometimes one that has passed. */
  seconds(from: 'now' | 'epoch'): string {
    if (this.chance(10)) return this.pick(['0', '-1', '-100']);
    return String(from === 'now' ? 100_000 + this.below(100_000_000) : FAR_S + this.below(4));
  }

  milliseconds(from: 'now' | 'epoch'): string {
    const seconds = this.seconds(from);
    return seconds.startsWith('-') || seconds === '0' ? seconds : `${seconds}500`;
  }

  /** One option of SET and GETEX. */
  expiry(): string[] {
    switch (this.below(4)) {
      case 0:
        return ['EX', this.seconds('now')];
      case 1:
        return ['PX', this.milliseconds('now')];
      case 2:
        return ['EXAT', this.seconds('epoch')];
      default:
        return ['PXAT', this.milliseconds('epoch')];
    }
  }

  condition(): string[] {
    if (this.chance(50)) return [];
    return this.several(1, this.chance(20) ? 2 : 1, () => this.pick(['NX', 'XX', 'GT', 'LT']));
  }

  pattern(): string {
    return this.pick(['*', '?', 'a*', '[a-b]', '[^a]', '', '**', '\xff*', 'nokey']);
  }
}

const DATABASES = 3;
const FAR_S = 4_102_444_800;
const KEYS = ['a', 'b', 'c', 'd', 'e', '', '\xff\0\r\n'];
const FIELDS = ['f', 'g', 'h', '', '\x80', 'x'.repeat(64)];
const VALUES = ['0', '1', '-1', '7', '10', '42', '9007199254740991', '-9007199254740992'].concat(
  ['9223372036854775807', '-9223372036854775808', '9223372036854775808', '1.5', '-0.25', '3e2'],
  ['', 'text', 'hello world', ' 1', '01', '\x00\xff\r\n', 'x'.repeat(44), 'y'.repeat(65)],
);
const LONG_VALUES = ['z'.repeat(4095), 'z'.repeat(4096), 'z'.repeat(5000)];
const AMOUNTS = ['1', '-1', '10', '100', '9007199254740991', '9223372036854775807'].concat([
  '-9223372036854775808',
  '9223372036854775808',
  'x',
  '1.5',
]);
const FLOATS = ['1', '-1.5', '0.1', '3.0e2', '1e17', '-2.5e-3', 'inf', 'nan', 'x', ''];
/** What noise puts in place of an argument. No short time to live, no deadline beyond 2^53. */
const NOISE = [
  '',
  'x',
  '0',
  '-1',
  '1.5',
  '9223372036854775808',
  '-9223372036854775809',
  'NX',
  'GET',
];

export interface Row {
  readonly args: (draw: Draw) => string[];
  readonly compare?: Compare;
  /** How often it is drawn, next to the others; 4 if absent. */
  readonly weight?: number;
  /** Noise may make it mean something that the servers need not agree on. */
  readonly noise?: false;
}

const none = (): string[] => [];
const key = (draw: Draw): string[] => [draw.key()];
const keys = (draw: Draw): string[] => draw.several(1, 4, () => draw.key());
const pairs = (draw: Draw): string[] => draw.several(1, 4, () => [draw.key(), draw.value()]).flat();
const push = (draw: Draw): string[] => [draw.key(), ...draw.several(1, 4, () => draw.value())];
const pop = (draw: Draw): string[] => [
  draw.key(),
  ...draw.some(30, [draw.pick(['0', '1', '2', '5', '-1', 'x'])]),
];
const fields = (draw: Draw): string[] => [
  draw.key(),
  ...draw.several(1, 3, () => [draw.field(), draw.value()]).flat(),
];
const range = (draw: Draw): string[] => [draw.key(), draw.index(), draw.index()];

/** A row for every command that deals with keys; test/oracle/random.test.ts holds it complete. */
export const rows: Readonly<Record<string, Row>> = {
  append: { args: (d) => [d.key(), d.value()] },
  decr: { args: key },
  decrby: { args: (d) => [d.key(), d.pick(AMOUNTS)] },
  get: { args: key, weight: 8 },
  getdel: { args: key },
  getex: { args: (d) => [d.key(), ...(d.chance(70) ? d.expiry() : d.some(50, ['PERSIST']))] },
  getrange: { args: range },
  getset: { args: (d) => [d.key(), d.value()] },
  incr: { args: key, weight: 8 },
  incrby: { args: (d) => [d.key(), d.pick(AMOUNTS)] },
  incrbyfloat: { args: (d) => [d.key(), d.pick(FLOATS)] },
  lcs: {
    args: (d) => [
      d.key(),
      d.key(),
      ...d.some(30, ['LEN'], ['IDX'], ['MINMATCHLEN', d.pick(['0', '2', '-1'])], ['WITHMATCHLEN']),
    ],
    weight: 1,
  },
  mget: { args: keys },
  mset: { args: pairs },
  msetnx: { args: pairs },
  psetex: { args: (d) => [d.key(), d.milliseconds('now'), d.value()] },
  set: {
    args: (d) => [
      d.key(),
      d.value(),
      ...(d.chance(60) ? [] : d.some(35, ['NX'], ['XX'], ['GET'], ['KEEPTTL'], d.expiry())),
    ],
    weight: 12,
  },
  setex: { args: (d) => [d.key(), d.seconds('now'), d.value()] },
  setnx: { args: (d) => [d.key(), d.value()] },
  setrange: { args: (d) => [d.key(), String(d.below(60) - 3), d.value()] },
  strlen: { args: key },
  substr: { args: range },

  hdel: { args: (d) => [d.key(), ...d.several(1, 3, () => d.field())] },
  hget: { args: (d) => [d.key(), d.field()] },
  hgetall: { args: key, compare: 'sorted' },
  hlen: { args: key },
  hmset: { args: fields, weight: 2 },
  hset: { args: fields, weight: 8 },

  llen: { args: key },
  lpop: { args: pop },
  lpush: { args: push },
  lrange: { args: range },
  rpop: { args: pop },
  rpush: { args: push, weight: 8 },

  copy: {
    args: (d) => [d.key(), d.key(), ...d.some(30, ['REPLACE'], ['DB', d.db()])],
    weight: 8,
  },
  del: { args: keys },
  exists: { args: keys },
  move: { args: (d) => [d.key(), d.db()] },
  object: {
    args: (d) => [d.chance(95) ? 'ENCODING' : d.pick(['FREQ', 'FOO', 'HELP']), d.key()],
    compare: 'encoding',
  },
  rename: { args: (d) => [d.key(), d.key()], weight: 8 },
  renamenx: { args: (d) => [d.key(), d.key()] },
  touch: { args: keys },
  type: { args: key },
  unlink: { args: keys },

  dbsize: { args: none, weight: 2 },
  flushall: { args: (d) => d.some(20, ['ASYNC'], ['SYNC']), weight: 1 },
  flushdb: { args: (d) => d.some(20, ['ASYNC'], ['SYNC']), weight: 1 },
  keys: { args: (d) => [d.pattern()], compare: 'sorted' },
  randomkey: { args: none, compare: 'shape', weight: 1 },
  scan: {
    args: (d) => [
      '0',
      'COUNT',
      '1000000',
      ...d.some(30, ['MATCH', d.pattern()], ['TYPE', d.pick(['string', 'list', 'hash', 'set'])]),
    ],
    compare: 'sorted',
    noise: false,
  },
  swapdb: { args: (d) => [d.db(), d.db()], weight: 2 },

  expire: { args: (d) => [d.key(), d.seconds('now'), ...d.condition()] },
  expireat: { args: (d) => [d.key(), d.seconds('epoch'), ...d.condition()] },
  expiretime: { args: key, compare: 's' },
  persist: { args: key },
  pexpire: { args: (d) => [d.key(), d.milliseconds('now'), ...d.condition()] },
  pexpireat: { args: (d) => [d.key(), d.milliseconds('epoch'), ...d.condition()] },
  pexpiretime: { args: key, compare: 'ms' },
  pttl: { args: key, compare: 'ms' },
  ttl: { args: key, compare: 's' },

  discard: { args: none, weight: 1 },
  exec: { args: none, weight: 20 },
  multi: { args: none, weight: 6 },
  unwatch: { args: none, weight: 1 },
  watch: { args: keys },

  select: { args: (d) => [d.db()], weight: 6 },
  reset: { args: none, weight: 1 },
  wait: { args: () => ['0', '0'], weight: 1 },
};

const lottery = Object.entries(rows).flatMap(([name, row]) =>
  Array.from({ length: row.weight ?? 4 }, () => [name, row] as const),
);

export interface ScriptOptions {
  /** Where SWAPDB may come. */
  readonly swap: 'anywhere' | 'outside MULTI' | 'never';
  /** How many there are, at least 2. */
  readonly connections?: number;
  /** The prefix of keys that no other script has: then nothing in it looks beyond them. */
  readonly own?: string;
}

/** A script of `length` steps; the same seed gives the same one. */
export function generate(
  seed: number,
  length: number,
  { swap, connections = 2, own }: ScriptOptions,
): Step[] {
  const draw = new Draw(seeded(seed), own);
  const steps: Step[] = [{ connection: 1, request: ['HELLO', '3'], compare: 'kind' }];
  const inMulti = Array.from({ length: connections }, () => false);
  let connection = 0;
  while (steps.length < length) {
    // Runs of one connection are sent as a pipeline.
    if (draw.chance(15)) connection = (connection + 1 + draw.below(connections - 1)) % connections;
    const [name, { args, compare = 'bytes', noise = true }] = draw.pick(lottery);
    if (own !== undefined && ON_ALL_KEYS.has(name)) continue;
    if (ENDS_MULTI.has(name) && !inMulti[connection] && draw.chance(90)) continue;
    if (name === 'swapdb' && (swap === 'never' || (inMulti[connection] && swap !== 'anywhere'))) {
      continue;
    }
    if (name === 'multi') inMulti[connection] = true;
    if (ENDS_MULTI.has(name)) inMulti[connection] = false;
    const drawn = args(draw);
    const noisy = own === undefined && noise && draw.chance(3);
    steps.push({
      connection,
      request: [name.toUpperCase(), ...(noisy ? withNoise(draw, drawn) : drawn)],
      compare,
    });
  }
  return steps;
}

const ENDS_MULTI = new Set(['exec', 'discard', 'reset']);
const ON_ALL_KEYS = new Set([
  'dbsize',
  'flushall',
  'flushdb',
  'keys',
  'randomkey',
  'scan',
  'swapdb',
]);

/** An argument too few, too many or otherwise. */
function withNoise(draw: Draw, args: readonly string[]): string[] {
  const at = draw.below(args.length + 1);
  const insert = draw.chance(60) ? [draw.pick(NOISE)] : [];
  return args.toSpliced(at, draw.below(2), ...insert);
}
