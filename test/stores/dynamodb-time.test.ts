/** How long a command may take to be answered, whatever DynamoDB does: no longer than is documented. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../src/lib/clock';
import { seeded } from '../../src/lib/random';
import type { Change } from '../../src/store/change';
import { Commits } from '../../src/stores/dynamodb/commits';
import { Fences } from '../../src/stores/dynamodb/fences';
import { Writer } from '../../src/stores/dynamodb/operations';
import { Reads } from '../../src/stores/dynamodb/reads';
import { Requests } from '../../src/stores/dynamodb/requests';
import { Siblings } from '../../src/stores/dynamodb/siblings';
import { setting } from '../conformance/support';
import { onOperation, type Fault } from '../support/fake-dynamodb/faults';
import { openFakeStore, type FakeStore } from '../support/fake-dynamodb/fake-store';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { until } from '../support/until';

/** Time passes at once where it is waited for. */
class HurriedClock implements Clock {
  private timeMs = 1_700_000_000_000;
  readonly nowMs = (): number => this.timeMs;
  readonly monotonicMs = (): number => this.timeMs;

  pass(ms: number): void {
    this.timeMs += ms;
  }

  after(delayMs: number, run: () => void): () => void {
    this.pass(delayMs);
    setImmediate(run);
    return () => undefined;
  }
}

describe('while DynamoDB is silent, with the time-outs that goredis has', () => {
  const TIMEOUT_MS = 3000;
  const BUDGET_MS = 5000;
  let clock: HurriedClock;
  let sent: string[];
  let commits: Commits;
  let reads: Reads;

  beforeEach(() => {
    clock = new HurriedClock();
    sent = [];
    const send = (command: object): Promise<never> => {
      sent.push(command.constructor.name);
      clock.pass(TIMEOUT_MS);
      return Promise.reject(Object.assign(new Error('too late'), { name: 'TimeoutError' }));
    };
    const client = { send } as unknown as DynamoDBClient;
    const requests = new Requests(client, clock, seeded(1), BUDGET_MS, 8);
    const siblings = new Siblings();
    const fences = new Fences(clock.nowMs);
    reads = new Reads(requests, 'table', siblings, fences);
    const writer = new Writer(clock.nowMs);
    const shared = { requests, siblings, fences, clock, table: 'table' };
    commits = new Commits({ ...shared, reads, writer, expiryIndex: true });
  });

  async function seconds(work: () => Promise<unknown>, code: string): Promise<number> {
    const startedMs = clock.monotonicMs();
    await expect(work()).rejects.toMatchObject({ name: 'StoreError', code });
    return Math.round((clock.monotonicMs() - startedMs) / 1000);
  }

  it('a read is given up after 6 seconds', async () => {
    const keys = [
      { db: 0, key: 'a' },
      { db: 0, key: 'b' },
    ];
    expect(await seconds(() => reads.one(keys[0]!), 'unavailable')).toBe(6);
    expect(await seconds(() => reads.each(keys), 'unavailable')).toBe(6);
    expect(await seconds(() => reads.snapshot(keys), 'unavailable')).toBe(6);
  });

  const writes: readonly (readonly [string, readonly Change[], string[]])[] = [
    ['a blind write', [setting('k', 1)], ['UpdateItemCommand', 'UpdateItemCommand']],
    ['a write', [setting('k', 1, { base: 7 })], ['UpdateItemCommand', 'UpdateItemCommand']],
    [
      'a transaction',
      [setting('k', 1, { base: 7 }), setting('l', 1, { base: 7 })],
      ['TransactWriteItemsCommand', 'TransactWriteItemsCommand', 'UpdateItemCommand'],
    ],
  ];
  it.each(writes)(
    '%s is given up when its last request was in vain',
    async (_what, changes, all) => {
      const took = await seconds(() => commits.commit(changes, []), 'unknown');
      expect(sent).toEqual(all);
      expect(took).toBe((all.length * TIMEOUT_MS) / 1000);
      expect(took).toBeLessThanOrEqual((BUDGET_MS + 2 * TIMEOUT_MS) / 1000);
    },
  );
});

const SILENT: Fault = { kind: 'hold', silent: true };
const TIMEOUT_MS = 150;
/** What an answer may come later on a busy machine. */
const SLACK_MS = 2000;

let opened: FakeStore;
let goredis: Goredis;
let client: RawClient;

async function open(retryBudgetMs: number, requestTimeoutMs = TIMEOUT_MS): Promise<void> {
  opened = await openFakeStore({ requestTimeoutMs, retryBudgetMs });
  goredis = await startGoredis({ store: opened.store });
  client = await connectRaw(goredis.port);
}

async function close(): Promise<void> {
  opened.fake.faults.clear();
  await goredis.stop();
  await opened.close();
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const startedMs = performance.now();
  return [await work, performance.now() - startedMs];
}

describe('the error of a DynamoDB that is silent', () => {
  beforeEach(() => open(200));
  afterEach(close);

  const toAll: readonly (readonly [command: string, error: RegExp])[] = [
    ['GET a', /^-TRYAGAIN /],
    ['MGET a b', /^-TRYAGAIN /],
    ['INCR a', /^-TRYAGAIN /],
    ['SET a 1', /^-UNKNOWNOUTCOME /],
    ['SCAN 0', /^-TRYAGAIN /],
    ['MULTI, INCR a, INCR b, EXEC', /^-TRYAGAIN /],
  ];
  const toWrites = ['MSET a 1 b 1', 'INCR a', 'MULTI, INCR a, INCR b, EXEC'];

  async function lastAnswer(commands: string): Promise<string> {
    const lines = commands.split(', ');
    client.send(lines.map((line) => `${line}\r\n`).join(''));
    return String((await client.readReplies(lines.length)).at(-1));
  }

  it.each(toAll)('to all that is asked, for %s', async (commands, error) => {
    opened.fake.faults.always(SILENT);
    expect(await lastAnswer(commands)).toMatch(error);
  });

  it.each(toWrites)('to writes alone, for %s', async (commands) => {
    opened.fake.faults.always(SILENT, onOperation('UpdateItem', 'TransactWriteItems'));
    expect(await lastAnswer(commands)).toMatch(/^-UNKNOWNOUTCOME /);
  });
});

describe('requests that wait for room', () => {
  afterEach(close);

  // Eight may be under way at once.
  const sets = (count: number): string =>
    Array.from({ length: count }, (_, i) => `SET k${i} v\r\n`).join('');

  it('are answered in time while DynamoDB is silent', async () => {
    await open(1000);
    opened.fake.faults.always(SILENT);
    client.send(sets(100));
    const [answers, ms] = await timed(client.readReplies(100));
    for (const answer of answers) expect(String(answer)).toMatch(/^-(TRYAGAIN|UNKNOWNOUTCOME) /);
    // Of those that never had their turn it is known that nothing happened.
    expect(String(answers.at(-1))).toMatch(/^-TRYAGAIN store: DynamoDB: no request has succeeded/);
    // Thirteen times eight, each given up by itself, would be more.
    expect(ms).toBeLessThan(1000 + 2 * TIMEOUT_MS + SLACK_MS);
  });

  it('are not failed for their number when DynamoDB answers, however slowly', async () => {
    await open(100, 20_000);
    opened.fake.faults.always({ kind: 'delay', ms: 60 }, onOperation('UpdateItem'));
    client.send(sets(160));
    const [answers, ms] = await timed(client.readReplies(160));
    expect(new Set(answers.map(String))).toEqual(new Set(['+OK\r\n']));
    expect(ms).toBeGreaterThan(1000);
  });

  it('keep the question whether all is well not waiting', async () => {
    await open(5000);
    opened.fake.takeRequests();
    opened.fake.faults.always(SILENT, onOperation('UpdateItem'));
    client.send(sets(100));
    const asked = (operation: string): number =>
      opened.fake.requests.filter((request) => request.operation === operation).length;
    await until(() => asked('UpdateItem') === 8);
    let health: string | undefined;
    let ms = Infinity;
    // An answer of a moment ago would do for a second.
    await until(async () => {
      [health, ms] = await timed(opened.store.health());
      return asked('GetItem') > 0;
    });
    expect(health).toBeUndefined();
    expect(ms).toBeLessThan(SLACK_MS);
    opened.fake.faults.clear();
    await client.readReplies(100);
  });
});
