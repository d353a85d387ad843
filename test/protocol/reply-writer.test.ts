import { PassThrough, Writable } from 'node:stream';
import { seeded } from '../../src/lib/random';
import { ReplyWriter } from '../../src/protocol/reply-writer';
import { replyBytes, type Reply } from '../../src/protocol/reply';

/** Holds on to the very bytes it was given, and looks at them only when it is told to. */
class LateStream extends Writable {
  private readonly held: { chunks: Buffer[]; done: () => void }[] = [];
  readonly received: Buffer[] = [];

  /** @param atOnce how many of the next writes are taken at once, as the kernel may do */
  constructor(private atOnce: () => boolean) {
    super({ highWaterMark: 16 * 1024 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.take([chunk], done);
  }

  override _writev(writes: { chunk: Buffer }[], done: () => void): void {
    this.take(
      writes.map(({ chunk }) => chunk),
      done,
    );
  }

  release(): void {
    const first = this.held.shift();
    if (first === undefined) return;
    for (const chunk of first.chunks) this.received.push(Buffer.from(chunk));
    first.done();
  }

  releaseAll(): void {
    while (this.held.length > 0) this.release();
  }

  private take(chunks: Buffer[], done: () => void): void {
    this.held.push({ chunks, done });
    if (this.held.length === 1 && this.atOnce()) this.release();
  }
}

const random = seeded(20_240_601);
const draw = (below: number): number => random.below(below);

function randomReply(): Reply {
  const size = [3, 50, 900, 5000, 20_000, 70_000, 140_000][draw(7)]!;
  const length = 1 + draw(size);
  const char = String.fromCharCode(draw(256));
  if (draw(2) === 0) return `$${length}\r\n${char.repeat(length)}\r\n`;
  const pieces: (string | Buffer)[] = [];
  for (let left = 1 + draw(4); left > 0; left--) {
    pieces.push(`$${length}\r\n`, Buffer.alloc(length, draw(256)), '\r\n');
  }
  return pieces;
}

// Every writer shares one buffer with all others: what one has handed over to a stream that has not
// taken it yet must not be overwritten by another.
it('sends the bytes of every reply in order, whatever the streams still hold', () => {
  const streams = Array.from({ length: 4 }, () => new LateStream(() => draw(2) === 0));
  const writers = streams.map((stream) => new ReplyWriter(stream, 'plain socket'));
  const expected: Buffer[][] = streams.map(() => []);
  for (let round = 0; round < 3000; round++) {
    const at = draw(streams.length);
    switch (draw(4)) {
      case 0:
      case 1: {
        const reply = randomReply();
        expected[at]!.push(replyBytes(reply));
        writers[at]!.add(reply);
        break;
      }
      case 2:
        writers[at]!.flush();
        break;
      default:
        streams[at]!.release();
    }
    // Looked at from time to time, so that the test needs little memory.
    if (round % 100 === 99) {
      for (const [i, stream] of streams.entries()) {
        do {
          writers[i]!.flush();
          stream.releaseAll();
        } while (writers[i]!.pendingBytes > 0);
        const received = Buffer.concat(stream.received.splice(0));
        expect(received.equals(Buffer.concat(expected[i]!.splice(0)))).toBe(true);
        expect(writers[i]!.pendingBytes).toBe(0);
      }
    }
  }
});

it('counts bytes that wait, and bytes handed over', () => {
  const writer = new ReplyWriter(new PassThrough(), 'stream');
  writer.add('+OK\r\n');
  writer.add(['$4\r\n', Buffer.from('\x00\xff\x80a', 'latin1'), '\r\n']);
  writer.add('x'.repeat(5000));
  expect(writer.pendingBytes).toBe(5 + 10 + 5000);
  writer.flush();
  expect([writer.pendingBytes, writer.bytesWritten]).toEqual([0, 5015]);
  writer.flush();
  expect(writer.bytesWritten).toBe(5015);
});

it('writes a large value uncopied', () => {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const value = Buffer.alloc(100_000, 'v');
  const writer = new ReplyWriter(stream, 'plain socket');
  writer.add('+OK\r\n');
  writer.add([`$100000\r\n`, value, '\r\n']);
  writer.add(':1\r\n');
  writer.flush();
  expect(chunks).toHaveLength(3);
  expect(String(chunks[0])).toBe('+OK\r\n$100000\r\n');
  expect(chunks[1]).toBe(value);
  expect(String(chunks[2])).toBe('\r\n:1\r\n');
});

it.each([
  ['plain socket', [256, 256, 256, 232]],
  ['TLS socket', [256, 256, 256, 232]],
  ['stream', [1000]],
] as const)('a %s gets a reply of 1000 KB in writes of %p KB', (transport, sizesKb) => {
  const value = Buffer.alloc(1000 * 1024 - 5, 'v');
  const reply = Buffer.concat([Buffer.from('+OK\r\n'), value]);
  const received: Buffer[] = [];
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const writer = new ReplyWriter(stream, transport);
  writer.add('+OK\r\n');
  writer.add([value]);
  do {
    writer.flush();
    received.push(stream.read() as Buffer);
  } while (writer.pendingBytes > 0);
  expect(received.map(({ length }) => length / 1024)).toEqual(sizesKb);
  expect(Buffer.concat(received).equals(reply)).toBe(true);
  expect(writer.bytesWritten).toBe(reply.length);
});

it('does not overwrite what a stream in memory has passed on', () => {
  const [first, second] = [new PassThrough(), new PassThrough({ highWaterMark: 1 << 20 })];
  const firstWriter = new ReplyWriter(first, 'stream');
  const secondWriter = new ReplyWriter(second, 'stream');
  // While the first writer is in the middle of its flush, the second one writes and flushes.
  first.on('data', (chunk: Buffer) => {
    const text = 'b'.repeat(3000);
    secondWriter.add(text);
    secondWriter.flush();
    expect(chunk.toString('latin1')).toBe('a'.repeat(3000));
  });
  first.resume();
  firstWriter.add('a'.repeat(3000));
  firstWriter.flush();
  firstWriter.add('a'.repeat(3000));
  firstWriter.flush();
});

it('gives long text, however it is made, to the stream, which counts it', () => {
  const stream = new LateStream(() => false);
  const short: number[] = [];
  const writer = new ReplyWriter(stream, 'plain socket', {
    write: (text) => short.push(text.length) > 0,
  });
  for (const reply of ['+OK\r\n', '+'.repeat(1024), [`*1\r\n${'+'.repeat(2000)}`]]) {
    writer.add(reply);
    writer.flush();
  }
  expect(short).toEqual([5]);
  expect(stream.writableLength).toBe(1024 + 2004);
});
