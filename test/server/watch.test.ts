/** WATCH with a second connection: the same steps on goredis and redis-server. */
import { ManualClock } from '../../src/lib/clock';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';

type Step = readonly [who: 'a' | 'b', line: string];

let open: { destroy(): void }[] = [];

const servers = bothServers();

afterEach(() => {
  for (const client of open) client.destroy();
  open = [];
});

async function connect(port: number): Promise<RawClient> {
  const client = await connectRaw(port);
  open.push(client);
  return client;
}

/** Runs the steps one after another, over two new connections and an empty store. */
async function run(port: number, steps: readonly Step[]): Promise<string[]> {
  const clients = { a: await connect(port), b: await connect(port) };
  await clients.a.command('FLUSHALL');
  const replies: string[] = [];
  for (const [who, line] of steps) {
    replies.push((await clients[who].command(...line.split(' '))).toString('latin1'));
  }
  return replies;
}

const a = (line: string): Step => ['a', line];
const b = (line: string): Step => ['b', line];
const exec = [a('MULTI'), a('SET ran 1'), a('EXEC'), a('GET ran')];

describe('EXEC after WATCH', () => {
  test.each<[string, 'runs' | 'is refused', Step[]]>([
    ['nothing else', 'runs', [a('SET k 1'), a('WATCH k')]],
    ["another's write", 'is refused', [a('SET k 1'), a('WATCH k'), b('SET k 2')]],
    ["another's write of the same", 'is refused', [a('SET k 1'), a('WATCH k'), b('SET k 1')]],
    ["another's read", 'runs', [a('SET k 1'), a('WATCH k'), b('GET k')]],
    ["another's write before", 'runs', [b('SET k 1'), a('WATCH k')]],
    ["another's write of another key", 'runs', [a('SET k 1'), a('WATCH k'), b('SET other 2')]],
    ["another's creation", 'is refused', [a('WATCH k'), b('SET k 1')]],
    ["another's creation and removal", 'is refused', [a('WATCH k'), b('SET k 1'), b('DEL k')]],
    ["another's transaction", 'is refused', [a('WATCH k'), b('MULTI'), b('SET k 1'), b('EXEC')]],
    ["another's discarded one", 'runs', [a('WATCH k'), b('MULTI'), b('SET k 1'), b('DISCARD')]],
    ["another's FLUSHALL", 'is refused', [a('SET k 1'), a('WATCH k'), b('FLUSHALL')]],
    ["another's FLUSHALL of an absent key", 'runs', [a('WATCH k'), b('SET x 1'), b('FLUSHALL')]],
    ["another's SWAPDB", 'is refused', [a('SET k 1'), a('WATCH k'), b('SWAPDB 0 3')]],
    [
      "another's SWAPDB there and back",
      'is refused',
      [a('SET k 1'), a('WATCH k'), b('SWAPDB 0 3'), b('SWAPDB 3 0')],
    ],
    [
      'a write to the key that SWAPDB put in its place',
      'is refused',
      [a('WATCH k'), b('SWAPDB 0 3'), b('SET k 1')],
    ],
    [
      'SELECT of another database',
      'runs',
      [a('SET k 1'), a('WATCH k'), a('SELECT 2'), a('SELECT 0')],
    ],
    ["another's write elsewhere", 'runs', [a('WATCH k'), b('SELECT 2'), b('SET k 1')]],
    [
      "another's write, watched in another database",
      'is refused',
      [a('SELECT 2'), a('WATCH k'), a('SELECT 0'), b('SELECT 2'), b('SET k 1')],
    ],
    ['UNWATCH', 'runs', [a('WATCH k'), b('SET k 1'), a('UNWATCH')]],
    ['another watching too', 'runs', [a('WATCH k'), b('WATCH k'), b('UNWATCH')]],
    [
      "another's RESET, whose watch was the same",
      'is refused',
      [b('WATCH k'), a('WATCH k'), b('RESET'), b('SET k 1')],
    ],
    [
      'a deadline that another has set',
      'is refused',
      [a('SET k 1'), a('WATCH k'), b('EXPIRE k 100')],
    ],
  ])('and %s %s', async (_title, outcome, steps) => {
    const script = [...steps, ...exec];
    const [ours, theirs] = [
      await run(servers.goredis.port, script),
      await run(servers.redis.port, script),
    ];
    expect(ours).toEqual(theirs);
    expect(ours.at(-2)).toBe(outcome === 'runs' ? '*1\r\n+OK\r\n' : '*-1\r\n');
  });

  it('is refused if the change comes while commands are queued', async () => {
    const script = [a('WATCH k'), a('MULTI'), a('GET k'), b('SET k 1'), a('EXEC')];
    const [ours, theirs] = [
      await run(servers.goredis.port, script),
      await run(servers.redis.port, script),
    ];
    expect(ours).toEqual(theirs);
    expect(ours.at(-1)).toBe('*-1\r\n');
  });

  it('answers the null of RESP3 when it is refused', async () => {
    const script = [a('HELLO 3'), a('WATCH k'), b('SET k 1'), a('MULTI'), a('EXEC')];
    const [ours, theirs] = [
      await run(servers.goredis.port, script),
      await run(servers.redis.port, script),
    ];
    expect([ours.at(-1), theirs.at(-1)]).toEqual(['_\r\n', '_\r\n']);
  });
});

describe('a watched key with a deadline', () => {
  let clock: ManualClock;
  let server: Goredis;
  let client: RawClient;

  beforeEach(async () => {
    clock = new ManualClock();
    server = await startGoredis({ clock });
    client = await connect(server.port);
  });
  afterEach(() => server.stop());

  async function replies(...script: string[]): Promise<string[]> {
    const all: string[] = [];
    for (const line of script) all.push((await client.command(...line.split(' '))).toString());
    return all;
  }

  const transaction = ['MULTI', 'GET k', 'EXEC'];

  it('refuses EXEC when it has expired since', async () => {
    await replies('SET k 1 PX 100', 'WATCH k');
    clock.advance(100);
    expect((await replies(...transaction)).at(-1)).toBe('*-1\r\n');
    expect((await replies(...transaction)).at(-1)).toBe('*1\r\n$-1\r\n');
  });

  it('lets EXEC run while it has not expired', async () => {
    await replies('SET k 1 PX 100', 'WATCH k');
    clock.advance(99);
    expect((await replies(...transaction)).at(-1)).toBe('*1\r\n$1\r\n1\r\n');
  });

  it('lets EXEC run when it had expired before', async () => {
    await replies('SET k 1 PX 100');
    clock.advance(100);
    await replies('WATCH k', 'GET k', 'DBSIZE');
    clock.advance(1000);
    expect((await replies(...transaction)).at(-1)).toBe('*1\r\n$-1\r\n');
  });

  it('refuses EXEC when it had expired before and was created since', async () => {
    await replies('SET k 1 PX 100');
    clock.advance(100);
    await replies('WATCH k', 'SET k 2');
    expect((await replies(...transaction)).at(-1)).toBe('*-1\r\n');
  });

  it('refuses EXEC when it has expired and another has removed it', async () => {
    const other = await connect(server.port);
    await replies('SET k 1 PX 100', 'WATCH k');
    clock.advance(100);
    expect((await other.command('GET', 'k')).toString()).toBe('$-1\r\n');
    expect((await replies(...transaction)).at(-1)).toBe('*-1\r\n');
  });
});
