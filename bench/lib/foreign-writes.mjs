// @ts-check
/** Records of a stream as another goredis would have caused them: SETs of known keys, at a rate. */
import { createHash } from 'node:crypto';

/** As goredis encodes a text. */
const TEXT = 0x10;

export class ForeignWrites {
  /**
   * @param {number} perSecond
   * @param {{ prefix: string, keys: number, valueBytes: number }} load as redis-benchmark names its keys
   */
  constructor(perSecond, { prefix, keys, valueBytes }) {
    this.perSecond = perSecond;
    this.prefix = prefix;
    this.keys = keys;
    this.value = Buffer.alloc(valueBytes + 1, 'y');
    this.value[0] = TEXT;
    this.takenAtMs = performance.now();
    this.count = 0;
  }

  /** Those since the last call; no more than a page takes. */
  take() {
    const due = Math.floor(((performance.now() - this.takenAtMs) / 1000) * this.perSecond);
    const count = Math.min(due, 1000);
    if (count === 0) return [];
    this.takenAtMs = performance.now();
    return Array.from({ length: count }, () => this.record());
  }

  record() {
    const number = Math.floor(Math.random() * this.keys);
    const key = Buffer.from(this.prefix + String(number).padStart(12, '0'));
    const slot = crc16(key) % 16384;
    const hash = createHash('sha256').update(key).digest().subarray(0, 7);
    const Keys = {
      p: { B: Buffer.of(0, slot >> 8, slot & 0xff).toString('base64') },
      s: { B: Buffer.concat([hash, key]).toString('base64') },
    };
    const d = { B: this.value.toString('base64') };
    const image = (/** @type {number} */ v) => ({
      ...Keys,
      ...{ t: { S: 's' }, v: { N: String(v) }, c: { N: String(Date.now()) }, d, ev: { S: '$set' } },
      ...{ w1: { B: 'AAAAAAAAAAAAAAAAAAAAAA==' }, w2: { B: 'AAAAAAAAAAAAAAAAAAAAAA==' } },
    });
    const version = 1000 + this.count++;
    const change = { Keys, NewImage: image(version), OldImage: image(version - 1), SizeBytes: 400 };
    return { eventName: 'MODIFY', dynamodb: change };
  }
}

/** @param {Buffer} bytes */
function crc16(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
