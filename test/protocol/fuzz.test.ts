import { asText } from '../../src/lib/bytes';
import { seeded } from '../../src/lib/random';
import { ERROR, MORE, REQUEST } from '../../src/protocol/request-parser';
import { brokenStream } from './fuzzing';
import { byteByByte, newParser, parse, randomCuts, whole } from './parsing';

const SEED = 7015;
const STREAMS = 2000;

it(`makes the same of ${STREAMS} broken streams however they are cut (seed ${SEED})`, () => {
  const random = seeded(SEED);
  let errors = 0;
  for (let i = 0; i < STREAMS; i++) {
    const stream = brokenStream(random);
    const options = { trusted: i % 2 === 0 };
    const expected = parse(stream, whole, options);
    const title = JSON.stringify(stream.toString('latin1'));
    const cuts = [byteByByte, randomCuts(i, 20), randomCuts(i, 200)];
    for (const size of cuts) {
      expect(title + JSON.stringify(parse(stream, size, options))).toBe(
        title + JSON.stringify(expected),
      );
    }
    if (expected.error !== undefined) errors++;
  }
  // Both kinds must be well represented, or the test shows little.
  expect(errors).toBeGreaterThan(STREAMS / 10);
  expect(errors).toBeLessThan((STREAMS * 9) / 10);
});

it(`makes the same of it when the session stops after each request (seed ${SEED})`, () => {
  const random = seeded(SEED);
  for (let i = 0; i < 500; i++) {
    const stream = brokenStream(random);
    const { requests, error } = parse(stream, whole);
    const parser = newParser();
    const found: string[][] = [];
    const half = random.below(stream.length);
    const chunk = Buffer.alloc(stream.length);
    let status: number = MORE;
    for (const part of [stream.subarray(0, half), stream.subarray(half)]) {
      part.copy(chunk);
      parser.feed(chunk, 0, part.length);
      status = parser.next();
      if (status === REQUEST) found.push(parser.argv.map(asText));
      parser.keep();
      chunk.fill(0x2a);
    }
    while (status !== ERROR && (status = parser.next()) === REQUEST) {
      found.push(parser.argv.map(asText));
    }
    expect(found).toEqual(requests.map(([, argv]) => argv.map(asText)));
    expect(status === ERROR ? parser.error : undefined).toBe(error);
  }
});

it('survives streams of any bytes', () => {
  const random = seeded(SEED);
  for (let i = 0; i < 500; i++) {
    const bytes = Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
    if (i % 2 === 0) bytes[0] = 0x2a;
    expect(parse(bytes, byteByByte)).toEqual(parse(bytes, whole));
  }
});
