/**
 * The parser beside redis-server: the same bytes to both, the same number of requests, arguments,
 * error bytes and decision to close. What the arguments were shows in PING's reply.
 */
import { asText } from '../../src/lib/bytes';
import { seeded } from '../../src/lib/random';
import { connectRaw, ReplyFramer } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';
import { brokenStream } from './fuzzing';
import { parse, whole, type Parsed } from './parsing';
import { vectors } from './vectors';

const SEED = 70;
const STREAMS = 600;

let open: RedisServer;
let guarded: RedisServer;
beforeAll(async () => {
  [open, guarded] = await Promise.all([
    startRedisServer(),
    startRedisServer(['--requirepass', 'bacon']),
  ]);
});
afterAll(() => Promise.all([open.stop(), guarded.stop()]));

/** All that redis-server answers; when the parser goes on, redis-server must not close by itself. */
async function answers(server: RedisServer, input: Buffer, closes: boolean): Promise<string[]> {
  const client = await connectRaw(server.port);
  client.send(input);
  // Without an error of its own, it closes because we do.
  if (!closes) client.stream.end();
  const framer = new ReplyFramer();
  const replies = framer.push(await client.readToClose());
  expect(framer.unfinished()).toHaveLength(0);
  return replies.map((reply) => reply.toString('latin1'));
}

/** What we know of the replies, from what the parser found. */
function expectedReplies({ requests, error }: Parsed, replies: readonly string[]): string[] {
  const expected = requests.map(([command, argv], i) => {
    if (command !== 'ping' || argv.length > 2) return replies[i] ?? 'a reply is missing';
    const arg = argv[1];
    return arg === undefined ? '+PONG\r\n' : `$${arg.length}\r\n${asText(arg)}\r\n`;
  });
  return error === undefined ? expected : [...expected, error];
}

test.each(vectors)('redis-server agrees on $title', async ({ input, unauthenticated }) => {
  const bytes = Buffer.from(input, 'latin1');
  const parsed = parse(bytes, whole, { trusted: !unauthenticated });
  const server = unauthenticated ? guarded : open;
  const replies = await answers(server, bytes, parsed.error !== undefined);
  expect(replies).toEqual(expectedReplies(parsed, replies));
});

it(`redis-server agrees on ${STREAMS} broken streams (seed ${SEED})`, async () => {
  const random = seeded(SEED);
  for (let i = 0; i < STREAMS; i++) {
    const stream = brokenStream(random);
    const parsed = parse(stream, whole);
    const replies = await answers(open, stream, parsed.error !== undefined);
    const title = `${i}: ${JSON.stringify(stream.toString('latin1'))}`;
    expect([title, ...replies]).toEqual([title, ...expectedReplies(parsed, replies)]);
  }
});
