import { seeded } from '../../src/lib/random';
import { LargeBulk } from '../../src/protocol/large-bulk';

const MB = 1024 * 1024;

/** Pushes `whole` and a line break in chunks of drawn sizes, as a socket would. */
function fed(whole: Buffer, seed: number, largestChunk: number): LargeBulk {
  const random = seeded(seed);
  const bulk = new LargeBulk(whole.length);
  const stream = Buffer.concat([whole, Buffer.from('\r\n')]);
  // One buffer for all chunks, as the server's sockets have: nothing may be kept of it.
  const chunk = Buffer.alloc(largestChunk);
  for (let at = 0; at < stream.length;) {
    const size = Math.min(1 + random.below(largestChunk), bulk.missing);
    stream.copy(chunk, 0, at, at + size);
    bulk.push(chunk, 0, size);
    chunk.fill(0);
    at += size;
  }
  return bulk;
}

it.each([
  [1, 10],
  [MB, 64 * 1024],
  [MB + 1, 64 * 1024],
  [8 * MB + 1, 64 * 1024],
  [20 * MB, 64 * 1024],
  [20 * MB + 7, 5 * MB],
  [70 * MB, MB],
])('an argument of %i bytes is whole, in chunks of up to %i', (length, largestChunk) => {
  const whole = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4093) whole.writeUInt32LE(at, at);
  const bulk = fed(whole, length, largestChunk);
  expect(bulk.missing).toBe(0);
  expect(bulk.take().equals(whole)).toBe(true);
});

it('room follows what has arrived: an announcement alone takes at most a megabyte', () => {
  const bulk = new LargeBulk(512 * MB);
  bulk.push(Buffer.from('x'), 0, 1);
  expect(bulk.take().length).toBeLessThanOrEqual(MB);
});
