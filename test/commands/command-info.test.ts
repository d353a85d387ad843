/** COMMAND's replies against redis-server's, for every command that goredis has. */
import { commandCommand } from '../../src/commands/introspection';
import { allCommands, createRegistry } from '../../src/commands/registry';
import type { Context } from '../../src/engine/context';
import { replyBytes, resp2, resp3, type ReplyForm } from '../../src/protocol/reply';
import { items, parseReply, type Tree } from '../oracle/compare';
import { connectRaw, type RawClient } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';

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

const registry = createRegistry();

/** COMMAND's reply of goredis, without a server. */
function ask(form: ReplyForm, ...args: string[]): Buffer {
  const ctx = { form, server: { commands: registry } } as unknown as Context;
  return replyBytes(commandCommand.run(ctx, ['COMMAND', ...args]));
}

async function askRedis(form: ReplyForm, ...args: string[]): Promise<Buffer> {
  await client.command('HELLO', String(form.version));
  return client.command('COMMAND', ...args);
}

/** Commands and subcommands that Redis 7.0 lacks. */
const NEWER = new Set(['client|setinfo', 'client|no-touch', 'goredis.consistency']);

const plain = allCommands
  .filter(({ name, subcommands }) => !subcommands && !NEWER.has(name))
  .map(({ name }) => name);
const containers = allCommands.filter(({ subcommands }) => subcommands).map(({ name }) => name);
const subcommands = allCommands
  .flatMap(({ name, subcommands: subs = [] }) => subs.map((sub) => `${name}|${sub.name}`))
  .filter((name) => !NEWER.has(name));
const forms = [resp2, resp3];

/** A map's fields by name, whichever the protocol. */
function fields(tree: Tree): Map<string, Tree> {
  const list = items(tree);
  const entries: [string, Tree][] = [];
  for (let i = 0; i < list.length; i += 2) entries.push([String(list[i]), list[i + 1]!]);
  return new Map(entries);
}

describe.each(forms)('COMMAND INFO in RESP$version', (form) => {
  test.each([...plain, ...subcommands])('of %s has the bytes of Redis', async (name) => {
    const expected = await askRedis(form, 'INFO', name);
    expect(ask(form, 'INFO', name).toString()).toBe(expected.toString());
  });

  test.each(containers)(
    'of %s differs from Redis in the choice of subcommands only',
    async (name) => {
      const [expected] = items(parseReply(await askRedis(form, 'INFO', name)));
      const [actual] = items(parseReply(ask(form, 'INFO', name)));
      expect(items(actual!).slice(0, 9)).toEqual(items(expected!).slice(0, 9));
      const known = items(items(expected!)[9]!).map((sub) => JSON.stringify(sub));
      const ours = items(items(actual!)[9]!).filter(
        (sub) => !NEWER.has(String(items(sub)[0]).slice(1)),
      );
      expect(ours.length).toBeGreaterThan(0);
      for (const sub of ours) expect(known).toContain(JSON.stringify(sub));
    },
  );
});

describe.each(forms)('COMMAND DOCS in RESP$version', (form) => {
  /** Redis's answer without what goredis leaves out. */
  function trimmed(tree: Tree): Tree {
    const kept = [...fields(tree)].filter(
      ([name]) => name !== '$arguments' && name !== '$subcommands',
    );
    const head = typeof tree === 'string' ? '' : tree.head;
    return { head, items: kept.flatMap(([name, value]) => [name, value]) };
  }

  test.each([...plain, ...containers, ...subcommands])('of %s is that of Redis', async (name) => {
    const expected = fields(parseReply(await askRedis(form, 'DOCS', name)));
    const actual = fields(parseReply(ask(form, 'DOCS', name)));
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [key, value] of actual) {
      expect(trimmed(value)).toEqual(trimmed(expected.get(key)!));
    }
  });

  test.each(containers)('of %s holds the docs of its subcommands', (name) => {
    const docs = fields(parseReply(ask(form, 'DOCS', name))).get(`$${name}`)!;
    const nested = fields(fields(docs).get('$subcommands')!);
    for (const [sub, value] of nested) {
      expect(fields(parseReply(ask(form, 'DOCS', sub.slice(1)))).get(sub)).toEqual(value);
    }
    const { subcommands: all = [] } = registry.get(name)!;
    expect([...nested.keys()]).toEqual(all.map((sub) => `$${name}|${sub.name}`));
  });
});

describe('COMMAND', () => {
  const requests = [
    ['HELP'],
    ['INFO', 'nosuch', 'client|nosuch', 'client|id|x', 'GET', ''],
    ['DOCS', 'nosuch', 'client|nosuch'],
    ['LIST', 'FILTERBY', 'MODULE', 'nosuch'],
    ['LIST', 'FILTERBY', 'ACLCAT', 'nosuch'],
    ['LIST', 'FILTERBY', 'ACLCAT', '@string'],
    ['LIST', 'FILTERBY', 'PATTERN', 'client|[s]etNAME'],
    ['LIST', 'FILTERBY', 'PATTERN', 'nosuch*'],
    ['GETKEYS', 'GET', 'a'],
    ['GETKEYS', 'mset', 'a', '1', 'b', '2'],
    ['GETKEYS', 'mset', 'a', '1', 'b'],
    ['GETKEYS', 'object', 'FREQ', 'a'],
    ['GETKEYS', 'watch', 'a', 'b', 'a'],
    ['GETKEYSANDFLAGS', 'mset', 'a', '1', 'b', '2'],
    ['GETKEYSANDFLAGS', 'set', 'a', '1'],
    ['GETKEYSANDFLAGS', 'set', 'a', '1', 'gEt'],
    ['GETKEYSANDFLAGS', 'set', 'a', '1', 'ex', 'get'],
    ['GETKEYSANDFLAGS', 'set', 'get', 'get'],
    ['GETKEYSANDFLAGS', 'rename', 'a', 'b'],
    ['GETKEYSANDFLAGS', 'copy', 'a', 'b', 'REPLACE'],
    ['GETKEYSANDFLAGS', 'lcs', 'a', 'b'],
    ['GETKEYSANDFLAGS', 'object', 'encoding', 'a'],
  ];

  test.each(forms.flatMap((form) => requests.map((args) => [form.version, args] as const)))(
    'RESP%s %j answers as Redis does',
    async (version, args) => {
      const form = version === 2 ? resp2 : resp3;
      const expected = await askRedis(form, ...args);
      expect(ask(form, ...args).toString()).toBe(expected.toString());
    },
  );

  const refused = [
    ['LIST', 'x'],
    ['LIST', 'FILTERBY'],
    ['LIST', 'FILTERBY', 'MODULE'],
    ['LIST', 'FILTERBY', 'x', 'y'],
    ['LIST', 'FILTERBY', 'PATTERN', 'a', 'b'],
    ['GETKEYS', 'GET', 'a', 'b'],
    ['GETKEYS', 'nosuch', 'a'],
    ['GETKEYS', 'client', 'id'],
    ['GETKEYS', 'client', 'nosuch'],
    ['GETKEYS', 'ping', 'a'],
    ['GETKEYSANDFLAGS', 'client|id', 'a'],
    ['COUNT', 'x'],
    ['GETKEYS', 'x'],
    ['nosuch'],
  ];

  test.each(refused.map((args) => [args]))('refuses %j as Redis does', async (args) => {
    const expected = await client.command('COMMAND', ...args);
    expect(expected.toString()).toMatch(/^-/);
    const wire = `-ERR ${thrownBy(() => ask(resp2, ...args))}\r\n`;
    expect(wire).toBe(expected.toString());
  });

  function thrownBy(run: () => unknown): string {
    try {
      run();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('nothing was thrown');
  }

  it('lists every command that Redis has in an ACL category, and no other', async () => {
    const ours = new Set([...plain, ...containers, ...subcommands]);
    const filter = ['LIST', 'FILTERBY', 'ACLCAT'];
    const names = (reply: Buffer): string[] =>
      items(parseReply(reply)).map((item) => String(item).slice(1));
    for (const category of [
      'read',
      'write',
      'keyspace',
      'dangerous',
      'fast',
      'slow',
      'connection',
    ]) {
      const theirs = names(await client.command('COMMAND', ...filter, category));
      expect(
        names(ask(resp2, ...filter, category))
          .filter((name) => !NEWER.has(name))
          .sort(),
      ).toEqual(theirs.filter((name) => ours.has(name)).sort());
    }
  });

  it('without a subcommand is INFO of all commands', () => {
    const all = ask(resp2);
    expect(all).toEqual(ask(resp2, 'INFO', ...allCommands.map(({ name }) => name)));
    expect(all).toEqual(ask(resp2, 'INFO'));
    expect(ask(resp2, 'COUNT').toString()).toBe(`:${allCommands.length}\r\n`);
  });
});
