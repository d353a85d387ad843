import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** The first `count` bytes that come; rejects if the stream ends before. */
export function readBytes(stream: Readable, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return readChunks(stream, count, (chunk) => chunks.push(chunk)).then(() => Buffer.concat(chunks));
}

/** SHA-1 of the next `count` bytes, without holding on to them. */
export async function hashBytes(stream: Readable, count: number): Promise<string> {
  const hash = createHash('sha1');
  await readChunks(stream, count, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

/** All bytes up to the end of the stream. */
export async function readToEnd(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('closed without an end')));
    stream.resume();
  });
  return Buffer.concat(chunks);
}

function readChunks(stream: Readable, count: number, take: (chunk: Buffer) => void): Promise<void> {
  let missing = count;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      stream.off('data', onData).off('close', onClose);
      stream.pause();
    };
    const onClose = (): void => {
      stop();
      reject(new Error(`the stream was closed, ${missing} bytes are missing`));
    };
    const onData = (chunk: Buffer): void => {
      take(chunk);
      missing -= chunk.length;
      if (missing > 0) return;
      stop();
      if (missing === 0) resolve();
      else reject(new Error(`${-missing} bytes too many`));
    };
    stream.on('data', onData).on('close', onClose);
    stream.resume();
  });
}
