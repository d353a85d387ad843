import { heapLimits, heapReserve } from '../../src/lib/heap-limits';

const MB = 2 ** 20;
const GB = 2 ** 30;
const limits = (...args: Parameters<typeof heapLimits>): number[] => {
  const { maxBytes, maxOldGenerationSizeMb, maxYoungGenerationSizeMb } = heapLimits(...args);
  expect(maxOldGenerationSizeMb).toBe(Math.floor(maxBytes / MB));
  return [maxOldGenerationSizeMb, maxYoungGenerationSizeMb];
};

describe('the heap', () => {
  it('takes nine tenths of the machine, less the young generation and the process itself', () => {
    expect(limits(0, 24 * GB, 0)).toEqual([Math.floor(24 * 1024 * 0.9) - 64 - 48, 48]);
  });

  it('knows the limit of a container, and that a huge one is none', () => {
    expect(limits(0, 24 * GB, 4 * GB)).toEqual([Math.floor(4 * 1024 * 0.9) - 64 - 48, 48]);
    expect(limits(0, 4 * GB, 2 ** 64)).toEqual([Math.floor(4 * 1024 * 0.9) - 64 - 48, 48]);
  });

  it('has a smaller young generation where there is little memory', () => {
    expect(limits(0, 256 * MB, 0)).toEqual([Math.floor(256 * 0.9 - 64 - 24), 24]);
    expect(limits(0, 64 * MB, 0)).toEqual([64, 6]);
  });

  it('takes what --max-heap says', () => {
    expect(limits(64 * MB, 24 * GB, 0)).toEqual([64, 6]);
    expect(limits(20 * GB, 24 * GB, 4 * GB)).toEqual([20 * 1024, 48]);
  });

  it('keeps a sixteenth free, at least 16 MB, at most half', () => {
    expect([16 * GB, 64 * MB, 20 * MB].map(heapReserve)).toEqual([GB, 16 * MB, 10 * MB]);
  });
});
