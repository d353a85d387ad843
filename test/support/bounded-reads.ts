/**
 * Checks reads that may be old, of keys that several nodes write and cache, for what is promised of
 * them (docs/design/0007-cached-store.md):
 *
 * - On one node a key never goes back, whoever reads it there.
 * - A node sees its own writes.
 * - A read that begins longer than the bound after a write was acknowledged sees it, or a later one.
 * - Who has seen a record that a transaction wrote sees on that node what else it wrote, or later
 *   records, also if the one that was seen is of a later write of its key.
 *
 * Each write has a number, larger than those of all earlier writes of its keys, which are not
 * concurrent. It sets its keys to that number, or deletes them.
 */

export interface NumberedWrite {
  /** Who did it; undefined: none of the nodes. */
  readonly node: string | undefined;
  readonly number: number;
  readonly sets: readonly string[];
  readonly deletes: readonly string[];
  /** In milliseconds, on the clock of all calls and returns. */
  readonly calledAt: number;
  /** Infinity: it was not acknowledged, and may happen at any later time, or never. */
  readonly returnedAt: number;
}

export interface BoundedRead {
  readonly node: string;
  readonly keys: readonly string[];
  /** The number that each key was set to; undefined: it is not there. */
  readonly seen: readonly (number | undefined)[];
  /** It must see everything that was acknowledged before it began. */
  readonly strong: boolean;
  readonly calledAt: number;
  readonly returnedAt: number;
}

export interface BoundedHistory {
  readonly writes: readonly NumberedWrite[];
  readonly reads: readonly BoundedRead[];
}

export interface Bounds {
  /** How old what is read may be, in milliseconds. */
  readonly boundMs: number;
  /** Of so many transactions of a key, the latest ones, the other keys must be seen. */
  readonly transactions: number;
}

export type Broken = 'went back' | 'own write' | 'too old' | 'half seen' | 'never written';

export interface Violation {
  readonly broken: Broken;
  readonly key: string;
  /** The least number that it had to see. */
  readonly least: number;
  readonly read: BoundedRead;
}

/** A number below which a key must not be seen, and why. */
interface Floor {
  readonly number: number;
  readonly why: Broken;
}
type Floors = Map<string, Floor>;

const REPORTED = 40;
const NONE: Floor = { number: 0, why: 'never written' };

interface Moment {
  readonly atMs: number;
  readonly happens: () => void;
}

export function findViolation(history: BoundedHistory, bounds: Bounds): Violation | undefined {
  return new Check(history, bounds).run();
}

/** For people: the violation, and what was written and read of its keys on the node until then. */
export function violationReport({ writes, reads }: BoundedHistory, violation: Violation): string {
  const { broken, key, least, read } = violation;
  const concerns = (keys: readonly string[]): boolean => keys.some((it) => read.keys.includes(it));
  const lines = [
    ...writes
      .filter((write) => write.calledAt < read.returnedAt && concerns(keysOf(write)))
      .map(({ calledAt, returnedAt, number, node = 'another program', sets, deletes }) => {
        const gone = deletes.length === 0 ? '' : `, deletes ${deletes.join(' ')}`;
        const text = `${node} writes ${number} to ${sets.join(' ')}${gone}`;
        return { calledAt, returnedAt, text };
      }),
    ...reads
      .filter(
        ({ node, keys, calledAt }) =>
          node === read.node && calledAt < read.returnedAt && concerns(keys),
      )
      .map(({ calledAt, returnedAt, node, keys, seen, strong }) => {
        const pairs = keys.map((each, i) => `${each}=${seen[i] ?? 'none'}`);
        const text = `${node} reads ${strong ? 'strongly ' : ''}${pairs.join(' ')}`;
        return { calledAt, returnedAt, text };
      }),
  ].sort((a, b) => a.calledAt - b.calledAt);
  const told = lines.slice(-REPORTED).map(({ calledAt, returnedAt, text }) => {
    return `  ${calledAt.toFixed(1)} to ${returnedAt.toFixed(1)}: ${text}`;
  });
  return [`${broken}: ${key}, which had to be ${least} at least`, ...told].join('\n');
}

class Check {
  /** By key, in the order of their numbers. */
  private readonly writesOf = new Map<string, NumberedWrite[]>();
  private readonly ofNode = new Map<string, Floors>();
  /** What was acknowledged so far, and what was acknowledged longer ago than the bound. */
  private readonly acknowledged: Floors = new Map();
  private readonly due: Floors = new Map();
  private readonly needs = new Map<BoundedRead, readonly Floor[]>();
  private violation: Violation | undefined;

  constructor(
    private readonly history: BoundedHistory,
    private readonly bounds: Bounds,
  ) {
    const byNumber = [...history.writes].sort((a, b) => a.number - b.number);
    for (const write of byNumber) {
      for (const key of keysOf(write)) {
        const others = this.writesOf.get(key);
        if (others === undefined) this.writesOf.set(key, [write]);
        else others.push(write);
      }
    }
  }

  run(): Violation | undefined {
    // Calls stand before returns, so that of equal times those count as concurrent.
    const calls = this.history.reads.map((read): Moment => ({
      atMs: read.calledAt,
      happens: () => this.called(read),
    }));
    const returns = this.history.reads.map((read): Moment => ({
      atMs: read.returnedAt,
      happens: () => this.returned(read),
    }));
    const writes = this.history.writes.flatMap((write): Moment[] => [
      { atMs: write.returnedAt, happens: () => this.written(write) },
      { atMs: write.returnedAt + this.bounds.boundMs, happens: () => this.nowDue(write) },
    ]);
    const moments = [...calls, ...returns, ...writes].filter(({ atMs }) => atMs !== Infinity);
    for (const { happens } of moments.sort((a, b) => a.atMs - b.atMs)) {
      happens();
      if (this.violation !== undefined) return this.violation;
    }
    return undefined;
  }

  private written(write: NumberedWrite): void {
    for (const key of keysOf(write)) {
      raise(this.acknowledged, key, write.number, 'too old');
      if (write.node !== undefined) raise(this.at(write.node), key, write.number, 'own write');
    }
  }

  private nowDue(write: NumberedWrite): void {
    for (const key of keysOf(write)) raise(this.due, key, write.number, 'too old');
  }

  private called(read: BoundedRead): void {
    const floors = [this.at(read.node), read.strong ? this.acknowledged : this.due];
    this.needs.set(
      read,
      read.keys.map((key) => floors.map((of) => of.get(key) ?? NONE).reduce(higher)),
    );
  }

  private returned(read: BoundedRead): void {
    const { keys } = read;
    const needs = [...this.needs.get(read)!];
    const numbers: number[] = [];
    // What one key shows of the others may ask for more of those that are absent.
    for (let i = 0; i < keys.length;) {
      const number = this.numberSeen(read, i, needs[i]!);
      if (number === undefined) return;
      if (numbers[i] === number) {
        i++;
        continue;
      }
      numbers[i] = number;
      for (const [key, least] of this.othersOf(keys[i]!, number)) {
        keys.forEach((other, j) => {
          if (other === key) needs[j] = higher(needs[j]!, { number: least, why: 'half seen' });
        });
      }
      i = 0;
    }
    const floors = this.at(read.node);
    keys.forEach((key, i) => {
      raise(floors, key, numbers[i]!, 'went back');
      for (const [other, least] of this.othersOf(key, numbers[i]!)) {
        raise(floors, other, least, 'half seen');
      }
    });
  }

  /** The write that a read has seen: of those that leave the key so the first that will do. */
  private numberSeen(read: BoundedRead, i: number, need: Floor): number | undefined {
    const key = read.keys[i]!;
    const seen = read.seen[i];
    const writes = (this.writesOf.get(key) ?? []).filter(
      ({ calledAt }) => calledAt < read.returnedAt,
    );
    const fits = ({ number, deletes }: NumberedWrite): boolean =>
      seen === undefined ? deletes.includes(key) : number === seen && !deletes.includes(key);
    const candidates = writes.filter(fits).map(({ number }) => number);
    if (seen === undefined) candidates.unshift(0);
    const number = candidates.find((candidate) => candidate >= need.number);
    if (number !== undefined) return number;
    const broken = candidates.length === 0 ? 'never written' : need.why;
    this.violation = { broken, key, least: need.number, read };
    return undefined;
  }

  /** What a record of this number tells of other keys. */
  private othersOf(key: string, number: number): (readonly [string, number])[] {
    const transactions = (this.writesOf.get(key) ?? []).filter(
      (write) => write.number <= number && keysOf(write).length > 1,
    );
    return transactions
      .slice(-this.bounds.transactions)
      .flatMap((write) => keysOf(write).map((other) => [other, write.number] as const))
      .filter(([other]) => other !== key);
  }

  private at(node: string): Floors {
    const floors = this.ofNode.get(node) ?? new Map<string, Floor>();
    this.ofNode.set(node, floors);
    return floors;
  }
}

function keysOf({ sets, deletes }: NumberedWrite): readonly string[] {
  return [...sets, ...deletes];
}

function higher(a: Floor, b: Floor): Floor {
  return b.number > a.number ? b : a;
}

function raise(floors: Floors, key: string, number: number, why: Broken): void {
  floors.set(key, higher(floors.get(key) ?? NONE, { number, why }));
}
