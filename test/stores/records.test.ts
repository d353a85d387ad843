import { seeded, type Random } from '../../src/lib/random';
import { Arena, type Ref } from '../../src/store/records/arena';
import { Records } from '../../src/store/records/records';
import { CLASS_UNITS, classOf, MAX_UNITS } from '../../src/store/records/size-classes';
import { HashValue } from '../../src/values/hash';
import { RawString } from '../../src/values/raw-string';
import { stringBytes } from '../../src/values/string';
import type { Value } from '../../src/values/value';

describe('size classes', () => {
  it('waste at most an eighth of a block', () => {
    for (let units = 1; units <= MAX_UNITS; units++) {
      const size = CLASS_UNITS[classOf(units)]!;
      const waste = size - units;
      expect([units, waste >= 0 && waste <= units / 8, classOf(size)]).toEqual([
        units,
        true,
        classOf(units),
      ]);
    }
  });
});

describe('an arena', () => {
  /** Marks all units of a block with its number. */
  const fill = (arena: Arena, ref: Ref, units: number, mark: number): void => {
    const { words } = arena.segments[ref >>> 21]!;
    words.fill(mark, (ref & 0x1fffff) * 4, ((ref & 0x1fffff) + units) * 4);
  };
  const holds = (arena: Arena, ref: Ref, units: number, mark: number): boolean => {
    const { words } = arena.segments[ref >>> 21]!;
    const end = ((ref & 0x1fffff) + units) * 4;
    for (let at = (ref & 0x1fffff) * 4; at < end; at++) if (words[at] !== mark) return false;
    return true;
  };

  it.each([1, 2, 3])('never gives out a place twice (seed %d)', (seed) => {
    const random = seeded(seed);
    const arena = new Arena();
    const blocks: { ref: Ref; units: number; mark: number }[] = [];
    for (let i = 1; i <= 30_000; i++) {
      // Waves, and sizes that change with them.
      if (blocks.length === 0 || random.next() < (i % 10_000 < 6000 ? 0.8 : 0.2)) {
        const units = 1 + random.below(i < 15_000 ? 40 : MAX_UNITS);
        const ref = arena.allocate(units);
        if (ref === 0) throw new Error('0 is no block');
        fill(arena, ref, units, i);
        blocks.push({ ref, units, mark: i });
      } else {
        const at = random.below(blocks.length);
        const { ref, units, mark } = blocks[at]!;
        blocks[at] = blocks[blocks.length - 1]!;
        blocks.pop();
        if (!holds(arena, ref, units, mark)) throw new Error(`block ${mark} was overwritten`);
        arena.free(ref);
      }
    }
    expect(blocks.filter(({ ref, units, mark }) => !holds(arena, ref, units, mark))).toEqual([]);
    const bytes = blocks.reduce((sum, { units }) => sum + CLASS_UNITS[classOf(units)]! * 16, 0);
    expect(arena.blockBytes).toBe(bytes);
    for (const { ref } of blocks) arena.free(ref);
    expect(arena.blockBytes).toBe(0);
    // One page of each class may stay.
    expect(arena.pageBytes).toBeLessThanOrEqual(CLASS_UNITS.length * 65_536);
  });

  it('gives memory back and uses it for blocks of another size', () => {
    const arena = new Arena();
    const bytes = (): number => arena.segments.reduce((sum, { bytes: all }) => sum + all.length, 0);
    const small = Array.from({ length: 200_000 }, () => arena.allocate(8));
    const most = bytes();
    for (const ref of small) arena.free(ref);
    expect(bytes()).toBeLessThan(most / 1.5);
    for (let i = 0; i < 50_000; i++) arena.allocate(32);
    expect(bytes()).toBeLessThanOrEqual(most * 1.2);
  });

  it('does not take and return a page each time one block comes and goes', () => {
    const arena = new Arena();
    arena.free(arena.allocate(8));
    const { pageBytes } = arena;
    arena.allocate(8);
    expect([pageBytes, arena.pageBytes]).toEqual([65_536, 65_536]);
  });
});

describe('records', () => {
  const text = (random: Random, most: number): string =>
    String.fromCharCode(random.below(256)).repeat(random.below(most + 1));

  function anyValue(random: Random): Value {
    switch (random.below(6)) {
      case 0:
        return (random.below(2 ** 30) - 2 ** 29) * 2 ** random.below(24);
      case 1:
        return RawString.of(text(random, 9000));
      case 2:
        return new HashValue();
      case 3:
        return text(random, 4095);
      default:
        return text(random, 100);
    }
  }

  const KEYS = ['', 'k', 'k'.repeat(2048), 'k'.repeat(2049), 'l'.repeat(3000), '\0\xff', 'key:1'];

  it.each([1, 2, 3, 4])('keep what they hold however it is overwritten (seed %d)', (seed) => {
    const random = seeded(seed);
    const records = new Records();
    const model = new Map<string, { ref: Ref; value: Value; seq: number }>();
    for (let i = 1; i <= 4000; i++) {
      const key =
        KEYS[random.below(KEYS.length)]! + (random.below(2) === 0 ? '' : random.below(50));
      const there = model.get(key);
      const value = anyValue(random);
      if (there === undefined) {
        const ref = records.create(key, value, i, i * 1000.5);
        records.setNumber(ref, i);
        records.setMark(ref, -i);
        model.set(key, { ref, value, seq: i });
      } else if (random.below(5) === 0) {
        records.free(there.ref);
        model.delete(key);
      } else {
        there.ref = records.overwrite(there.ref, value);
        there.value = value;
      }
      if (i % 100 !== 0) continue;
      for (const [name, { ref, value: expected, seq }] of model) {
        const type = expected instanceof HashValue ? 'hash' : 'string';
        const right =
          records.isKey(ref, name) &&
          !records.isKey(ref, `${name}x`) &&
          records.key(ref) === name &&
          // The object itself, not one like it.
          records.value(ref) === expected &&
          records.type(ref) === type &&
          records.number(ref) === seq &&
          records.version(ref) === seq &&
          records.expiresAtMs(ref) === seq * 1000.5 &&
          records.mark(ref) === -seq;
        if (!right) throw new Error(`the record of ${name.slice(0, 20)} is not as it was written`);
      }
    }
    for (const { ref } of model.values()) records.free(ref);
    expect([records.blockBytes, records.objectCount]).toEqual([0, 0]);
  });

  it('keep a text that is too long for a block as an object', () => {
    const records = new Records();
    const ref = records.create('k', 'x'.repeat(4096), 1, 0);
    expect(stringBytes(records.value(ref) as RawString)).toEqual(Buffer.alloc(4096, 'x'));
    expect([records.type(ref), records.objectCount]).toEqual(['string', 1]);
  });

  it('are told apart by keys of one length', () => {
    const records = new Records();
    const ref = records.create('abc', 'v', 1, 0);
    expect(['abd', 'bbc', 'abc'].map((key) => records.isKey(ref, key))).toEqual([
      false,
      false,
      true,
    ]);
  });
});
