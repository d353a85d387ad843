/** Where SCAN goes on. */
import { itemKey, positionOf, startBefore } from '../../src/stores/dynamodb/item-key';

it.each([0, 1, 2, 3, 4, 0x7fffffff, 0xffffffff])(
  'a scan before the position of a key whose hash begins with %i comes to the key',
  (hash) => {
    const key = itemKey({ db: 3, key: 'k' });
    key.s.B.fill(0, 0, 7);
    Buffer.from(key.s.B.buffer, key.s.B.byteOffset).writeUInt32BE(hash, 0);
    const start = startBefore(positionOf(key));
    expect(start.p).toEqual(key.p);
    expect(Buffer.compare(start.s.B, key.s.B)).toBe(-1);
  },
);
