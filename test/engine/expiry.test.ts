/** Keys go at their deadlines without being looked at. */
import { ManualClock, atTimeOfDay } from '../../src/lib/clock';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { until } from '../support/until';

/** Counts the timers that are set and not over. */
class CountingClock extends ManualClock {
  pending = 0;
  timersEver = 0;
  /** What every look at the monotonic time adds to it. */
  stepMs = 0;
  /** How much earlier than asked timers fire. */
  earlyMs = 0;
  private steps = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.steps++ * this.stepMs;
  }

  override after(delayMs: number, run: () => void): () => void {
    this.pending++;
    this.timersEver++;
    let over = false;
    const end = (): void => {
      if (!over) this.pending--;
      over = true;
    };
    const cancel = super.after(delayMs - this.earlyMs, () => {
      end();
      run();
    });
    return () => {
      end();
      cancel();
    };
  }
}

let clock: CountingClock;
let goredis: Goredis;
let client: RawClient;

beforeEach(async () => {
  clock = new CountingClock();
  goredis = await startGoredis({ clock });
  client = await connectRaw(goredis.port);
});

afterEach(async () => {
  client.destroy();
  await goredis.stop();
});

const size = (): unknown => goredis.server.engine.store.size(0);
const expired = (): number => goredis.server.engine.stats.expiredKeys;

async function run(...script: string[]): Promise<void> {
  for (const line of script) await client.command(...line.split(' '));
}

async function field(name: string): Promise<string | undefined> {
  const text = String(await client.command('INFO', 'stats'));
  return new RegExp(`^${name}:(.*)\r$`, 'm').exec(text)?.[1];
}

it('a key goes in the millisecond of its deadline, whoever set it', async () => {
  await run('SET a 1 PX 1000', 'SET b 1', 'PEXPIRE b 1001', 'SET c 1', 'SELECT 1', 'SET d 1 PX 5');
  expect(size()).toBe(3);
  clock.advance(999);
  expect([size(), expired()]).toEqual([3, 1]);
  clock.advance(1);
  expect([size(), expired()]).toEqual([2, 2]);
  clock.advance(1);
  expect([size(), expired()]).toEqual([1, 3]);
});

it('a nearer deadline moves the timer, later ones do not', async () => {
  await run('SET a 1 PX 5000');
  const before = clock.timersEver;
  await run('SET b 1 PX 6000', 'PEXPIRE a 7000', 'SET c 1 PX 5001');
  expect(clock.timersEver).toBe(before);
  await run('SET d 1 PX 100');
  expect(clock.timersEver).toBe(before + 1);
  clock.advance(100);
  expect(expired()).toBe(1);
  clock.advance(4901);
  expect([size(), expired()]).toEqual([2, 2]);
});

it('a timer that fires early removes nothing and is set again', async () => {
  await run('SET a 1 PX 1000');
  clock.earlyMs = 1;
  await run('SET b 1 PX 500');
  clock.earlyMs = 0;
  clock.advance(499);
  expect(expired()).toBe(0);
  clock.advance(1);
  expect(expired()).toBe(1);
});

it('refreshing a key costs no timer', async () => {
  await run('SET a 1 PX 1000');
  const { pending, timersEver } = clock;
  const requests = Array.from({ length: 10_000 }, () => encodeRequest(['PEXPIRE', 'a', '2000']));
  client.send(Buffer.concat(requests));
  await client.readReplies(requests.length);
  expect([clock.pending, clock.timersEver]).toEqual([pending, timersEver]);
});

it('a deadline beyond the longest timer of Node is kept, and nothing wakes before it', async () => {
  await run(`SET a 1 PX ${2 ** 40}`, `SET b 1 PXAT ${Number.MAX_SAFE_INTEGER}`);
  const before = clock.timersEver;
  clock.advance(2 ** 40 - 1);
  expect([size(), clock.timersEver]).toEqual([2, before]);
  clock.advance(1);
  expect(size()).toBe(1);
});

it('the time of day is set forward, and keys go within ten seconds, though nobody comes', async () => {
  class SetClock extends CountingClock {
    setByMs = 0;
    override nowMs(): number {
      return super.nowMs() + this.setByMs;
    }
    at(unixMs: number, run: () => void): () => void {
      return atTimeOfDay(this, unixMs, run);
    }
  }
  const setClock = new SetClock();
  const other = await startGoredis({ clock: setClock });
  const { store, stats } = other.server.engine;
  const writer = await connectRaw(other.port);
  await writer.command('SET', 'a', '1', 'PX', '3600000');
  await writer.command('SET', 'b', '1', 'PX', '7200000');
  setClock.setByMs = 3_600_000;
  setClock.advance(9999);
  expect(stats.expiredKeys).toBe(0);
  setClock.advance(1);
  expect([stats.expiredKeys, store.size(0)]).toEqual([1, 1]);
  // And back: no key goes early.
  setClock.setByMs = 0;
  setClock.advance(3_600_000);
  expect(stats.expiredKeys).toBe(1);
  setClock.advance(3_600_000 - 10_000);
  expect(stats.expiredKeys).toBe(2);
  writer.destroy();
  await other.stop();
});

it('keys that fall due together go in slices, and others are served between them', async () => {
  const keys = 1000;
  for (let i = 0; i < keys; i++) client.send(encodeRequest(['SET', `k${i}`, 'v', 'PX', '1000']));
  await client.readReplies(keys);
  clock.stepMs = 3;
  clock.advance(1000);
  const left = Number(size());
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(keys);
  await run('SET other 1 PX 1');
  await until(() => Number(size()) === 1);
  expect(expired()).toBe(keys);
  clock.advance(1);
  expect(size()).toBe(0);
});

it('INFO tells how late keys went', async () => {
  await run('SET a 1 PX 1000', 'SET b 1 PX 1000');
  clock.advance(1000);
  expect(await field('expiry_lag_p99_ms')).toBe('0');
  goredis.server.engine.stop();
  await run('SET a 1 PX 1000');
  clock.advance(1007);
  await run('GET a');
  expect(await field('expiry_lag_p50_ms')).toBe('0');
  expect(await field('expiry_lag_p99_ms')).toBe('7');
  expect(await field('expiry_lag_last_ms')).toBe('7');
  await run('CONFIG RESETSTAT');
  expect(await field('expiry_lag_last_ms')).toBe('0');
});

it('a server that is closed has no timer left', async () => {
  await run('SET a 1 PX 1000');
  client.destroy();
  await goredis.stop();
  expect(clock.pending).toBe(0);
});

it('SWAPDB and FLUSHALL leave nothing behind', async () => {
  await run('SET a 1 PX 1000', 'SWAPDB 0 1');
  clock.advance(1000);
  expect(expired()).toBe(1);
  await run('SET a 1 PX 1000', 'FLUSHALL');
  const before = clock.pending;
  clock.advance(1000);
  expect([expired(), clock.pending]).toEqual([1, before - 1]);
});
