import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  configFromChanges,
  loadConfig,
  readCommandLine,
  systemFiles,
  type Config,
  type ConfigFiles,
} from '../../src/config';
import { connectRaw } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';

/** Files in memory, by path. */
function filesOf(contents: Record<string, string>, stdin = ''): ConfigFiles {
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  return {
    read: (path) => contents[path] ?? refuse('ENOENT'),
    list: (directory) =>
      Object.keys(contents)
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1))
        .filter((name) => !name.includes('/')),
    stdin: () => stdin,
    touch: (path) => (path.startsWith('/log/') ? undefined : refuse('EACCES')),
  };
}

function load(
  argv: readonly string[],
  env: Record<string, string> = {},
  files: ConfigFiles = filesOf({}),
): Config {
  const line = readCommandLine(argv);
  if (line.kind !== 'run') throw new Error(`not a start: ${line.kind}`);
  return loadConfig(line, env, files);
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('the command line', () => {
  it('takes several values for one directive', () => {
    const config = load(
      '--client-output-buffer-limit pubsub 32mb 8k 60 --bind 127.0.0.1 ::1 --port 7000'.split(' '),
    );
    expect(config.outputLimits.pubsub).toEqual({
      hardBytes: 32 << 20,
      softBytes: 8000,
      softSeconds: 60,
    });
    expect([config.bind, config.port]).toEqual([['127.0.0.1', '::1'], 7000]);
  });

  it('takes a name and its values in one argument, names in any case, and empty values', () => {
    const config = load(['--PORT 7000', '--bind', '127.0.0.1 ::1', '--requirepass', '']);
    expect([config.port, config.bind, config.password]).toEqual([7000, ['127.0.0.1', '::1'], '']);
  });

  it('takes what follows a name as its value, whatever it looks like', () => {
    expect(load(['--requirepass', '--port']).password).toBe('--port');
    expect(load(['--requirepass', '--help']).password).toBe('--help');
    expect(load(['--requirepass', '-v']).password).toBe('-v');
    expect(load(['--requirepass', '-', '--port', '1']).password).toBe('-');
  });

  it('takes --save without a value for an empty one', () => {
    expect(load(['--save', '--port', '7']).port).toBe(7);
    expect(load(['--port', '7', '--save']).port).toBe(7);
  });

  it('knows a password as bytes', () => {
    expect(load(['--requirepass', 'é']).password).toBe('\xc3\xa9');
  });

  it('lets the last of two win', () => {
    expect(load(['--port', '1', '--port', '2']).port).toBe(2);
  });

  test.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--port', '1', '--help'], 'help'],
    [['--version'], 'version'],
    [['-v'], 'version'],
    [[], 'run'],
  ])('%j means %s', (argv, kind) => {
    expect(readCommandLine(argv).kind).toBe(kind);
  });
});

describe('precedence', () => {
  const files = filesOf(
    { '/a.conf': 'port 2\ntimeout 2\ndatabases 2\nmaxclients 2\n' },
    'timeout 3\n',
  );

  it('is defaults, file, standard input, environment, command line', () => {
    const env = { GOREDIS_DATABASES: '4', GOREDIS_MAXCLIENTS: '4', HOME: '/', REQUIREPASS: 'env' };
    const config = load(['/a.conf', '--maxclients', '5', '-'], env, files);
    expect({ ...config }).toMatchObject({
      tcpBacklog: 511,
      port: 2,
      timeoutSeconds: 3,
      databases: 4,
      maxClients: 5,
      password: 'env',
    });
  });

  it('is the same with standard input alone', () => {
    expect(load(['-', '--port', '9'], {}, files).timeoutSeconds).toBe(3);
  });

  it('reads lists from the environment', () => {
    expect(load([], { GOREDIS_BIND: '* -::*' }).bind).toEqual(['*', '-::*']);
  });
});

describe('a file', () => {
  it('may include others, relative to the working directory, and by pattern in order', () => {
    const files = filesOf({
      'main.conf': 'include conf.d/*.conf\ninclude none/*.conf\ninclude "last file"\n',
      'conf.d/b.conf': 'port 2',
      'conf.d/a.conf': 'port 1\ntimeout 1',
      'conf.d/.hidden.conf': 'port 9',
      'conf.d/c.txt': 'port 8',
      'last file': 'databases 3',
    });
    const config = load(['main.conf'], {}, files);
    expect([config.port, config.timeoutSeconds, config.databases]).toEqual([2, 1, 3]);
  });

  it('means what it means to redis-server', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'goredis-config-'));
    const file = join(directory, 'a.conf');
    mkdirSync(join(directory, 'd'));
    writeFileSync(join(directory, 'd/x.conf'), 'hash-max-ziplist-entries 7\ntcp-keepalive 11');
    const lines = [
      '# comment',
      '   # another',
      '',
      ' \t timeout   5 \r',
      'TCP-KeepAlive "10"',
      "requirepass 'a\\'b'",
      'requirepass "x\\x41\\n\\"\\t\\q"',
      `include ${directory}/d/*.conf`,
      'loglevel VERBOSE',
      'maxmemory 1Gb',
      'client-output-buffer-limit pubsub 1 2 3',
      'client-output-buffer-limit "normal 4 5 6"',
      'save ""',
      'proto-max-bulk-len 2m',
    ];
    writeFileSync(file, lines.join('\n'));
    const redis = await startRedisServer(['--include', file]);
    const client = await connectRaw(redis.port);
    try {
      const config = load(['--include', file], {}, systemFiles);
      await client.command('AUTH', config.password);
      for (const name of [
        ...['timeout', 'tcp-keepalive', 'requirepass', 'hash-max-listpack-entries', 'loglevel'],
        ...['maxmemory', 'client-output-buffer-limit', 'save', 'proto-max-bulk-len'],
      ]) {
        const [[, value] = ['', '']] = config.get([name]);
        const theirs = (await client.command('CONFIG', 'GET', name)).toString('latin1');
        expect(theirs).toBe(`*2\r\n$${name.length}\r\n${name}\r\n$${value.length}\r\n${value}\r\n`);
      }
    } finally {
      client.destroy();
      await redis.stop();
      rmSync(directory, { recursive: true });
    }
  });
});

describe('what stops the start, in one line without values', () => {
  const conf = (text: string, others: Record<string, string> = {}): string =>
    errorOf(() => load(['/a.conf'], {}, filesOf({ '/a.conf': text, ...others })));

  test.each([
    ['\nport bacon', "/a.conf:2: port: argument couldn't be parsed into an integer"],
    ['port 65536', '/a.conf:1: port: argument must be between 0 and 65535 inclusive'],
    [
      'max-staleness 8001',
      '/a.conf:1: max-staleness: argument must be between 100 and 8000 inclusive',
    ],
    ['port 1 2', '/a.conf:1: port: wrong number of arguments'],
    ['PORT', '/a.conf:1: port: wrong number of arguments'],
    ['# x\n\nprot 1', '/a.conf:3: prot: unknown option'],
    ['requirepass=bacon', '/a.conf:1: requirepass: unknown option'],
    ['requirepass "bacon', '/a.conf:1: requirepass: unbalanced quotes'],
    ['requirepass "ba"con', '/a.conf:1: requirepass: unbalanced quotes'],
    ['"" bacon', '/a.conf:1: : unknown option'],
    ['bind "a \'b"', '/a.conf:1: bind: unbalanced quotes'],
    ['max-heap lots', '/a.conf:1: max-heap: argument must be a memory value'],
    [
      'store paper',
      '/a.conf:1: store: argument(s) must be one of the following: memory, dynamodb, cached',
    ],
    ['appendonly maybe', "/a.conf:1: appendonly: argument must be 'yes' or 'no'"],
    [
      'bind 1 2 3 4 5 6 7 8 9 a b c d e f g h',
      '/a.conf:1: bind: Too many bind addresses specified.',
    ],
    ['include', '/a.conf:1: include: wrong number of arguments'],
    ['include /b.conf', "/a.conf:1: include: can't open config file '/b.conf': ENOENT"],
    ['include /a.conf', '/a.conf:1: include: /a.conf includes itself'],
  ])('%j', (text, message) => {
    expect(conf(text)).toBe(message);
  });

  it('names the included file and its line', () => {
    expect(conf('include /b.conf', { '/b.conf': 'port 1\nport x' })).toBe(
      "/b.conf:2: port: argument couldn't be parsed into an integer",
    );
    expect(conf('include /b.conf', { '/b.conf': 'include /a.conf' })).toBe(
      '/b.conf:1: include: /a.conf includes itself',
    );
  });

  it('names standard input and its line', () => {
    expect(errorOf(() => load(['-'], {}, filesOf({}, 'port 1\nport')))).toBe(
      'stdin:2: port: wrong number of arguments',
    );
  });

  test.each<[Record<string, string>, string]>([
    [
      { GOREDIS_PORT: 'tcp://10.0.0.1:6379' },
      "GOREDIS_PORT: argument couldn't be parsed into an integer",
    ],
    [{ GOREDIS_PROT: '1' }, 'GOREDIS_PROT: unknown option'],
    [{ GOREDIS_REQUIREPASS: 'bacon' }, 'GOREDIS_REQUIREPASS: unknown option'],
    [{ GOREDIS_BIND: '"a' }, 'GOREDIS_BIND: unbalanced quotes'],
  ])('environment %j', (env, message) => {
    expect(errorOf(() => load([], env))).toBe(`environment: ${message}`);
  });

  test.each([
    [['--port', 'bacon'], "--port: argument couldn't be parsed into an integer"],
    [['--port'], '--port: wrong number of arguments'],
    [['--port', '--requirepass', 'bacon'], '--port: wrong number of arguments'],
    [['--prot', '1'], '--prot: unknown option'],
    [['--requirepass=bacon'], '--requirepass: unknown option'],
    [['--', 'bacon'], '--bacon: unknown option'],
    [['--', '--port', '1'], '----port: unknown option'],
    [['--port "1'], 'unbalanced quotes'],
    [['-p', '7000'], '-p: an option begins with --'],
    [['-abacon'], '-a: an option begins with --'],
    [['/b.conf', 'bacon'], 'argument 2: an option begins with --'],
    [['-', 'bacon'], 'argument 2: an option begins with --'],
    [['--port', '1', '/a.conf'], '--port: wrong number of arguments'],
    [['--include', '/b.conf'], "--include: can't open config file '/b.conf': ENOENT"],
    [['--unixsocket', 'a', 'b\nc'], '--unixsocket: wrong number of arguments'],
  ])('command line %j', (argv, message) => {
    expect(errorOf(() => load(argv))).toBe(`command line: ${message}`);
  });

  it('is a file that is not there, shown in one line', () => {
    expect(errorOf(() => load(['/no\nfile']))).toBe(
      "/no?file: can't open config file '/no?file': ENOENT",
    );
  });

  it('is a socket path that the system would cut', () => {
    expect(conf(`port 1\nunixsocket /${'s'.repeat(107)}`)).toMatch(
      /^\/a\.conf:2: unixsocket: a socket's path has at most 10[37] bytes$/,
    );
    expect(load(['--unixsocket', `/${'s'.repeat(102)}`]).unixSocket).toHaveLength(103);
  });

  it('is a log file that cannot be written', () => {
    expect(errorOf(() => load(['--logfile', '/root.log']))).toBe(
      "command line: --logfile: can't open '/root.log': EACCES",
    );
    expect(conf('port 1\nlogfile /root.log')).toBe(
      "/a.conf:2: logfile: can't open '/root.log': EACCES",
    );
    expect(errorOf(() => load([], { GOREDIS_LOGFILE: '/root.log' }))).toBe(
      "environment: GOREDIS_LOGFILE: can't open '/root.log': EACCES",
    );
    expect(load(['--logfile', '/log/a']).logFile).toBe('/log/a');
  });
});

it('takes what stands behind a bare -- for a directive, and it alone for nothing, as Redis does', () => {
  expect(load(['--']).port).toBe(6379);
  expect(load(['--port', '1', '--', 'timeout', '7', '--']).get(['port', 'timeout'])).toEqual([
    ['port', '1'],
    ['timeout', '7'],
  ]);
});

it('of the image lets Docker in, which comes from a network of its own', () => {
  const dockerfile = readFileSync(join(__dirname, '../../Dockerfile'), 'utf8');
  const env = [...dockerfile.matchAll(/(GOREDIS_\w+)=(?:"(.*?)"|(\S+))/g)];
  const { bind, protectedMode, password } = load(
    [],
    Object.fromEntries(env.map(([, name, quoted, bare]) => [name!, (quoted ?? bare)!])),
  );
  expect([bind, protectedMode, password]).toEqual([['*', '-::*'], false, '']);
});

it('goes to another thread and comes back whole', () => {
  const argv = ['--bind', '::1', '--requirepass', 'a  "b', '--save', '', '--unixsocket', '/tmp/ü'];
  const config = load([...argv, '--client-output-buffer-limit', 'replica 1 2 3']);
  const copy = configFromChanges(structuredClone(config.changes()));
  expect(copy.get(['*'])).toEqual(config.get(['*']));
  expect([copy.unixSocket, copy.password, copy.bind]).toEqual(['/tmp/ü', 'a  "b', ['::1']]);
});

it('tells which options were set in vain', () => {
  const config = load(['--appendonly', 'yes', '--hz', '10', '--port', '1', '--dynamic-hz', 'no']);
  expect(config.inertChanges()).toEqual(['appendonly', 'dynamic-hz']);
});
