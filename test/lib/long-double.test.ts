import { addLongDoubles, formatLongDouble, parseLongDouble } from '../../src/lib/long-double';
import { seeded, type Random } from '../../src/lib/random';
import { isLongRun, seedOf } from '../oracle/seed';
import { connectRaw, encodeRequest } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';

function sum(a: string, b: string): string | undefined {
  const [x, y] = [parseLongDouble(a), parseLongDouble(b)];
  if (x === undefined || y === undefined) return 'not a number';
  const total = addLongDoubles(x, y);
  return total === undefined ? undefined : formatLongDouble(total);
}

describe('the 80-bit arithmetic of INCRBYFLOAT', () => {
  test.each([
    ['0.1', '0.2', '0.3'],
    ['10.5', '0.1', '10.6'],
    ['3.0e3', '200', '3200'],
    ['1', '-1', '0'],
    ['-0.000000000000000001', '0', '0'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551616', '1', '18446744073709551616'],
    ['0x1p-1', '.5', '1'],
  ])('%s + %s is printed as %s', (a, b, expected) => {
    expect(sum(a, b)).toBe(expected);
  });

  it('has no sum that is infinite or not a number', () => {
    expect(sum('inf', '1')).toBeUndefined();
    expect(sum('-inf', 'inf')).toBeUndefined();
    expect(sum('1.1e4932', '1.1e4932')).toBeUndefined();
  });

  it('reads nothing but whole numbers of a finite size', () => {
    const bad = ['', '.', '1e', ' 1', '1 ', '0x', 'nan', '1e5000', '1e-5000', '1\n'];
    expect(bad.map(parseLongDouble)).toEqual(bad.map(() => undefined));
  });
});

const PAIRS = isLongRun ? 50_000 : 2_000;

/** A number of any form and size, most of them near 1. */
function randomNumber(random: Random): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => random.below(10)).join('');
  const sign = random.below(3) === 0 ? '-' : '';
  switch (random.below(6)) {
    case 0:
      return sign + String(random.below(1e6) / 100);
    case 1:
      return `${sign}${digits(1 + random.below(20))}.${digits(random.below(25))}`;
    case 2:
      return `${sign}${digits(1 + random.below(3))}.${digits(random.below(6))}e${random.below(50) - 25}`;
    case 3:
      return `${sign}${1 + random.below(9)}.${digits(random.below(40))}e${random.below(9900) - 4950}`;
    case 4:
      return `${sign}0x${digits(1 + random.below(18))}.${digits(random.below(4))}p${random.below(140) - 70}`;
    default:
      return `${sign}${2n ** BigInt(60 + random.below(8)) + BigInt(random.below(9) - 4)}`;
  }
}

describe('against redis-server', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  it('gives the sums of random pairs', async () => {
    const seed = seedOf();
    const random = seeded(seed);
    const pairs = Array.from({ length: PAIRS }, () => [randomNumber(random), randomNumber(random)]);
    const client = await connectRaw(redis.port);
    client.send(
      Buffer.concat(
        pairs.flatMap(([a, b]) => [
          encodeRequest(['SET', 'n', a!]),
          encodeRequest(['INCRBYFLOAT', 'n', b!]),
        ]),
      ),
    );
    const replies = await client.readReplies(2 * pairs.length);
    client.destroy();
    const expected = pairs.map(([a, b], i) => {
      const reply = replies[2 * i + 1]!.toString();
      if (reply.includes('NaN or Infinity')) return { seed, a, b, total: undefined };
      const total = reply.startsWith('-') ? 'not a number' : reply.split('\r\n')[1];
      return { seed, a, b, total };
    });
    expect(pairs.map(([a, b]) => ({ seed, a, b, total: sum(a!, b!) }))).toEqual(expected);
  });
});
