/** MONITOR beside redis-server: who is told of what, in which order and in which words. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '../../src';
import { bothServers } from '../support/both-servers';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw, encodeRequest, type RawClient, type Target } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { SlowStore } from '../stores/slow';

type Line = readonly string[];

const split = (script: string): Line[] => script.split(';').map((line) => line.trim().split(' '));

/** Times and ports differ from run to run. */
const masked = (text: string): string =>
  text
    .replace(/\d{10}\.\d{6} /g, 'time ')
    .replace(/127\.0\.0\.1:\d+/g, 'address')
    .replace(/unix:\S+\]/g, 'unix:path]');

const END = 'the end of the script';

async function readToEnd(monitor: RawClient): Promise<string> {
  let text = '';
  while (!text.endsWith(`"${END}"\r\n`)) text += (await monitor.readReply()).toString('latin1');
  return text;
}

/** The lines about a script that another connection sends, one request after the other's reply. */
async function lines(target: Target, requests: readonly Line[]): Promise<string> {
  const monitor = await connectRaw(target);
  expect(String(await monitor.command('MONITOR'))).toBe('+OK\r\n');
  const client = await connectRaw(target);
  for (const request of requests) await client.command(...request);
  const last = await connectRaw(target);
  await last.command('ECHO', END);
  const text = await readToEnd(monitor);
  for (const connection of [monitor, client, last]) connection.destroy();
  return masked(text);
}

/** All that a connection gets for a pipeline that ends in QUIT. */
async function transcript(port: number, script: string): Promise<string> {
  const client = await connectRaw(port);
  client.send(Buffer.concat([...split(script), ['QUIT']].map(encodeRequest)));
  return masked((await client.readToClose()).toString('latin1'));
}

const servers = bothServers();
const slow: { goredis?: Goredis } = {};
beforeAll(
  async () => void (slow.goredis = await startGoredis({ store: new SlowStore({ seed: 1 }) })),
);
afterAll(() => slow.goredis?.stop());

const scripts: readonly (readonly Line[])[] = [
  split('SET a 1; get a; Incr a; LPUSH a x; MGET a b c; DEL a; FLUSHALL; PING; ping x; TIME'),
  split('nosuch; GET; GET a b; CLIENT NOSUCH; SET a b NX XX; INCR; HELLO 4; SELECT 99; SELECT x'),
  split('SELECT 3; SET a 1; SELECT 0; GET a; RESET; GET a; SELECT 2; RESET; ECHO a; SWAPDB 0 1'),
  split('AUTH secret; AUTH default secret; AUTH a b c; HELLO 2 AUTH default x SETNAME y; HELLO 3'),
  split(
    'CONFIG GET port; CONFIG RESETSTAT; CLIENT ID; CLIENT SETNAME me; CLIENT LIST; CLIENT INFO',
  ),
  split('CLIENT KILL ID 9999; CLIENT NO-EVICT on; CLIENT HELP; CLIENT GETNAME; CLIENT UNPAUSE'),
  split('SLOWLOG GET; SLOWLOG HELP; LATENCY RESET; LATENCY HELP; ACL WHOAMI; ACL LIST; INFO x'),
  split('COMMAND COUNT; COMMAND HELP; MEMORY USAGE a; OBJECT ENCODING a; OBJECT HELP; LASTSAVE'),
  split('MULTI; SET a 1; SELECT 2; GET a; LPUSH a x; CONFIG GET port; AUTH x; SELECT 0; exec'),
  split('MULTI; nosuch; GET a; EXEC; MULTI; SET a 1; DISCARD; EXEC; DISCARD; MULTI; MULTI; EXEC'),
  split('WATCH a; SET a 1; multi; WATCH b; GET a; eXec; UNWATCH; MULTI; EXEC x; MULTI; EXEC'),
  split('MULTI; MONITOR; PING; EXEC; PUBLISH a b; SCAN 0; KEYS *; DBSIZE; RANDOMKEY; COPY a b'),
  [
    ['SET', 'a', '"\\\r\n\t\x07\b\0\x1f\x7f\x80\xff ~'],
    ['SET', '', ''],
    ['ECHO', 'x'.repeat(70_000)],
    ['SET', 'number', '12345678901234567890'],
    ['SET', 'number', '-1'],
  ],
];

it.each(scripts.map((requests) => [requests.map((line) => line[0]).join(' '), requests] as const))(
  'tells of %s what redis-server tells',
  async (_title, requests) => {
    const theirs = await lines(servers.redis.port, requests);
    expect(theirs).toContain('time [');
    expect(await lines(servers.goredis.port, requests)).toBe(theirs);
    expect(await lines(slow.goredis!.port, requests)).toBe(theirs);
  },
);

it.each([
  'MONITOR; PING; MONITOR; ECHO a; GET a; SET a 1; DEL; nosuch; EXISTS a; PUBLISH a b; PING',
  'MONITOR; CLIENT SETNAME me; CLIENT REPLY SKIP; PING; ECHO a; CLIENT REPLY OFF; PING; CLIENT REPLY ON; PING',
  'MONITOR; CLIENT NO-EVICT on; SELECT 3; PING; RESET; PING; GET a; MONITOR; PING',
  'MONITOR; MULTI; GET a; EXEC; MULTI; DISCARD; MULTI; EXEC; MULTI; EXEC; OBJECT ENCODING a; OBJECT HELP',
  'MONITOR; SUBSCRIBE a; PING; GET a; MONITOR; UNSUBSCRIBE a; MONITOR; PING',
  'SUBSCRIBE a; MONITOR; PING',
  'MULTI; MONITOR; EXEC; PING; MONITOR x; MULTI; MONITOR x; EXEC; MONITOR; MULTI; MONITOR; EXEC',
  'CLIENT REPLY OFF; MONITOR; PING; CLIENT REPLY ON; PING',
  'CLIENT REPLY SKIP; MONITOR; PING',
  'MONITOR; WATCH a; UNWATCH; DBSIZE; KEYS *; TIME x; COMMAND COUNT x; MONITOR',
])('a monitor sees of itself what it sees in redis-server: %s', async (script) => {
  const theirs = await transcript(servers.redis.port, script);
  expect(await transcript(servers.goredis.port, script)).toBe(theirs);
});

it('shows lines about a transaction of its own behind the reply of EXEC', async () => {
  expect(await transcript(servers.goredis.port, 'MONITOR; MULTI; PING; ECHO a; EXEC')).toBe(
    '+OK\r\n+OK\r\n+time [0 address] "MULTI"\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+PONG\r\n$1\r\na\r\n' +
      '+time [0 address] "PING"\r\n+time [0 address] "ECHO" "a"\r\n+time [0 address] "EXEC"\r\n' +
      '+OK\r\n',
  );
});

it('keeps the order of pipelines and monitors, and tells all monitors the same', async () => {
  const { port } = servers.goredis;
  const monitors = await Promise.all([connectRaw(port), connectRaw(port)]);
  for (const monitor of monitors) await monitor.command('MONITOR');
  const requests = Array.from({ length: 500 }, (_, n) =>
    n % 7 === 0
      ? ['SELECT', String(n % 3)]
      : n % 5 === 0
        ? ['GET', `k${n}`]
        : ['SET', `k${n}`, 'v'],
  );
  const client = await connectRaw(port);
  client.send(Buffer.concat([...requests, ['ECHO', END]].map(encodeRequest)));
  const [one, two] = await Promise.all(monitors.map(readToEnd));
  expect(two).toBe(one);
  let db = 0;
  const expected = requests.map((request) => {
    if (request[0] === 'SELECT') db = Number(request[1]);
    return `+time [${db} address] ${request.map((arg) => `"${arg}"`).join(' ')}\r\n`;
  });
  const told = masked(one!);
  expect(told.slice(0, told.lastIndexOf('+'))).toBe(expected.join(''));
  const times = [...one!.matchAll(/\+(\d+\.\d{6}) /g)].map(([, time]) => Number(time));
  expect([...times].sort((a, b) => a - b)).toEqual(times);
  expect(Math.abs(times[0]! - Date.now() / 1000)).toBeLessThan(60);
  expect(new Set(times.map((time) => time * 1000 - Math.floor(time * 1000))).size).toBeGreaterThan(
    1,
  );
  for (const connection of [...monitors, client]) connection.destroy();
});

it('of a Unix socket shows the path', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'goredis-monitor-'));
  const path = join(folder, 'socket');
  const redis = await startRedisServer(['--unixsocket', path]);
  const theirs = await lines({ path }, [['PING'], ['GET', 'a']]);
  await redis.stop();
  const goredis = await startGoredis({ unixSocket: path });
  const monitor = await connectRaw({ path });
  await monitor.command('MONITOR');
  const client = await connectRaw({ path });
  await client.command('PING');
  expect(String(await monitor.readReply())).toContain(` [0 unix:${path}] "PING"\r\n`);
  for (const connection of [monitor, client]) connection.destroy();
  expect(await lines({ path }, [['PING'], ['GET', 'a']])).toBe(theirs);
  await goredis.stop();
  rmSync(folder, { recursive: true });
});

it('is over with RESET, QUIT, CLIENT KILL and a lost connection', async () => {
  const { port, server } = servers.goredis;
  await until(() => !server.monitors.active);
  const client = await connectRaw(port);
  const flagsOf = async (id: string): Promise<string> => {
    const text = String(await client.command('CLIENT', 'LIST', 'ID', id));
    return /flags=(\S+)/.exec(text)?.[1] ?? 'gone';
  };
  const ends: ((monitor: RawClient, id: string) => unknown)[] = [
    (monitor) => monitor.send(encodeRequest(['RESET'])),
    (monitor) => monitor.send(encodeRequest(['QUIT'])),
    (_monitor, id) => client.command('CLIENT', 'KILL', 'ID', id),
    (monitor) => monitor.destroy(),
  ];
  const flags: string[] = [];
  for (const end of ends) {
    const monitor = await connectRaw(port);
    const id = String(await monitor.command('CLIENT', 'ID')).slice(1, -2);
    await monitor.command('MONITOR');
    expect(await flagsOf(id)).toBe('O');
    expect(String(await client.command('CLIENT', 'LIST', 'TYPE', 'normal'))).toContain(`id=${id} `);
    await end(monitor, id);
    await until(() => !server.monitors.active);
    flags.push(await flagsOf(id));
    monitor.destroy();
  }
  expect(flags[0]).toBe('N');
  // What a monitor wants of every call is taken back.
  expect(server.calls).toMatchObject({ slowUs: 10_000, maxRun: 16 });
  client.destroy();
});

it('is not paused, and does not lose its connection for idling', async () => {
  const { port } = servers.goredis;
  const monitor = await connectRaw(port);
  await monitor.command('MONITOR');
  const client = await connectRaw(port);
  await client.command('CLIENT', 'PAUSE', '100000', 'ALL');
  expect(String(await monitor.command('PING'))).toBe('+PONG\r\n');
  expect(masked(String(await monitor.readReply()))).toBe('+time [0 address] "PING"\r\n');
  await monitor.command('CLIENT', 'UNPAUSE');
  for (const connection of [monitor, client]) connection.destroy();
});

it('closes a monitor that does not read at the limit of normal clients', async () => {
  const goredis = await startGoredis();
  const { port, server } = goredis;
  const client = await connectRaw(port);
  await client.command('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 4mb 0 0');
  const monitor = await connectRaw(port);
  await monitor.command('MONITOR');
  monitor.stream.pause();
  const value = 'x'.repeat(1 << 20);
  for (let n = 0; server.monitors.active && n < 100; n++) await client.command('SET', 'k', value);
  expect(server.monitors.active).toBe(false);
  expect(String(await client.command('PING'))).toBe('+PONG\r\n');
  for (const connection of [monitor, client]) connection.destroy();
  await goredis.stop();
});

it('shows passwords to nobody', async () => {
  const goredis = await startGoredis({ requirepass: 'bacon' });
  const monitor = await connectRaw(goredis.port);
  await monitor.command('AUTH', 'bacon');
  await monitor.command('MONITOR');
  const client = await connectRaw(goredis.port);
  for (const request of split('AUTH bacon; AUTH default bacon; HELLO 3 AUTH default bacon; PING')) {
    await client.command(...request);
  }
  await client.command(...'HELLO 2 AUTH default bacon AUTH default bacon'.split(' '));
  await client.command(...'HELLO 2 SETNAME AUTH AUTH default bacon'.split(' '));
  await client.command('CONFIG', 'SET', 'requirepass', 'bacon');
  await client.command('ECHO', END);
  expect(await readToEnd(monitor)).not.toContain('bacon');
  for (const connection of [monitor, client]) connection.destroy();
  await goredis.stop();
});

it('tells a client of the library, between its replies', async () => {
  const server = createServer();
  const monitor = server.connect();
  const client = server.connect();
  expect(await monitor.send('MONITOR')).toBe('OK');
  await expect(monitor.send('MONITOR')).rejects.toThrow('this client monitors already');
  const set = client.send('SET', 'k', 'v');
  const replies = Promise.all([monitor.send('PING'), monitor.send('ECHO', 'a'), set]);
  expect(await replies).toEqual(['PONG', 'a', 'OK']);
  const told = monitor.takeMessages().map((line) => masked(String(line)));
  expect([...told].sort()).toEqual([
    'time [0 stream:0] "ECHO" "a"',
    'time [0 stream:0] "PING"',
    'time [0 stream:0] "SET" "k" "v"',
  ]);
  expect(await monitor.send('RESET')).toBe('RESET');
  await client.send('GET', 'k');
  expect(monitor.takeMessages()).toEqual([]);
  expect(await monitor.send('MONITOR')).toBe('OK');
  await server.close();
});
