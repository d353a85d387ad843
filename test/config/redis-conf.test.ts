import { createConfig, loadConfig, type Config } from '../../src/config';
import { findOption } from '../../src/config/options';
import { parseReply } from '../oracle/compare';
import { connectRaw } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { debianDirectives, redisDirectives } from './redis-conf';

/** The configuration of a file with these lines. */
function load(lines: readonly string[]): Config {
  const files = {
    read: () => `${lines.join('\n')}\n`,
    list: () => [],
    stdin: () => '',
    touch: () => undefined,
  };
  return loadConfig({ kind: 'run', file: '/redis.conf', stdin: false, directives: [] }, {}, files);
}

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

describe('the directives of Redis 7.0', () => {
  let theirs: Map<string, string>;
  beforeAll(async () => {
    const redis = await startRedisServer();
    const client = await connectRaw(redis.port);
    const reply = parseReply(await client.command('CONFIG', 'GET', '*'));
    client.destroy();
    await redis.stop();
    if (typeof reply === 'string') throw new Error(reply);
    const words = reply.items.map((item) => String(item).slice(1));
    theirs = new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]!]] : [])));
  });

  it('are those that redis-server tells', () => {
    expect([...theirs.keys()].sort()).toEqual([...redisDirectives].sort());
  });

  it('are all known', () => {
    const unknown = redisDirectives.filter((name) => findOption(name) === undefined);
    expect(unknown).toEqual([]);
  });

  it('are taken with the values of redis-server, and echoed', () => {
    const list = ['bind', 'save', 'client-output-buffer-limit', 'oom-score-adj-values'];
    const lines = [...theirs]
      .filter(([name, value]) => name + value !== 'save')
      .map(([name, value]) => {
        const words = list.includes(name) || name.endsWith('-percentiles');
        return `${name} ${words ? value : quoted(value)}`;
      });
    const config = load(lines);
    const ours = new Map(config.get(['*']));
    const differ = [...theirs].filter(([name, value]) => ours.get(name) !== value);
    expect(differ).toEqual([]);
  });

  it('can be changed while running where Redis lets them, with the same refusals', async () => {
    const values = ['yes', 'no', '-1', '7', '1mb', 'x', '', '50%', '1 2 3', '99.5 1', 'save now'];
    const inert = redisDirectives.filter((name) => findOption(name)?.inert === true);
    // What Redis checks beyond the type, has an effect on its process, or is refused on purpose.
    const apart =
      /^(min-replicas-to-write|min-slaves-to-write|tls-cluster|tls-replication|activedefrag|hz|dir|dbfilename|slaveof|replicaof)$|^(notify-|repl|slave-|cluster-announce|append|maxmemory|server_|bio_)/;
    const redis = await startRedisServer();
    const client = await connectRaw(redis.port);
    const differ: unknown[] = [];
    for (const name of inert.filter((name) => !apart.test(name))) {
      const config = createConfig();
      for (const value of values) {
        let ours = '+OK\r\n';
        try {
          config.set([[name, value]]);
        } catch (error) {
          ours = (error as { wire: string }).wire;
        }
        const reply = String(await client.command('CONFIG', 'SET', name, value));
        if (reply !== ours) differ.push([name, value, ours, reply]);
      }
    }
    client.destroy();
    await redis.stop();
    expect(differ).toEqual([]);
  });
});

describe("Debian's redis.conf", () => {
  it('is taken as it is, and what has no effect is told', () => {
    const config = load(debianDirectives);
    expect([config.bind, config.port, config.protectedMode, config.logFile]).toEqual([
      ['127.0.0.1', '-::1'],
      6379,
      true,
      '/var/log/redis/redis-server.log',
    ]);
    expect(config.get(['daemonize', 'dir', 'proc-title-template', 'no-appendfsync*'])).toEqual([
      ['daemonize', 'yes'],
      ['dir', '/var/lib/redis'],
      ['proc-title-template', '{title} {listen-addr} {server-mode}'],
      ['no-appendfsync-on-rewrite', 'no'],
    ]);
    expect(config.inertChanges()).toEqual(['daemonize', 'pidfile', 'dir']);
  });

  it.each([
    ['replicaof 10.0.0.1 6379', 'replicaof: goredis cannot be a replica'],
    ['slaveof 10.0.0.1 6379', 'replicaof: goredis cannot be a replica'],
    ['cluster-enabled yes', 'cluster-enabled: goredis has no cluster mode'],
    ['aclfile /etc/redis/users.acl', 'aclfile: goredis has no ACL file'],
    ['min-slaves-to-write 1', 'min-replicas-to-write: goredis has no replicas'],
    ['user default off', 'user: unknown option'],
    ['rename-command FLUSHALL ""', 'rename-command: unknown option'],
    ['loadmodule x.so', 'loadmodule: unknown option'],
  ])('with %j stops the start: it promises what is not kept', (line, reason) => {
    expect(() => load([line])).toThrow(`/redis.conf:1: ${reason}`);
  });
});
