/**
 * Random names, and hashes. Every server needs one or the other sooner or later, but
 * few when they start: node:crypto is loaded when it is needed, because that takes longer than a
 * tenth of a start.
 */
import type * as crypto from 'node:crypto';

/** 40 random hexadecimal digits. */
export function randomId(): string {
  return load().randomBytes(20).toString('hex');
}

/** SHA-256 of Latin-1 text. */
export function sha256(text: string): Buffer {
  return load().createHash('sha256').update(text, 'latin1').digest();
}

/** SHA-1, which hides nothing: for digests that Redis makes of it. */
export function sha1(bytes: Uint8Array): Buffer {
  return load().createHash('sha1').update(bytes).digest();
}

/** Whether two texts are the same; how long it takes does not tell how much of them is. */
export function isSameSecret(a: string, b: string): boolean {
  // Hashes have one length, so that the comparison tells nothing of the secret's.
  return load().timingSafeEqual(sha256(a), sha256(b));
}

function load(): typeof crypto {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('node:crypto') as typeof crypto;
}
