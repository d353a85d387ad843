/** What an item's ring of operations says of a request whose answer was lost, by itself. */
import { Writer, outcomeOf } from '../../src/stores/dynamodb/operations';

describe('the outcome of an operation', () => {
  const MINUTE_MS = 60_000;
  const later = new Writer(() => MINUTE_MS + 1).next();
  const ring = (sentMs: readonly number[]) => {
    const ids = sentMs.map((ms) => ({ B: new Writer(() => ms).next().id }));
    return { v: { N: '9' }, w1: ids[0]!, w2: ids[1]!, w3: ids[2]!, w4: ids[3]! };
  };

  it('is known when the oldest operation of the ring was sent a minute before it', () => {
    expect(outcomeOf(later, ring([4, 3, 2, 1]), undefined)).toEqual({ kind: 'refused' });
    expect(outcomeOf(later, ring([5, 4, 3, 2]), undefined)).toEqual({ kind: 'unknown' });
  });

  it('is not concluded from the names of a writer whose clock was set back', () => {
    let nowMs = 10 * MINUTE_MS;
    const writer = new Writer(() => nowMs);
    const before = writer.next();
    nowMs = MINUTE_MS;
    const after = writer.next();
    // Its own order stays, for the fence.
    expect(after.sentAtUs).toBeGreaterThan(before.sentAtUs);
    const recent = ring([4, 3, 2, 1].map((n) => MINUTE_MS - 1000 * n));
    expect(outcomeOf(after, recent, undefined)).toEqual({ kind: 'unknown' });
  });
});
