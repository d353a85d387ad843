import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asText, LARGE_BYTES, type Bytes } from '../../src/lib/bytes';
import { ERROR, MORE, REQUEST } from '../../src/protocol/request-parser';
import { encodeRequest } from '../support/raw-client';
import { byteByByte, newParser, parse, randomCuts, whole } from './parsing';
import { vectors } from './vectors';

const text = (argv: readonly Bytes[]): string[] => argv.map(asText);

// The network may cut a request anywhere.
describe.each([
  ['whole', whole],
  ['byte by byte', byteByByte],
  ['in pieces of up to 30', randomCuts(1, 30)],
  ['in pieces of up to 5000', randomCuts(2, 5000)],
])('the parser fed %s', (_, size) => {
  test.each(vectors)('reads $title', ({ input, requests = [], error, unauthenticated }) => {
    const parsed = parse(Buffer.from(input, 'latin1'), size, { trusted: !unauthenticated });
    expect(parsed.requests.map(([, argv]) => text(argv))).toEqual(requests);
    expect(parsed.error).toBe(error && `-ERR Protocol error: ${error}\r\n`);
    for (const [, argv] of parsed.requests) {
      for (const arg of argv) expect(typeof arg === 'string').toBe(arg.length < LARGE_BYTES);
    }
  });

  // redis-server takes such a line when its end happens to arrive with the byte that is too much.
  it('refuses a line over 64 KB though its end arrives', () => {
    const input = Buffer.from(`PING ${'a'.repeat(65532)}\nPING\n`);
    const error = '-ERR Protocol error: too big inline request\r\n';
    expect(parse(input, size)).toEqual({ requests: [], error, pending: 0 });
  });

  it('finds commands in any spelling and returns the name as sent', () => {
    const input = 'GET a\r\n*1\r\n$4\r\npInG\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPANG\r\ngEt\n';
    expect(parse(Buffer.from(input), size).requests).toEqual([
      ['get', ['GET', 'a']],
      ['ping', ['pInG']],
      ['ping', ['PING']],
      [undefined, ['PANG']],
      ['get', ['gEt']],
    ]);
  });

  it('keeps keys and values apart in a long pipeline', () => {
    const requests: string[][] = [];
    for (let i = 0; i < 90; i++) {
      const key = `key:${i}`.padEnd(10 + (i % 20), '_');
      const value = `value:${i}`.repeat(1 + i);
      requests.push(['SET', key, value], ['GET', key], ['MSET', key, value, `b${key}`, value]);
    }
    const input = Buffer.concat(requests.map(encodeRequest));
    const parsed = parse(input, size);
    expect(parsed.requests.map(([, argv]) => text(argv))).toEqual(requests);
    expect(parsed.pending).toBe(0);
  });
});

describe('the parser', () => {
  const feedAll = (parser: ReturnType<typeof newParser>, bytes: string | Buffer): number => {
    const chunk = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    parser.feed(chunk, 0, chunk.length);
    return parser.next();
  };

  it('gives each request an array of its own', () => {
    const parser = newParser();
    expect(feedAll(parser, 'PING a\r\nPING b\r\n')).toBe(REQUEST);
    const first = parser.argv;
    expect(parser.next()).toBe(REQUEST);
    expect(first).toEqual(['PING', 'a']);
    expect(parser.argv).toEqual(['PING', 'b']);
  });

  it('never shares the read buffer with a large argument', () => {
    const parser = newParser();
    const chunk = encodeRequest(['SET', 'k', Buffer.alloc(LARGE_BYTES, 'v')]);
    expect(feedAll(parser, chunk)).toBe(REQUEST);
    chunk.fill(0);
    const value = parser.argv[2] as Buffer;
    expect(value).toEqual(Buffer.alloc(LARGE_BYTES, 'v'));
    expect(value.buffer.byteLength).toBe(LARGE_BYTES);
  });

  it('returns values that do not keep the chunk alive', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const parser = newParser();
    const chunk = Buffer.from(`${encodeRequest(['SET', 'k', 'v'.repeat(20)])}`.repeat(90));
    const values: Bytes[] = [];
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 3000; i++) {
      parser.feed(chunk, 0, chunk.length);
      while (parser.next() === REQUEST) if (values.length <= i) values.push(parser.argv[2]!);
    }
    collect();
    expect(values).toHaveLength(3000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
  });

  it('makes room for a large argument only as it arrives', () => {
    const parser = newParser();
    const before = process.memoryUsage().arrayBuffers;
    expect(feedAll(parser, '*2147483647\r\n$4\r\nPING\r\n$536870912\r\n')).toBe(MORE);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000);
    expect(feedAll(parser, 'x')).toBe(MORE);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
    expect(parser.bytesPending).toBe(1);
  });

  it('puts a large argument of many chunks together', () => {
    const parser = newParser();
    const value = Buffer.alloc(9_000_000);
    for (let i = 0; i < value.length; i += 4) value.writeUInt32LE(i, i);
    const input = encodeRequest(['SET', 'k', value]);
    let status: number = MORE;
    for (let at = 0; at < input.length; at += 65536) {
      expect(status).toBe(MORE);
      status = feedAll(parser, input.subarray(at, at + 65536));
    }
    expect(status).toBe(REQUEST);
    expect((parser.argv[2] as Buffer).equals(value)).toBe(true);
  });

  it.each([
    [1_000_000, 'in pieces of 100 bytes', 100],
    [50_000, 'byte by byte', 1],
  ])('reads %d arguments %s', (count, _, size) => {
    const args = ['MSET', ...Array.from({ length: count }, (_, i) => String(i % 10))];
    const input = encodeRequest(args);
    const parser = newParser();
    let status: number = MORE;
    for (let at = 0; at < input.length; at += size) {
      parser.feed(input, at, Math.min(at + size, input.length));
      status = parser.next();
    }
    expect(status).toBe(REQUEST);
    expect(parser.argv.join()).toBe(args.join());
  });

  it('stays failed after an error', () => {
    const parser = newParser();
    expect(feedAll(parser, '*x\r\nPING\r\n')).toBe(ERROR);
    expect(parser.next()).toBe(ERROR);
    expect(feedAll(parser, 'PING\r\n')).toBe(ERROR);
    expect(parser.error).toBe('-ERR Protocol error: invalid multibulk length\r\n');
    expect(parser.bytesPending).toBe(0);
  });

  it('refuses a line of more than 64 KB, however it arrives', () => {
    const line = 'x'.repeat(64 * 1024 - 1);
    expect(parse(Buffer.from(`${line}\r\n`), whole).error).toBeUndefined();
    for (const size of [whole, byteByByte, randomCuts(3, 5000)]) {
      expect(parse(Buffer.from(`${line}x\r\n`), size).error).toBe(
        '-ERR Protocol error: too big inline request\r\n',
      );
    }
  });

  it('lifts the limits once the client has authenticated', () => {
    const parser = newParser({ trusted: false });
    expect(feedAll(parser, 'AUTH bacon\r\n*11\r\n')).toBe(REQUEST);
    parser.trusted = true;
    expect(parser.next()).toBe(MORE);
  });

  it('closes without a reply when an argument exceeds the query buffer', () => {
    const limits = { maxQueryBufferBytes: 100_000 };
    const fits = encodeRequest(['PING', Buffer.alloc(99_998)]);
    const exceeds = encodeRequest(['PING', Buffer.alloc(99_999)]);
    for (const size of [whole, randomCuts(3, 10_000)]) {
      expect(parse(fits, size, { limits }).error).toBeUndefined();
      expect(parse(exceeds, size, { limits })).toEqual({ requests: [], error: '', pending: 0 });
    }
  });

  it('keeps what it has not read when the session stops in between', () => {
    const parser = newParser({ limits: { maxQueryBufferBytes: 30 } });
    const chunk = Buffer.from('PING a\nPING b\nPI');
    expect(feedAll(parser, chunk)).toBe(REQUEST);
    parser.keep();
    chunk.write('NG c\nPING d\nPIN');
    parser.feed(chunk, 0, 15);
    expect(parser.bytesPending).toBe(24);
    expect(parser.overLimit).toBe(false);
    chunk.write('G e\n___');
    parser.feed(chunk, 0, 7);
    expect(parser.overLimit).toBe(true);
    const found: string[] = [];
    while (parser.next() === REQUEST) found.push(parser.argv[1] as string);
    expect(found).toEqual(['b', 'c', 'd', 'e']);
    expect(parser.bytesPending).toBe(3);
    expect(parser.argv).toEqual([]);
  });
});
