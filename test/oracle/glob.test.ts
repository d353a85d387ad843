import { compileGlob } from '../../src/lib/glob';
import { seeded } from '../../src/lib/random';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { parseReply } from './compare';
import { seedOf } from './seed';

const PATTERNS = 3000;
const KEYS = 400;
/** Few, so that patterns often match; those with a meaning most of all. */
const PATTERN_BYTES = '***??[[]]^^--\\\\aabbAB\x01\x7f\x80\xff\0\n';
const KEY_BYTES = 'aaabbbAB*?[]^-\\\x01\x7f\x80\xff\0\n';

let redis: RedisServer;
let client: RawClient;
beforeAll(async () => {
  redis = await startRedisServer();
  client = await connectRaw(redis.port);
});
afterAll(async () => {
  client.destroy();
  await redis.stop();
});

test('matches what redis-server matches, for random patterns over random keys', async () => {
  const seed = seedOf();
  const random = seeded(seed);
  const word = (bytes: string, maxLength: number): string =>
    Array.from({ length: random.below(maxLength + 1) }, () =>
      bytes.charAt(random.below(bytes.length)),
    ).join('');
  const keys = [...new Set(Array.from({ length: KEYS }, () => word(KEY_BYTES, 6)))];
  await client.command('MSET', ...keys.flatMap((key) => [key, '']));

  const patterns = Array.from({ length: PATTERNS }, () => word(PATTERN_BYTES, 8));
  client.send(Buffer.concat(patterns.map((pattern) => encodeRequest(['KEYS', pattern]))));
  const replies = await client.readReplies(patterns.length);
  const wrong = patterns.flatMap((pattern, i) => {
    const matches = pattern === '*' ? (): boolean => true : compileGlob(pattern);
    const tree = parseReply(replies[i]!);
    const expected = (typeof tree === 'string' ? [] : tree.items).map((key) =>
      String(key).slice(1),
    );
    const actual = keys.filter((key) => matches(key));
    return actual.sort().join('\n') === expected.sort().join('\n')
      ? []
      : [{ seed, pattern, expected, actual }];
  });
  expect(wrong).toEqual([]);
});
