import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../src/version';
import { debianDirectives } from '../config/redis-conf';
import { GoredisProcess, type Exit, type StartOptions } from '../support/goredis-process';
import { connectRaw, encodeRequest } from '../support/raw-client';

const started: GoredisProcess[] = [];

function start(args: readonly string[], options?: StartOptions): GoredisProcess {
  const goredis = new GoredisProcess(args, options);
  started.push(goredis);
  return goredis;
}

const run = (args: readonly string[], options?: StartOptions): Promise<Exit> =>
  start(args, options).exited;

/** How a start that fails ends. */
const failure = (line: string): Exit => ({
  code: 1,
  signal: null,
  stdout: '',
  stderr: `goredis: ${line}\n`,
});

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'goredis-process-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

afterEach(async () => {
  await Promise.all(started.splice(0).map((goredis) => goredis.kill('SIGKILL')));
});

describe('a start', () => {
  it('on port 0 takes a free port, says so, and serves', async () => {
    const goredis = start(['--port', '0']);
    const client = await connectRaw(await goredis.ready());
    expect((await client.command('PING')).toString()).toBe('+PONG\r\n');
    client.destroy();
    expect(goredis.stdout).toMatch(
      /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* goredis \S+ is starting\n.* \* Ready to accept connections on 127\.0\.0\.1:\d+( \[::1\]:\d+)?, store memory\n$/,
    );
    expect(goredis.stderr).toBe('');
  });

  it("takes Debian's redis.conf, and tells in one line what has no effect", async () => {
    const file = join(directory, 'redis.conf');
    writeFileSync(file, debianDirectives.join('\n'));
    const goredis = start([file, '--port', '0', '--logfile', '']);
    const client = await connectRaw(await goredis.ready());
    expect((await client.command('CONFIG', 'GET', 'daemonize')).toString()).toBe(
      '*2\r\n$9\r\ndaemonize\r\n$3\r\nyes\r\n',
    );
    client.destroy();
    expect(goredis.stdout).toContain(
      ' # These options have no effect in goredis: daemonize, pidfile, dir\n',
    );
  });

  it('after CONFIG REWRITE finds what CONFIG SET has changed, and the log tells of it', async () => {
    const file = join(directory, 'rewritten.conf');
    writeFileSync(file, '# kept\nport 0\ntimeout 5\n');
    for (const timeout of ['5', '7']) {
      const goredis = start([file]);
      const client = await connectRaw(await goredis.ready());
      expect((await client.command('CONFIG', 'GET', 'timeout')).toString()).toContain(timeout);
      expect((await client.command('INFO', 'server')).toString()).toContain(
        `\r\nconfig_file:${file}\r\n`,
      );
      client.send('CONFIG SET timeout 7\r\nCONFIG REWRITE\r\nSHUTDOWN\r\n');
      expect((await client.readToClose()).toString()).toBe('+OK\r\n+OK\r\n');
      await goredis.exited;
      expect(goredis.stdout).toContain(' # CONFIG REWRITE executed with success.\n');
      expect(readFileSync(file, 'utf8')).toMatch(/^# kept\nport 0\ntimeout 7\n/);
    }
  });

  it('takes options from file, standard input, environment and command line, and tells no secret', async () => {
    const file = join(directory, 'a.conf');
    const logfile = join(directory, 'log');
    writeFileSync(file, 'databases 5\nappendonly yes\n');
    const unix = join(directory, 'socket');
    const goredis = start(
      [file, '--bind', '', '--unixsocket', unix, '--logfile', logfile, '--loglevel', 'debug', '-'],
      { env: { REQUIREPASS: 'bacon' }, stdin: 'timeout 7\n' },
    );
    while (!(await canConnect(unix))) await new Promise((resolve) => setTimeout(resolve, 20));
    const client = await connectRaw({ path: unix });
    expect((await client.command('GET', 'x')).toString()).toBe(
      '-NOAUTH Authentication required.\r\n',
    );
    await client.command('AUTH', 'bacon');
    expect((await client.command('CONFIG', 'GET', 'databases', 'timeout')).toString()).toBe(
      '*4\r\n$9\r\ndatabases\r\n$1\r\n5\r\n$7\r\ntimeout\r\n$1\r\n7\r\n',
    );
    client.destroy();
    expect(await goredis.kill('SIGTERM')).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
    const log = readFileSync(logfile, 'utf8');
    expect(log).toContain('These options have no effect in goredis: appendonly\n');
    expect(log).toContain(`Ready to accept connections on ${unix}, store memory\n`);
    expect(log).toContain('Received SIGTERM, stopping\n');
    expect(log).not.toContain('bacon');
  });

  test.each([
    [['--port', 'bacon'], "command line: --port: argument couldn't be parsed into an integer"],
    [['--nope', '1'], 'command line: --nope: unknown option'],
    [['/none.conf'], "/none.conf: can't open config file '/none.conf': ENOENT"],
  ])('with %j fails in one line', async (args, line) => {
    expect(await run(args)).toEqual(failure(line));
  });

  it('with a bad variable or file fails in one line', async () => {
    const file = join(directory, 'bad.conf');
    writeFileSync(file, '# a comment\nrequirepass bacon cabbage\n');
    expect(await run([file])).toEqual(failure(`${file}:2: requirepass: wrong number of arguments`));
    expect(await run([], { env: { GOREDIS_TIMEOUT: 'x' } })).toEqual(
      failure("environment: GOREDIS_TIMEOUT: argument couldn't be parsed into an integer"),
    );
  });

  it('on a port in use fails in one line', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const exit = await run(['--port', String(port), '--loglevel', 'warning']);
    other.close();
    expect(exit).toEqual(failure(`Could not listen on 127.0.0.1:${port}: Address already in use`));
  });

  it('without any address fails in one line', async () => {
    expect(await run(['--bind', '', '--loglevel', 'warning'])).toEqual(
      failure('bind and unixsocket leave no address to listen on'),
    );
  });

  it('without the compiled server says what to do', async () => {
    mkdirSync(join(directory, 'bin'));
    const bin = join(directory, 'bin/goredis.js');
    copyFileSync(join(__dirname, '../../bin/goredis.js'), bin);
    writeFileSync(join(directory, 'package.json'), '{}');
    expect(await run([], { bin })).toEqual(
      failure('not compiled yet: run `npm ci` or `npm run build`'),
    );
  });

  it('with --version or --help prints and ends', async () => {
    const [long, short, help] = await Promise.all([run(['--version']), run(['-v']), run(['-h'])]);
    const text = `goredis v=${version} node=${process.version}\n`;
    expect(long).toEqual({ code: 0, signal: null, stdout: text, stderr: '' });
    expect(short).toEqual(long);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: goredis /);
  });
});

describe('an end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s sends answers whole, then is 0',
    async (signal) => {
      const goredis = start(['--port', '0']);
      const socket = connect(await goredis.ready(), '127.0.0.1');
      let received = 0;
      socket.on('data', (chunk) => (received += chunk.length));
      socket.write(encodeRequest(['SET', 'big', Buffer.alloc(8 << 20, 'x')]));
      socket.write('GET big\r\n');
      // The answer is on its way, more than the kernel's buffers hold.
      while (received < '+OK\r\n$8388608\r\n'.length + 1) await once(socket, 'data');
      socket.pause();
      goredis.child.kill(signal);
      await once(goredis.child.stdout!, 'data');
      socket.resume();
      await once(socket, 'end');
      expect(received).toBe('+OK\r\n$8388608\r\n\r\n'.length + (8 << 20));
      socket.end();
      const exit = await goredis.exited;
      expect(exit).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(exit.stdout).toMatch(
        new RegExp(`# Received ${signal}, stopping\\n.*bye bye\\.\\.\\.\\n$`),
      );
    },
  );

  describe('while a client does not take its replies', () => {
    let goredis: GoredisProcess;
    let socket: Socket;

    beforeEach(async () => {
      goredis = start(['--port', '0']);
      const port = await goredis.ready();
      socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      socket.write(encodeRequest(['SET', 'big', Buffer.alloc(8 << 20, 'x')]));
      socket.write('GET big\r\n'.repeat(8));
      const watcher = await connectRaw(port);
      while ((await watcher.command('EXISTS', 'big')).toString() !== ':1\r\n');
      watcher.destroy();
    });

    afterEach(() => socket.destroy());

    it('comes nevertheless, and is 0', async () => {
      expect(await goredis.kill('SIGTERM')).toMatchObject({ code: 0, signal: null, stderr: '' });
    });

    it('comes at once by a second signal, but not by one that comes with the first', async () => {
      goredis.child.kill('SIGTERM');
      await once(goredis.child.stdout!, 'data');
      goredis.child.kill('SIGINT');
      // Real time: the process has its own clock.
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(goredis.child.exitCode).toBeNull();
      const exit = await goredis.kill('SIGTERM');
      expect(exit).toMatchObject({ code: 1, stderr: '' });
      expect(exit.stdout).toMatch(/Received SIGTERM again, exiting at once\n$/);
    });
  });

  it('by a bug is logged with its stack, and is 1', async () => {
    const bug = join(directory, 'bug.js');
    writeFileSync(
      bug,
      `if (!require('node:worker_threads').isMainThread)
        setTimeout(() => { throw new Error('a bug'); }, 1);`,
    );
    const exit = await run(['--port', '0'], { env: { NODE_OPTIONS: `--require ${bug}` } });
    expect(exit).toMatchObject({ code: 1, signal: null, stderr: '' });
    expect(exit.stdout).toMatch(/ # Uncaught exception, exiting: Error: a bug\n {4}at /);
  });

  it('by SHUTDOWN is 0', async () => {
    const goredis = start(['--port', '0']);
    const client = await connectRaw(await goredis.ready());
    client.send('PING\r\nSHUTDOWN\r\n');
    expect((await client.readToClose()).toString()).toBe('+PONG\r\n');
    const exit = await goredis.exited;
    expect(exit).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(exit.stdout).toMatch(/# User requested shutdown\.\.\.\n.*bye bye\.\.\.\n$/);
  });

  it('by kill -9 frees the port', async () => {
    const goredis = start(['--port', '0']);
    const port = await goredis.ready();
    expect(await goredis.kill('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await start(['--port', String(port)]).ready()).toBe(port);
  });

  it('does not come when the reader of the log or the terminal goes', async () => {
    const goredis = start(['--port', '0', '--loglevel', 'debug']);
    const port = await goredis.ready();
    goredis.child.stdout?.destroy();
    goredis.child.stderr?.destroy();
    goredis.child.kill('SIGHUP');
    const client = await connectRaw(port);
    for (let i = 0; i < 3; i++) (await connectRaw(port)).destroy();
    expect((await client.command('PING')).toString()).toBe('+PONG\r\n');
    client.destroy();
    expect(await goredis.kill('SIGTERM')).toMatchObject({ code: 0 });
  });

  it('when --max-heap is less than a start needs is one line that repeats it', async () => {
    expect(await run(['--port', '0', '--max-heap', '1', '--loglevel', 'warning'])).toEqual(
      failure('out of memory: --max-heap 1 is full'),
    );
  });

  // Small values live in the heap, large ones beside it.
  test.each([100, 100_000])('when values of %i bytes fill the memory is one line', async (size) => {
    const goredis = start(['--port', '0', '--max-heap', '40mb']);
    const socket = connect(await goredis.ready(), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    const value = 'x'.repeat(size);
    const perWrite = Math.ceil(200_000 / size);
    for (let key = 0; !socket.destroyed;) {
      const requests: Buffer[] = [];
      for (let i = 0; i < perWrite; i++) requests.push(encodeRequest(['SET', `k${key++}`, value]));
      if (!socket.write(Buffer.concat(requests))) {
        await drainedOrClosed(socket);
      }
    }
    expect(await goredis.exited).toMatchObject({
      code: 1,
      signal: null,
      stderr: 'goredis: out of memory: --max-heap 40mb is full\n',
    });
  });
});

function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
    if (socket.destroyed) done();
  });
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
