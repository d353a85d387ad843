import { Histogram } from '../../src/lib/histogram';

function of(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('Histogram', () => {
  it('tells values up to 255 exactly, and larger ones to two digits', () => {
    const shown = [1, 127, 128, 255, 256, 1000, 1e6, 1e9].map((value) => of(value).percentile(50));
    expect(shown).toEqual([1, 127, 128, 255, 257, 1003, 1003519, 1002438655]);
  });

  it('counts values outside its range as the ends of it', () => {
    expect([of(0.2).percentile(50), of(5e9).percentile(50)]).toEqual([1, 1002438655]);
  });

  it('gives percentiles by rank', () => {
    const histogram = of(...Array.from({ length: 100 }, (_, at) => at + 1));
    expect([0, 1, 50, 99, 99.9, 100].map((p) => histogram.percentile(p))).toEqual([
      1, 1, 50, 99, 100, 100,
    ]);
    expect(new Histogram().percentile(50)).toBe(0);
  });

  it('records a value several times at once', () => {
    const histogram = of(5);
    histogram.record(9, 3);
    expect([histogram.count, histogram.percentile(25), histogram.percentile(40)]).toEqual([
      4, 5, 9,
    ]);
  });

  it('adds up below bounds that double, leaving out what adds nothing', () => {
    expect(of(500, 1000, 1100, 70000, 1e9).distribution(1024)).toEqual([
      { upTo: 1031, count: 2 },
      { upTo: 2063, count: 3 },
      { upTo: 132095, count: 4 },
      { upTo: 1073741823, count: 5 },
    ]);
    expect(new Histogram().distribution(1024)).toEqual([]);
  });
});

it('counts what lies at or below each bound', () => {
  const histogram = new Histogram();
  for (const value of [1, 5, 5, 1000, 1001, 70_000, 2e9]) histogram.record(value);
  expect(histogram.upTo([1, 4, 5, 999, 1000, 1010, 1e6, 1e9])).toEqual([1, 1, 3, 3, 5, 5, 6, 7]);
  expect(new Histogram().upTo([1, 1e9])).toEqual([0, 0]);
});
