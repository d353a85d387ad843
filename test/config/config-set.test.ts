import { cacheOptions } from '../../src/config/cache-options';
import { createConfig, type Config, type Pair } from '../../src/config';
import { allOptions, directives } from '../../src/config/options';
import { ReplyError } from '../../src/errors';
import { connectRaw, type RawClient } from '../support/raw-client';
import { startRedisServer, type RedisServer } from '../support/redis-server';

/** What CONFIG SET answers, as bytes. */
function setReply(config: Config, pairs: readonly Pair[]): string {
  try {
    config.set(pairs);
    return '+OK\r\n';
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    return error.wire;
  }
}

function getReply(config: Config, names: readonly string[]): string {
  const words = config.get(names).flat();
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** The words of an array of bulk strings without line breaks. */
function words(reply: string): string[] {
  return reply.split('\r\n').filter((_, line) => line > 0 && line % 2 === 0);
}

describe('CONFIG SET and GET beside redis-server', () => {
  let redis: RedisServer;
  let client: RawClient;
  /** Names and values, in turn. */
  let redisDefaults: string[];

  beforeAll(async () => {
    redis = await startRedisServer();
    client = await connectRaw(redis.port);
    redisDefaults = words(await send('CONFIG', 'GET', '*'));
  });

  afterAll(async () => {
    client.destroy();
    await redis.stop();
  });

  const send = async (...words: string[]): Promise<string> =>
    (await client.command(...words)).toString('latin1');

  const values: Record<string, readonly string[]> = {
    timeout: [
      '0',
      '10',
      '-1',
      '2147483647',
      '2147483648',
      '1.5',
      '',
      'abc',
      '+1',
      '01',
      ' 1',
      '1s',
    ],
    'tcp-keepalive': ['0', '60', '-1', 'x'],
    'proc-title-template': [
      ...['{title} {listen-addr} {server-mode}', 'x', '', ' ', '{title}', '{server-mode} {title}'],
      ...['{port}{tls-port}{unixsocket}{config-file}', '{listen-addr}', '{foo}', '{TITLE}', '{}'],
      ...['{title', '{', 'x{', 'title}', '}}', '{{', '{{{title}', '{{title}}', '{ port }', 'x\0{'],
      ...[
        '{port\0}',
        '\0',
        '{title}\n',
        '{a{port}',
        '{port}}',
        '{titlex',
        '{{{',
        '{{{{',
        'a{{{x}',
        '\xff',
      ],
    ],
    masteruser: ['a\0b', '\0', 'x'],
    masterauth: ['a\0b', '\0', 'x'],
    'tls-ciphers': ['a\0b'],
    'ignore-warnings': ['a\0b'],
    hz: ['1', '0', '500', '501', '2147483647', '2147483648', '-1', 'x', '10'],
    maxclients: ['1', '0', '-1', '4294967296', '99999999999999999999', 'x'],
    'proto-max-bulk-len': [
      ...['1mb', '1048576', '1048575', '1m', '2m', '1gb', '1G', '5Gb', '1kb', '1xb', '-1', '1 mb'],
      ...['9223372036854775807', '9223372036854775808', '18446744073709551616', '1.5gb', '600mb '],
    ],
    'client-query-buffer-limit': ['1mb', '1', '9223372036854775807', '9223372036854775808', '10%'],
    maxmemory: [
      '100mb',
      '',
      'kb',
      'B',
      '0',
      '18446744073709551615',
      '99999999999999999999',
      '0x10',
    ],
    'client-output-buffer-limit': [
      ...['normal 1 2 3', 'slave 1mb 1k 4 NORMAL 3 4 5', 'replica 5 6 7', '', 'normal 1 2'],
      ...['master 1 2 3', 'foo 1 2 3', 'normal x 2 3', 'normal 1 x 3', 'normal 1 2 x'],
      ...['normal 1 2 -3', 'pubsub 32mb 8mb 60', 'normal  1 2 3', 'pubsub 1 2 +5', 'pubsub 1 2 '],
      ...['pubsub 1 2 4294967297', 'normal 0 0 0 bad 1 2 3'],
    ],
    loglevel: ['debug', 'VERBOSE', 'loud', '', 'notice'],
    requirepass: [''],
    appendfsync: ['always', 'sometimes', 'everysec'],
    activerehashing: ['no', 'YES', '1', 'true', ''],
    'hash-max-ziplist-entries': ['3', '-1', '9223372036854775807', 'x'],
    'hash-max-listpack-value': ['64', '1kb', 'x', '-1'],
    'list-max-listpack-size': ['-5', '-2147483648', '-2147483649', '128'],
    'active-expire-effort': ['1', '10', '11', '0'],
    'maxmemory-policy': ['allkeys-lru', 'Allkeys-LRU', 'lru', 'noeviction'],
    save: ['1 2', '1 2 3 4', '1', '0 1', '1 0', 'a b', '1 -1', '', '1 2 3'],
    databases: ['3', 'x'],
    'tcp-backlog': ['5'],
    unixsocket: ['/x'],
    unixsocketperm: ['700'],
    'protected-mode': ['no', 'x', 'YES'],
    logfile: ['/x'],
    'key-load-delay': ['5', '-2147483648', '-2147483649', 'x'],
    'rdb-key-save-delay': ['-1', '2147483648'],
    'loading-process-events-interval-bytes': ['1024', '1023', '2147483648'],
    'use-exit-on-panic': ['yes', 'x', 'no'],
    'watchdog-period': ['0', '-1'],
    nope: ['1'],
    'nop*': ['1'],
  };

  test.each(Object.entries(values))('%s', async (name, list) => {
    const config = createConfig();
    for (const value of list) {
      const ours = [setReply(config, [[name, value]]), getReply(config, [name])];
      const theirs = [await send('CONFIG', 'SET', name, value), await send('CONFIG', 'GET', name)];
      if (name !== 'unixsocket' && name !== 'logfile')
        expect([value, ours]).toEqual([value, theirs]);
      else expect(ours[0]).toBe(theirs[0]);
    }
  });

  test.each<Pair[][]>([
    [
      [
        ['timeout', '5'],
        ['loglevel', 'zz'],
      ],
    ],
    [
      [
        ['timeout', 'zz'],
        ['loglevel', 'zz'],
      ],
    ],
    [
      [
        ['timeout', '1'],
        ['timeout', '2'],
      ],
    ],
    [
      [
        ['timeout', '1'],
        ['TIMEOUT', '2'],
      ],
    ],
    [[['TimeOut', 'abc']]],
    [
      [
        ['timeout', 'abc'],
        ['tcp-backlog', '5'],
      ],
    ],
    [
      [
        ['nope', '1'],
        ['tcp-backlog', '5'],
      ],
    ],
    [
      [
        ['tcp-backlog', '5'],
        ['nope', '1'],
      ],
    ],
    [
      [
        ['timeout', '7'],
        ['tcp-keepalive', '8'],
        ['loglevel', 'debug'],
      ],
    ],
    [
      [
        ['hash-max-ziplist-entries', '3'],
        ['hash-max-listpack-entries', '4'],
      ],
    ],
  ])('several at once: %j', async (pairs) => {
    const config = createConfig();
    const names = ['timeout', 'tcp-keepalive', 'loglevel', 'hash-max-listpack-entries'];
    await send('CONFIG', 'SET', 'timeout', '0', 'tcp-keepalive', '300', 'loglevel', 'notice');
    await send('CONFIG', 'SET', 'hash-max-listpack-entries', '512');
    expect(setReply(config, pairs)).toBe(await send('CONFIG', 'SET', ...pairs.flat()));
    for (const name of names) {
      expect(getReply(config, [name])).toBe(await send('CONFIG', 'GET', name));
    }
  });

  // Redis's order is that of a hash table with a random seed.
  test.each([
    [['hash-max-*']],
    [['HASH-max-z*', 'hash-max-ziplist-e*']],
    [['timeout', 'TIMEOUT', 'timeout', 'Time*']],
    [['nothing', 'no*thing', 'tcp-k[e]epalive', 't?meout']],
    [['']],
    [['key-load-delay', 'Watchdog-Period', '*-delay', '*watchdog*']],
    [['rdb-*', 'loading*', '*panic']],
  ])('CONFIG GET %j finds the same names', async (patterns) => {
    const theirs = words(await send('CONFIG', 'GET', ...patterns));
    const names = createConfig()
      .get(patterns)
      .map(([name]) => name);
    expect([...names].sort()).toEqual(theirs.filter((_, at) => at % 2 === 0).sort());
  });

  it('has the defaults of redis-server, but for addresses and what keeps data', () => {
    const own = ['store', 'startup-timeout', 'max-heap', 'metrics-port', 'metrics-bind'].concat([
      'bind',
      'port',
      'save',
      'dir',
    ]);
    const names = directives.filter(
      (name) => !own.includes(name) && !(name in cacheDirectives) && !name.startsWith('dynamodb-'),
    );
    const ours = createConfig().get(names);
    const theirs = ours.map(([name]) => [name, redisDefaults[redisDefaults.indexOf(name) + 1]]);
    expect(ours).toEqual(theirs);
  });
});

const cacheDirectives = Object.fromEntries(
  Object.values(cacheOptions).map(({ directive }) => [directive, true]),
);

describe('a running configuration', () => {
  it('has typed fields that CONFIG SET changes', () => {
    const config = createConfig({ port: 0, bind: ['::1'], password: 'bacon' });
    expect([config.port, config.bind, config.password, config.maxBulkBytes]).toEqual([
      0,
      ['::1'],
      'bacon',
      512 << 20,
    ]);
    config.set([
      ['proto-max-bulk-len', '1mb'],
      ['client-output-buffer-limit', 'pubsub 1kb 2 3'],
    ]);
    expect(config.maxBulkBytes).toBe(1 << 20);
    expect(config.outputLimits.pubsub).toEqual({ hardBytes: 1024, softBytes: 2, softSeconds: 3 });
    expect(config.outputLimits.normal).toEqual({ hardBytes: 0, softBytes: 0, softSeconds: 0 });
  });

  it('tells who listens about a change, once, and not about the same value again', () => {
    const config = createConfig();
    const heard: number[] = [];
    config.onChange('timeoutSeconds', (seconds) => heard.push(seconds));
    config.set([['timeout', '5']]);
    config.set([['timeout', '5']]);
    config.set([['timeout', '6']]);
    expect(heard).toEqual([5, 6]);
  });

  it('undoes everything when a change is refused, and tells those who had taken it over', () => {
    const config = createConfig();
    const heard: (number | string)[] = [];
    config.onChange('timeoutSeconds', (seconds) => heard.push(seconds));
    config.onChange('maxClients', (clients) => {
      if (clients > 100_000) throw new Error('too many');
      heard.push(`clients ${clients}`);
    });
    const pairs: Pair[] = [
      ['timeout', '5'],
      ['maxclients', '200000'],
    ];
    expect(setReply(config, pairs)).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'maxclients') - too many\r\n",
    );
    expect(heard).toEqual([5, 0, 'clients 10000']);
    expect([config.timeoutSeconds, config.maxClients]).toEqual([0, 10000]);
    expect(config.get(['timeout', 'maxclients'])).toEqual([
      ['timeout', '0'],
      ['maxclients', '10000'],
    ]);
  });

  it('takes an option of goredis that only the start sets for the value that it has', () => {
    const config = createConfig();
    for (const [name, value, other] of [
      ['store', 'memory', 'x'],
      ['metrics-port', '0', '1'],
      ['metrics-bind', '127.0.0.1', '::1'],
      ['max-heap', '0', '1gb'],
    ] as const) {
      expect(setReply(config, [[name, value]])).toBe('+OK\r\n');
      expect(setReply(config, [[name, other]])).toBe(
        `-ERR CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config\r\n`,
      );
    }
  });

  it('keeps a password of any bytes', () => {
    const config = createConfig();
    config.set([['requirepass', '\0\xff "']]);
    expect(config.password).toBe('\0\xff "');
    expect(config.get(['requirepass'])).toEqual([['requirepass', '\0\xff "']]);
  });

  it('names no option twice', () => {
    expect(new Set(directives).size).toBe(directives.length);
    expect(new Set(allOptions.map((row) => row.env)).size).toBe(allOptions.length);
  });
});
