/** SLOWLOG and the times behind it, beside redis-server. */
import type { Clock } from '../../src/lib/clock';
import { systemClock } from '../../src/lib/clock';
import { duplexPair } from '../support/duplex-pair';
import { startGoredis } from '../support/goredis';
import { connectRaw, encodeRequest, RawClient } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';

/** Entries without what differs from run to run: time, duration, port. */
function masked(reply: Buffer): string {
  return reply
    .toString('latin1')
    .replace(/\*6\r\n(:\d+\r\n):\d+\r\n:\d+\r\n/g, '*6\r\n$1:at\r\n:us\r\n')
    .replace(/\$\d+\r\n127\.0\.0\.1:\d+/g, 'address');
}

const script: readonly (readonly string[])[] = [
  ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
  ['SLOWLOG', 'RESET'],
  ['SLOWLOG', 'LEN'],
  ['CLIENT', 'SETNAME', 'me'],
  ['SET', 'key', 'x'.repeat(129)],
  ['SET', 'key', 'y'.repeat(5000)],
  ['DEL', ...Array.from({ length: 40 }, (_, at) => `k${at}`)],
  ['DEL', ...Array.from({ length: 31 }, (_, at) => `k${at}`)],
  ['GET', 'key', 'wrong arity'],
  ['LPUSH', 'key', 'a'],
  ['nosuch'],
  ['AUTH', 'secret'],
  ['AUTH', 'default', 'secret'],
  ['AUTH', 'a', 'b', 'c'],
  ['HELLO', '2', 'SETNAME', 'you', 'AUTH', 'default', 'secret'],
  ['HELLO', '2', 'AUTH', 'secret'],
  ['CONFIG', 'SET', 'requirepass', '', 'timeout', '0', 'MasterAuth', ''],
  ['CONFIG', 'GET', 'requirepass'],
  ['MULTI'],
  ['INCR', 'n'],
  ['LPUSH', 'n', 'a'],
  ['EXEC'],
  ['MULTI'],
  ['nosuch'],
  ['EXEC'],
  ['SLOWLOG', 'GET', '3'],
  ['SLOWLOG', 'GET', '-1'],
  ['SLOWLOG', 'GET'],
  ['SLOWLOG', 'GET', '0'],
  ['SLOWLOG', 'GET', '-2'],
  ['SLOWLOG', 'GET', 'x'],
  ['SLOWLOG', 'GET', '99999999999999999999'],
  ['SLOWLOG', 'GET', '1', '2'],
  ['SLOWLOG', 'LEN'],
  ['CONFIG', 'SET', 'slowlog-max-len', '3'],
  ['SLOWLOG', 'LEN'],
  ['SLOWLOG', 'GET', '-1'],
  ['CONFIG', 'SET', 'slowlog-max-len', '0'],
  ['SLOWLOG', 'LEN'],
  ['CONFIG', 'SET', 'slowlog-max-len', '128'],
  ['CONFIG', 'SET', 'slowlog-log-slower-than', '-1'],
  ['PING'],
  ['SLOWLOG', 'GET'],
  ['CONFIG', 'SET', 'slowlog-log-slower-than', '10000'],
  ['SLOWLOG', 'RESET'],
  ['SLOWLOG', 'GET'],
  ['SLOWLOG', 'HELP'],
  ['SLOWLOG'],
  ['SLOWLOG', 'NOSUCH'],
];

it("keeps what redis-server's slowlog keeps", async () => {
  const redis = await startRedisServer();
  const goredis = await startGoredis();
  const replies = async (port: number): Promise<string[]> => {
    const client = await connectRaw(port);
    const shown: string[] = [];
    for (const request of script) {
      const reply = await client.command(...request);
      shown.push(`${request[0]} ${request[1]}: ${masked(reply)}`);
    }
    client.destroy();
    return shown;
  };
  const [ours, theirs] = [await replies(goredis.port), await replies(redis.port)];
  // HELLO has a field more.
  const common = (lines: string[]): string[] => lines.filter((line) => !line.startsWith('HELLO'));
  await goredis.stop();
  await redis.stop();
  expect(common(ours)).toEqual(common(theirs));
});

describe('the time of a command', () => {
  /** Every reading of the monotonic clock is 20 ms after the one before. */
  function slowClock(): Clock & { readings: number } {
    return {
      ...systemClock,
      readings: 0,
      monotonicMs() {
        return 20 * this.readings++;
      },
    };
  }

  async function send(requests: readonly string[][], settings = {}): Promise<[number, string[]]> {
    const clock = slowClock();
    const { server, stop } = await startGoredis({ clock, ...settings });
    const [near, far] = duplexPair();
    const session = server.handle(far)!;
    const client = new RawClient(near);
    const bytes = Buffer.concat(requests.map(encodeRequest));
    const before = clock.readings;
    session.receive(bytes, 0, bytes.length);
    const readings = clock.readings - before;
    await client.readReplies(requests.length);
    const slow = server.slowlog.newest(100).map(({ argv, us }) => `${argv.join(' ')}: ${us}`);
    client.destroy();
    await stop();
    return [readings, slow.reverse()];
  }

  const gets = Array.from({ length: 20 }, (_, at) => ['GET', `k${at}`]);

  it('is taken once for up to 16 equal quick commands, and shown with the last of them', async () => {
    expect(await send(gets)).toEqual([3, ['GET k15: 20000', 'GET k19: 20000']]);
  });

  it('is taken for each command that is not quick', async () => {
    const requests = [
      ['GET', 'a'],
      ['MGET', 'a'],
      ['MGET', 'b'],
      ['GET', 'c'],
      ['INCR', 'd'],
    ];
    expect(await send(requests)).toEqual([
      8,
      ['GET a: 20000', 'MGET a: 20000', 'MGET b: 20000', 'GET c: 20000', 'INCR d: 20000'],
    ]);
  });

  it('is taken for each command while a millisecond is slow already', async () => {
    const [readings, slow] = await send(gets, { slowerThanUs: 999 });
    expect(readings).toBe(21);
    expect(slow).toEqual(gets.map((request) => `${request.join(' ')}: 20000`));
  });

  it('is taken for each command of EXEC, which is not shown itself', async () => {
    const requests = [['MULTI'], ['GET', 'a'], ['GET', 'b'], ['EXEC']];
    const [, slow] = await send(requests);
    expect(slow).toEqual(['MULTI: 20000', 'GET a: 20000', 'GET b: 20000']);
  });
});
