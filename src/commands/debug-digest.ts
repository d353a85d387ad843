/**
 * DEBUG DIGEST and DIGEST-VALUE: 40 hexadecimal digits that are the same for the same data. Redis
 * has no word for how they are made but its code, and answers the same ones.
 * Source: computeDatasetDigest, xorObjectDigest in debug.c of Redis 7.0
 */
import { asBuffer, type Bytes } from '../lib/bytes';
import { sha1 } from '../lib/secrets';
import { NO_EXPIRY, type Key } from '../store/record';
import { RawString } from '../values/raw-string';
import { typeOf, type TypeName, type Value } from '../values/value';
import type { Context } from '../engine/context';

const DIGEST_BYTES = 20;

/** Redis's numbers of types. */
const TYPE_NUMBERS: Readonly<Record<TypeName, number>> = { string: 0, list: 1, hash: 4 };

/** The digest of all databases. */
export function datasetDigest(ctx: Context): string {
  const digest = new Digest();
  const selected = ctx.db;
  try {
    for (let db = 0; db < ctx.server.databases; db++) {
      if (ctx.size(db) === 0) continue;
      ctx.db = db;
      digest.mix(int32(db));
      ctx.eachKey((key) => {
        const ofKey = new Digest();
        ofKey.mix(key);
        mixKey(ofKey, ctx, key);
        digest.xorHash(ofKey.bytes);
      });
    }
  } finally {
    ctx.db = selected;
  }
  return digest.toString();
}

/** The digest of a key's value and deadline; zeros for one that is absent. */
export function keyDigest(ctx: Context, key: Key): string {
  const digest = new Digest();
  mixKey(digest, ctx, key);
  return digest.toString();
}

function mixKey(digest: Digest, ctx: Context, key: Key): void {
  const value = ctx.peek(key);
  if (value === undefined) return;
  digest.mix(int32(TYPE_NUMBERS[typeOf(value)]));
  mixValue(digest, value);
  if (ctx.expiresAtMs(key) !== NO_EXPIRY) digest.xorHash('!!expire!!');
}

function mixValue(digest: Digest, value: Value): void {
  if (typeof value !== 'object') {
    digest.mix(String(value));
  } else if (value instanceof RawString) {
    digest.mix(value.bytes());
  } else if (value.type === 'list') {
    for (const item of value) digest.mix(item);
  } else {
    for (const [field, item] of value.entries()) {
      const ofField = new Digest();
      ofField.mix(field);
      ofField.mix(item);
      digest.xorHash(ofField.bytes);
    }
  }
}

class Digest {
  bytes: Buffer = Buffer.alloc(DIGEST_BYTES);

  /** Adds what has its place in an order. */
  mix(part: Bytes): void {
    this.xorHash(part);
    this.bytes = sha1(this.bytes);
  }

  /** Adds what has none. */
  xorHash(part: Bytes): void {
    const hash = sha1(asBuffer(part));
    for (let at = 0; at < DIGEST_BYTES; at++) this.bytes[at]! ^= hash[at]!;
  }

  toString(): string {
    return this.bytes.toString('hex');
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
