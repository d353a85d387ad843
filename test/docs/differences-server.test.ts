/** What docs/differences.md says of the server, its configuration and its descriptions of itself. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import { allCommands } from '../../src/commands/registry';
import { createConfig, loadConfig } from '../../src/config';
import { directives } from '../../src/config/options';
import { assembleServer } from '../../src/assemble';
import { duplexPair } from '../support/duplex-pair';
import { connectRaw, RawClient } from '../support/raw-client';
import { readToEnd } from '../support/read-stream';
import { bothServers } from '../support/both-servers';
import { items, parseReply } from '../oracle/compare';

let theirs: RawClient;
let ours: RawClient;

const servers = bothServers();

beforeAll(async () => {
  theirs = await connectRaw(servers.redis.port);
  ours = await connectRaw(servers.goredis.port);
});
afterAll(() => {
  theirs.destroy();
  ours.destroy();
});

it('INFO has the sections of Redis, its fields as far as goredis can fill them, and a few of its own', async () => {
  const read = async (client: RawClient): Promise<{ sections: string[]; fields: string[] }> => {
    const text = String(await client.command('INFO', 'everything'));
    return {
      sections: [...text.matchAll(/^# (\w+)/gm)].map(([, name]) => name!),
      fields: [...text.matchAll(/^(\w+):/gm)]
        .map(([, name]) => name!)
        .filter((name) => !/^(cmdstat|errorstat|latency_percentiles)_/.test(name)),
    };
  };
  for (const client of [theirs, ours]) await client.command('SET', 'k', 'v');
  const [a, b] = [await read(theirs), await read(ours)];
  expect(b.sections).toEqual(a.sections);
  expect(b.fields.filter((field) => !a.fields.includes(field))).toEqual([
    'goredis_version',
    'node_version',
    'store',
    'node_heap_total',
    'node_heap_used',
    'node_external',
    'expiry_lag_p50_ms',
    'expiry_lag_p99_ms',
    'expiry_lag_last_ms',
    'store_commits',
    'store_conflicts',
    'store_commands_per_commit',
  ]);
});

it('COMMAND lists the commands that there are, by family', async () => {
  const names = allCommands.map(({ name }) => name);
  const listed = items(parseReply(await ours.command('COMMAND')));
  expect(listed.map((entry) => String(items(entry)[0]).slice(1)).sort()).toEqual([...names].sort());
  expect(String(await ours.command('COMMAND', 'COUNT'))).toBe(`:${names.length}\r\n`);
  expect(String(await theirs.command('COMMAND', 'COUNT'))).toBe(':240\r\n');
});

it('COMMAND DOCS has no tree of arguments', async () => {
  const docsOf = async (client: RawClient): Promise<string> =>
    String(await client.command('COMMAND', 'DOCS', 'GET'));
  expect(await docsOf(theirs)).toContain('$9\r\narguments\r\n');
  expect(await docsOf(ours)).not.toContain('arguments');
  expect(await docsOf(ours)).toContain('Get the value of a key');
});

it('a client that closes its side at once still gets the whole reply, from Redis only a part', async () => {
  const length = 16 << 20;
  const received: number[] = [];
  for (const [client, { port }] of [
    [theirs, servers.redis],
    [ours, servers.goredis],
  ] as const) {
    await client.command('SETRANGE', 'large', String(length - 1), 'x');
    const socket = connect(port, '127.0.0.1');
    socket.end('GET large\r\n');
    received.push((await readToEnd(socket)).length);
    await client.command('DEL', 'large');
  }
  const whole = `$${length}\r\n\r\n`.length + length;
  expect(received[0]).toBeLessThan(whole);
  expect(received[1]).toBe(whole);
});

it('CONFIG GET answers in the order of the documentation', () => {
  const names = createConfig()
    .get(['*'])
    .map(([name]) => name);
  expect(names).toEqual(directives);
  expect(names.slice(0, 4)).toEqual(['port', 'bind', 'unixsocket', 'unixsocketperm']);
});

it('the default addresses and save points are not those of Redis', () => {
  const config = createConfig();
  expect(config.get(['bind', 'save', 'port'])).toEqual([
    ['bind', '127.0.0.1 -::1'],
    ['save', ''],
    ['port', '6379'],
  ]);
});

describe('with a configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goredis-differences-'));
  const file = join(folder, 'goredis.conf');
  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (content: string): ReturnType<typeof loadConfig> => {
    writeFileSync(file, content);
    return loadConfig({ kind: 'run', file, stdin: false, directives: [] }, {});
  };

  it('CONFIG REWRITE writes no users, and keeps the line for bind', async () => {
    const server = assembleServer({ config: load('bind 127.0.0.1 -::1\ntimeout 5\n') });
    const [stream, far] = duplexPair();
    server.handle(far);
    const client = new RawClient(stream);
    expect(String(await client.command('CONFIG', 'SET', 'timeout', '7'))).toBe('+OK\r\n');
    expect(String(await client.command('CONFIG', 'REWRITE'))).toBe('+OK\r\n');
    const written = readFileSync(file, 'utf8');
    expect(written).toMatch(/^bind 127\.0\.0\.1 -::1\ntimeout 7\n/);
    expect(written).not.toContain('user');
    client.destroy();
    await server.close();
  });
});
